import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { openSqliteStore } from '../../adapters/sqlite/store.ts';
import { dateAndTime, parseFutureMoment } from '../../cli/moment.ts';
import type { Store } from '../../core/flow/ports.ts';
import type { OperationPhase } from '../../core/model/operation.ts';
import { newPairRecord, type PairRecord } from '../../core/model/record.ts';
import { healthInState, operation } from '../support/situation.ts';
import { createPlace, probeEnvironment, type Running, unreachableConfig } from './command.ts';

const place = createPlace();
let runtimeApi: Server;
/** Where the stand-in of HAProxy says that traffic goes. */
let active = 'beijing';

beforeAll(async () => {
  place.write('warren.yaml', unreachableConfig());
  runtimeApi = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', (line) => socket.end(String(line).split(';').map(answerTo).join('')));
  });
  runtimeApi.listen(0, '127.0.0.1');
  await once(runtimeApi, 'listening');
  const { port } = runtimeApi.address() as AddressInfo;
  const fence = 'probeCredentials: "env:PROBE", operatorCredentials: "env:PROBE", fenceUsers: [app]';
  place.write(
    'fenced.yaml',
    unreachableConfig()
      .replaceAll('probeCredentials: "env:PROBE"', fence)
      .replaceAll(':1" }]', ':1", management: "http://127.0.77.8:1" }]')
      .replace('127.0.77.9:1', `127.0.0.1:${port}`),
  );
});
afterAll(() => {
  runtimeApi.close();
  place.remove();
});

/** What the runtime API says of a backend with one server on each side. */
function answerTo(command: string): string {
  if (command.startsWith('show info')) return 'Pid: 1\nUptime_sec: 60.5\nStart_time_sec: 1.5\n\n';
  const server = (name: string, site: string) => `${name} ${site === active ? 0 : 1} 1 2`;
  return `1\n# srv_name srv_admin_state srv_uweight srv_op_state\n${server('bj1', 'beijing')}\n${server('sh1', 'shanghai')}\n\n`;
}

let storeName = '';
let stores = 0;
beforeEach(async () => {
  active = 'beijing';
  stores += 1;
  storeName = `store-${stores}.db`;
  await stored((store) => store.writePair({ ...newPairRecord('demo'), desired: 'beijing', epoch: 1 }));
});

