import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openSqliteStore } from '../../adapters/sqlite/store.ts';
import { dateAndTime } from '../../cli/moment.ts';
import { healthInState, operation } from '../support/situation.ts';
import { createPlace, unreachableConfig } from './command.ts';

const place = createPlace();
const minuteMs = 60_000;
const nowMs = Date.now();
const failedAtMs = nowMs - 10 * minuteMs;

/** A past with a failover ten minutes ago, and nothing since: nobody watches any more. */
beforeAll(async () => {
  place.write('warren.yaml', unreachableConfig());
  const store = openSqliteStore(place.path('warren.db'));
  const common = { pair: 'demo', vantage: 'local' };
  const transition = { ...common, site: 'beijing', atMs: failedAtMs, from: 'up' as const, to: 'down' as const };
  await store.recordTransition({ ...transition, sentence: 'beijing is down: all 3 nodes refuse connections.' });
  const base = { severity: 'critical' as const, from: 'beijing', to: 'shanghai' };
  const guards = [
    { guard: 'quorum' as const, verdict: 'pass' as const, sentence: 'Enough vantages say so.' },
    { guard: 'cooldown' as const, verdict: 'unknown' as const, sentence: 'Nobody knows.' },
  ];
  const well = { ...base, outcome: 'hold' as const, reason: 'all-well', sentence: 'Both sides are up.', guards: [] };
  await store.recordDecision({ ...common, atMs: failedAtMs - minuteMs, decision: well, health: [], fences: [] });
  const move = { ...base, outcome: 'failover' as const, reason: 'active-down', sentence: 'Traffic moves.', guards };
  const health = [healthInState('beijing', 'down'), healthInState('shanghai', 'up')];
  await store.recordDecision({ ...common, atMs: failedAtMs + 1, decision: move, health, fences: [] });
  const finished = operation('finished');
  const timeline = { ...finished.timeline, claimedAtMs: failedAtMs + 2, endedAtMs: failedAtMs + 900 };
  await store.saveOperation({ ...finished, timeline, outcome: 'traffic is on shanghai' });
  const stopped = {
    ...base,
    outcome: 'blocked' as const,
    reason: 'blocked-cooldown',
    sentence: 'Cooling down.',
    guards,
  };
  await store.recordDecision({ ...common, atMs: failedAtMs - 2 * minuteMs, decision: stopped, health, fences: [] });
  const times = { ...finished.timeline, claimedAtMs: failedAtMs - 9 * minuteMs, endedAtMs: failedAtMs - 9 * minuteMs };
  await store.saveOperation({
    ...finished,
    id: 'demo-1',
    phase: 'aborted',
    timeline: times,
    outcome: 'Failover 1 was aborted.',
  });
  await store.recordAct({
    id: 'act-1',
    pair: 'demo',
    atMs: failedAtMs - minuteMs,
    who: 'alice',
    via: 'cli',
    from: 'host',
    verb: 'switchover',
    reason: 'planned work',
    details: {},
    outcome: 'refused',
    sentence: 'Traffic is on beijing already.',
    answer: null,
    fingerprint: '',
  });
  await store.close();
});
afterAll(() => place.remove());

/** In place of all there were: one a minute until now, each that both sides are up. In one statement, because it is many. */
function writeDecisions(file: string, count: number): void {
  const database = new DatabaseSync(file);
  database.exec(`
    delete from decisions;
    with recursive numbers (n) as (select 0 union all select n + 1 from numbers where n + 1 < ${count})
    insert into decisions (pair, vantage, from_ms, to_ms, count, outcome, reason, document)
    select 'demo', 'local', ${nowMs} - n * ${minuteMs}, ${nowMs} - n * ${minuteMs}, 1, 'hold', 'all-well',
      '{"decision": {"outcome": "hold", "reason": "all-well", "sentence": "Both sides are up."}}'
    from numbers`);
  database.close();
}