async function stored<T>(work: (store: Store) => Promise<T>): Promise<T> {
  const store = openSqliteStore(place.path(storeName));
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

const record = () => stored((store) => store.readPair('demo'));
const run = (...words: string[]) => place.run(['failover', ...words, '--store', storeName]);

describe('failover', () => {
  test('is refused while nothing watches the pair, and leaves no request behind', async () => {
    const { code, stderr } = await run('demo', '--reason', 'lost');
    expect({ code, stderr }).toEqual({
      code: 3,
      stderr: 'warren: Nothing watches demo now: `warren run` does the move. Without it, see docs/runbook.md.\n',
    });
    expect((await record())?.request).toBeNull();
  });

  test.each([
    [
      ['demo', '--reason', 'x', '--override', 'gravity'],
      /There is no guard "gravity"\. There are: self-trust, quorum,/,
    ],
    [['demo', '--reason', ' '], /The reason is empty/],
    [['dmeo', '--reason', 'x'], /There is no pair "dmeo"/],
    [['demo'], /required option '--reason <text>' not specified/],
    [['demo', '--reason', 'x', '--to', 'tianjin'], /no site "tianjin", only beijing and shanghai/],
    [['demo', '--reason', 'x', '--at', '14:03'], /unknown option '--at'/],
  ])('%j is bad input', async (words, complaint) => {
    const { code, stderr } = await run(...words);
    expect(code).toBe(2);
    expect(stderr).toMatch(complaint);
  });
});

/** A service that watches the pair, and leaves requests alone. */
async function watched(): Promise<void> {
  const words = { outcome: 'hold', reason: 'all-well', sentence: 'Both sides are up.', severity: 'info' } as const;
  await stored((store) =>
    store.recordDecision({
      pair: 'demo',
      vantage: 'local',
      atMs: Date.now(),
      decision: { ...words, from: 'beijing', to: 'shanghai', guards: [] },
      health: [healthInState('beijing', 'up'), healthInState('shanghai', 'up')],
      fences: ['beijing', 'shanghai'].map((site) => ({ site, nodes: [{ node: site, verdict: 'open', detail: '' }] })),
    }),
  );
}

const fenced = (words: string[]) => [...words, '--config', 'fenced.yaml', '--store', storeName];
const ask = (...words: string[]) => place.run(fenced(words), probeEnvironment);
const reason = ['--reason', 'new disks', '--who', 'alice'];

/** Waits for the request of a command that runs, takes it away and puts what comes of it in its place. */
async function answerRequest(change: (id: string) => Partial<PairRecord>): Promise<string> {
  for (;;) {
    const found = await record();
    if (!found?.request) {
      await sleep(20);
      continue;
    }
    const { id } = found.request;
    await stored((store) => store.writePair({ ...found, request: null, ...change(id) }));
    return id;
  }
}

const underWay = (id: string, phase: OperationPhase, outcome = '') => ({
  ...operation(phase),
  id,
  verb: 'switchover' as const,
  outcome,
});

describe('a move that is asked for now', () => {
  beforeEach(watched);

  async function outcomeOf(phase: OperationPhase, outcome: string, ...words: string[]) {
    const running = place.start(fenced(['switchover', 'demo', ...reason, ...words]), probeEnvironment);
    const id = await answerRequest((asked) => ({ operation: underWay(asked, 'committed') }));
    const ended = underWay(id, phase, outcome);
    const found = await record();
    await stored(async (store) => {
      await store.saveOperation(ended);
      if (found) await store.writePair({ ...found, operation: null });
    });
    return { ...(await running.ended), id };
  }

  test('is waited for to its end', async () => {
    const { code, stdout, stderr } = await outcomeOf('finished', 'traffic is on shanghai');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^Switchover 2 is done: traffic is on shanghai/);
  });

  test('is told as JSON, and is no success when it was aborted', async () => {
    const { code, stdout, id } = await outcomeOf('aborted', 'It was aborted.', '--json');
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({ id, phase: 'aborted', outcome: 'It was aborted.' });
  });

  test('that stalls has failed', async () => {
    const running = place.start(fenced(['switchover', 'demo', ...reason]), probeEnvironment);
    await answerRequest((id) => ({ operation: underWay(id, 'stalled', 'flip failed 20 times') }));
    const { code, stderr } = await running.ended;
    expect(code).toBe(1);
    expect(stderr).toContain('Switchover 2 is stalled: flip failed 20 times');
  });

  test('that nothing came of was refused', async () => {
    const running = place.start(fenced(['failover', 'demo', ...reason]), probeEnvironment);
    await answerRequest(() => ({}));
    const { code, stderr } = await running.ended;
    expect(code).toBe(3);
    expect(stderr).toContain('Nothing came of the request within 60 s');
  });

  test('goes on when its waiting is interrupted', async () => {
    const running: Running = place.start(fenced(['switchover', 'demo', ...reason]), probeEnvironment);
    const id = await answerRequest((asked) => ({ operation: underWay(asked, 'claimed') }));
    // It was asked for by then, and is looked at every 200 ms.
    await sleep(300);
    running.child.kill('SIGINT');
    const { code, stderr } = await running.ended;
    expect(code).toBe(130);
    expect(stderr).toContain(`The operation ${id} goes on; \`warren operation ${id}\` shows it`);
  });
});