/** So many of each other thing that is kept, one a minute until now. */
function writeOthers(file: string, count: number): void {
  const database = new DatabaseSync(file);
  const atMs = `${nowMs} - n * ${minuteMs}`;
  const write = (table: string, columns: string, values: string, document: object, times: string[]) =>
    database
      .prepare(
        `with recursive numbers (n) as (select 0 union all select n + 1 from numbers where n + 1 < ${count})
        insert into ${table} (${columns}, document)
        select ${values}, ${atMs}, json_set(?, ${times.map((path) => `'${path}', ${atMs}`).join()}) from numbers`,
      )
      .run(JSON.stringify(document));
  write('transitions', 'pair, at_ms', "'demo'", { sentence: 'beijing is down.' }, ['$.atMs']);
  const act = { pair: 'demo', who: 'alice', verb: 'pause', reason: 'new disks', outcome: 'done', sentence: 'Paused.' };
  write('acts', 'id, pair, at_ms', "'act-' || n, 'demo'", act, ['$.atMs']);
  const times = ['$.timeline.claimedAtMs', '$.timeline.endedAtMs'];
  write('operations', 'id, pair, claimed_at_ms', "'demo-' || n, 'demo'", operation('finished'), times);
  database.close();
}

const jsonLines = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('status', () => {
  test('is not ready, and says so first, when nothing has watched the pair lately', async () => {
    const { code, stdout, stderr } = await place.run(['status']);
    expect({ code, stderr }).toEqual({ code: 3, stderr: '' });
    expect(stdout).toMatch(/^demo\n {2}Not protected: nothing has watched demo for 10 min/);
    expect(stdout).toContain('beijing is down');
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  test('says the same as JSON', async () => {
    const { code, stdout } = await place.run(['status', 'demo', '--json']);
    expect(code).toBe(3);
    const [status] = JSON.parse(stdout).pairs;
    expect(status).toMatchObject({
      pair: 'demo',
      active: 'unknown',
      protection: { protected: false, because: 'not-watched-now' },
      sites: [
        { site: 'beijing', role: 'primary', state: 'down', sinceMs: failedAtMs },
        { site: 'shanghai', role: 'standby', state: 'up', sinceMs: null },
      ],
    });
  });

  test('comes down to one line, with the same exit code, as readiness', async () => {
    const { code, stdout } = await place.run(['readiness']);
    expect(code).toBe(3);
    expect(stdout).toMatch(/^demo: Not protected: nothing has watched demo for 10 min.*\n$/);
    const json = JSON.parse((await place.run(['readiness', '--json'])).stdout);
    expect(json.pairs).toMatchObject([{ pair: 'demo', protected: false, because: 'not-watched-now' }]);
  });

  test('knows a pair that was never watched, and creates no store by looking', async () => {
    const { code, stdout } = await place.run(['status', '--store', 'none.db']);
    expect(code).toBe(3);
    expect(stdout).toContain('nothing has watched demo yet');
    expect((await place.run(['status', '--store', 'none.db'])).stdout).toContain('nothing has watched demo yet');
  });

  test('names the pairs there are when asked for another', async () => {
    const { code, stderr } = await place.run(['status', 'dmeo']);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'warren: There is no pair "dmeo". The configuration has: demo.\n',
    });
  });
});