describe('a move that is asked for ahead of time', () => {
  beforeEach(watched);

  test('is shown by its id, called off by it, and both are in the audit', async () => {
    const { code, stdout } = await ask('switchover', 'demo', ...reason, '--at', '+10m');
    const id = stdout.match(/as (demo-[0-9a-f]{8}), not before/)?.[1] ?? '';
    expect({ code, id }).toEqual({ code: 0, id: (await record())?.request?.id });
    expect((await ask('operation', id)).stdout).toMatch(/^alice asked for a switchover from beijing to shanghai/);
    expect((await ask('status', 'demo')).stdout).toMatch(/^ {2}asked for +alice asked for a switchover/m);
    const cancelled = await ask('cancel', id, '--reason', 'not tonight', '--who', 'bob');
    expect(cancelled).toMatchObject({ code: 0, stdout: expect.stringContaining('is called off') });
    expect(JSON.parse((await ask('operation', id, '--json')).stdout)).toMatchObject({
      state: 'ended',
      operation: { id, phase: 'aborted' },
    });
    const audit = (await ask('audit', '--json')).stdout.trim().split('\n');
    expect(audit.map((line) => JSON.parse(line))).toMatchObject([
      { verb: 'switchover', who: 'alice', via: 'cli', outcome: 'done', details: { operation: id } },
      { verb: 'cancel', who: 'bob', outcome: 'done', details: { operation: id } },
    ]);
  });

  test('is told as JSON', async () => {
    const { stdout } = await ask('switchover', 'demo', ...reason, '--at', '+10m', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ verb: 'switchover', from: 'beijing', to: 'shanghai' });
  });

  test.each([
    [['switchover', 'demo', ...reason, '--at', 'soon'], 2, /"soon" is not a moment: expected 14:03, \+10m/],
    [['switchover', 'demo', ...reason, '--at', '2020-01-01T00:00Z'], 2, /later than now, and at most 7d/],
    [['drill', 'demo', ...reason, '--hold', 'long'], 2, /--hold: got "long", expected a duration/],
    [['switchover', 'demo', ...reason, '--to', 'beijing'], 3, /Traffic is on beijing already/],
    [['cancel', 'demo-none', '--reason', 'x'], 2, /No operation "demo-none"/],
    [['operation', 'demo-none'], 2, /No operation "demo-none"/],
  ])('%j is refused', async (words, expected, complaint) => {
    const { code, stderr } = await ask(...words);
    expect(code).toBe(expected);
    expect(stderr).toMatch(complaint);
    expect((await record())?.request).toBeNull();
  });
});

describe('a moment in the future', () => {
  const nowMs = new Date(2026, 10, 22, 14, 30, 0).getTime();
  test.each([
    ['14:45', '2026-11-22 14:45:00'],
    ['14:03', '2026-11-23 14:03:00'],
    ['+10m', '2026-11-22 14:40:00'],
    ['2026-11-23', '2026-11-23 00:00:00'],
    ['2026-11-23 09:30', '2026-11-23 09:30:00'],
    ['2020-01-01 09:30', '2020-01-01 09:30:00'],
  ])('%s is read as %s', (text, expected) => {
    expect(dateAndTime(parseFutureMoment(text, nowMs))).toBe(expected);
  });

  test('is the same everywhere when it says so', () => {
    expect(parseFutureMoment('2026-11-22T14:03Z', nowMs)).toBe(Date.UTC(2026, 10, 22, 14, 3));
  });

  test.each(['', '10m', '+', '+soon', '25:00', 'tomorrow'])('is not "%s"', (text) => {
    expect(() => parseFutureMoment(text, nowMs)).toThrow('is not a moment');
  });
});

describe('a drill', () => {
  test('is asked for, and not waited for', async () => {
    await watched();
    const { code, stdout } = await ask('drill', 'demo', ...reason, '--hold', '2m');
    const { drill, request } = (await record()) ?? {};
    expect({ code, holdMs: drill?.holdMs, first: request?.id }).toEqual({
      code: 0,
      holdMs: 120_000,
      first: `${drill?.id}-1`,
    });
    expect(stdout).toContain(`\`warren cancel ${drill?.id}\` ends it`);
    expect((await ask('operation', String(drill?.id))).stdout).toMatch(/^Drill for alice: traffic goes from beijing/);
  });
});

describe('a dry run', () => {
  beforeEach(watched);

  test('of a switchover lists every guard, every step and what is on each side, and changes nothing', async () => {
    const { code, stdout } = await ask('switchover', 'demo', ...reason, '--dry-run');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Switchover from beijing to shanghai: would go ahead\. Nothing was changed\.$/m);
    expect(stdout).toMatch(/^ {2}pass +standby-ready: shanghai is ready\.$/m);
    expect(stdout).toMatch(/^ {2}Steps: fence, commit, flip haproxy:\S+, verify, settle, report\.$/m);
    expect(stdout).toMatch(/^ {2}On shanghai: how many connections is not known, how many messages is not known\.$/m);
    expect((await record())?.version).toBe(1);
    expect((await ask('audit')).stdout).toMatch(/^Nobody did anything since /);
  });

  test('of a failover of a side that serves says that it would be refused, and is no success', async () => {
    const { code, stdout } = await ask('failover', 'demo', ...reason, '--dry-run', '--json');
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({ verb: 'failover', allowed: false, surveys: [{ site: 'beijing' }, {}] });
    const overriding = await ask('failover', 'demo', ...reason, '--dry-run', '--override', 'quorum');
    expect(overriding).toMatchObject({ code: 0, stdout: expect.stringMatching(/^ {2}overridden +quorum: /m) });
  });
});