describe('why', () => {
  test('lists every move that did not happen: by itself, begun and given up, or asked for', async () => {
    const { code, stdout } = await place.run(['why', '--blocked']);
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.map((line) => line.replace(/^\S+ \S+ +/, ''))).toEqual([
      'operation Failover 1 was aborted.',
      'decision  Cooling down.',
      'request   alice, switchover: Traffic is on beijing already.',
    ]);
    expect((await place.run(['why', '--blocked', '--at', '10m'])).code).toBe(2);
  });

  test('says how far back it looked for refused moves when there is too much to read', async () => {
    const store = 'long.db';
    await openSqliteStore(place.path(store)).close();
    writeDecisions(place.path(store), 2_001);
    const since = dateAndTime(nowMs - 1_999 * minuteMs);
    const unread = `Only the newest 2000 decisions of demo were read, since ${since}.`;
    const blocked = ['why', '--blocked', '--store', store];
    expect((await place.run(blocked)).stdout).toBe(
      `${since} unread    ${unread}\nNo move was refused since ${since}.\n`,
    );
    const { stdout } = await place.run([...blocked, '--json']);
    expect(JSON.parse(stdout)).toEqual({
      atMs: nowMs - 1_999 * minuteMs,
      pair: 'demo',
      kind: 'unread',
      sentence: unread,
    });
    writeDecisions(place.path(store), 2_000);
    expect((await place.run(blocked)).stdout).toMatch(/^No move was refused since/);
  });

  test('shows the latest decision with each guard and what was seen', async () => {
    const { code, stdout } = await place.run(['why']);
    expect(code).toBe(0);
    expect(stdout).toContain('Traffic moves.');
    expect(stdout).toMatch(/pass +quorum +Enough vantages say so\./);
    expect(stdout).toMatch(/unknown +cooldown +Nobody knows\./);
    expect(stdout).toMatch(/beijing1 +failed +refused: refused/);
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  test('shows the decision of a moment', async () => {
    const { stdout } = await place.run(['why', 'demo', '--at', '630s', '--json']);
    expect(JSON.parse(stdout).decisions[0].decision.reason).toBe('all-well');
  });

  test('has no answer for a time before the first decision', async () => {
    const { code, stderr } = await place.run(['why', '--at', '2020-01-01']);
    expect(code).toBe(3);
    expect(stderr).toMatch(/^warren: No decision about demo is recorded up to 2020-01-01 00:00:00\./);
  });

  test('does not guess what a moment is', async () => {
    expect((await place.run(['why', '--at', 'yesterday'])).code).toBe(2);
  });
});

describe('history', () => {
  test('merges what happened by time, newest last, one line each', async () => {
    const { code, stdout } = await place.run(['history']);
    expect(code).toBe(0);
    const kinds = stdout.split('\n').map((line) => line.slice(20).split(' ')[0]);
    expect(kinds).toEqual(['operation', 'decision', 'decision', 'health', 'decision', 'operation', '']);
  });

  test('looks back only as far as it is asked', async () => {
    expect((await place.run(['history', '--since', '5m'])).stdout).toMatch(/^Nothing is recorded since /);
    expect((await place.run(['history', '--since', 'ever'])).code).toBe(2);
  });

  test('says how far back it looked when there is too much to read, of each kind', async () => {
    const file = place.path('much.db');
    await openSqliteStore(file).close();
    writeDecisions(file, 2_001);
    writeOthers(file, 2_001);
    const sinceMs = nowMs - 1_999 * minuteMs;
    const sentenceOf = (what: string) =>
      `Only the newest 2000 ${what} of demo were read, since ${dateAndTime(sinceMs)}.`;
    const unread = (what: string) => ({ atMs: sinceMs, pair: 'demo', kind: 'unread', sentence: sentenceOf(what) });
    const all = ['--since', '7d', '--store', 'much.db'];
    const entries = jsonLines((await place.run(['history', ...all, '--json'])).stdout);
    expect(entries.slice(0, 3)).toEqual(['operations', 'changes of health', 'decisions'].map(unread));
    expect(entries.slice(3)).toHaveLength(6_000);
    const operations = jsonLines((await place.run(['history', '--operations', ...all, '--json'])).stdout);
    expect(operations[0]).toEqual(unread('operations'));
    expect(operations.slice(1)).toHaveLength(2_000);
    const acts = jsonLines((await place.run(['audit', ...all, '--json'])).stdout);
    expect(acts[0]).toEqual(unread('requests'));
    expect(acts.slice(1)).toHaveLength(2_000);
    const firstLine = async (...words: string[]) => (await place.run([...words, ...all])).stdout.split('\n')[0];
    const label = `${dateAndTime(sinceMs)} unread    `;
    expect(await firstLine('history', '--operations')).toBe(`${label}${sentenceOf('operations')}`);
    expect(await firstLine('audit')).toBe(`${label}${sentenceOf('requests')}`);
  });

  test('shows operations with their steps', async () => {
    const { stdout } = await place.run(['history', '--operations']);
    expect(stdout).toContain('Failover 2 is done: traffic is on shanghai');
    expect(stdout).toMatch(/^ {2}flip +haproxy pending$/m);
  });
});
