import { afterEach, describe, expect, test } from '@jest/globals';
import type { Control, Page, PageQuery } from '../../core/flow/control/control.ts';
import { readAll } from '../../core/flow/control/pages.ts';
import { StoreUnavailable } from '../../core/flow/ports.ts';
import {
  alice,
  createDesk,
  type DeskOptions,
  drill,
  everything,
  fence,
  hourMs,
  latch,
  minuteMs,
  refusalOf,
  request,
  wanted,
  why,
} from '../core/flow/control/desk.ts';
import { operation } from '../support/situation.ts';

type Desk = Awaited<ReturnType<typeof createDesk>>;

/** A Control over what is stored at a desk, on behalf of alice. */
export interface ControlPlace {
  open(desk: Pick<Desk, 'control' | 'clock'>): Promise<Control>;
  /** Closes everything that was opened. */
  close(): Promise<void>;
}

/** What every implementation of Control promises to the commands. */
export function describeControlContract(name: string, createPlace: () => ControlPlace): void {
  describe(`${name} keeps the contract of Control`, () => {
    const place = createPlace();
    afterEach(() => place.close());
    const open: Open = async (options) => {
      const desk = await createDesk(options);
      return { desk, control: await place.open(desk) };
    };
    describeReading(open);
    describePages(open);
    describeMoves(open);
    describeChanges(open);
    describeRefusals(open);
    describeKeys(open);
  });
}

type Open = (options?: DeskOptions) => Promise<{ desk: Desk; control: Control }>;

function describeReading(open: Open): void {
  test('status is that of one pair, or of all, to the last detail', async () => {
    const held = { fences: { shanghai: fence() }, latch, drill: drill(), request: request() };
    const { desk, control } = await open({ record: { ...held, operation: operation('stalled') } });
    const status = await desk.control.status();
    expect(status).toHaveLength(1);
    expect(await control.status()).toEqual(status);
    expect(await control.status('demo')).toEqual(status);
  });

  test('status of a pair that nothing is recorded about, nor its target read', async () => {
    const { desk, control } = await open({ record: null, watchedAgoMs: null });
    desk.target.makeUnreadable('connection refused');
    expect(await control.status('demo')).toEqual(await desk.control.status('demo'));
  });

  test('operations, acts, decisions and changes of health are told as they are stored', async () => {
    const { desk, control } = await open({ record: { operation: operation('claimed') } });
    const past = operation('finished');
    await desk.store.saveOperation({ ...past, id: 'demo-1', timeline: { ...past.timeline, claimedAtMs: 5 } });
    const change = { pair: 'demo', vantage: 'local', site: 'beijing', atMs: 7, from: null, to: 'up' as const };
    await desk.store.recordTransition({ ...change, sentence: 'beijing is up.' });
    await control.pause(alice, 'demo', { ...why(), untilMs: desk.nowMs + hourMs });
    await control.resume(alice, null, why());
    expect((await control.operations('demo', everything)).items.map(({ id }) => id)).toEqual(['demo-1', 'demo-2']);
    for (const kind of ['operations', 'decisions', 'transitions', 'acts'] as const)
      expect(await control[kind]('demo', everything)).toEqual(await desk.control[kind]('demo', everything));
    expect((await control.acts(null, everything)).items).toMatchObject([{ pair: '', verb: 'resume', who: 'alice' }]);
    expect((await control.acts('demo', everything)).items).toHaveLength(1);
  });

  test('health is shares of time per slice', async () => {
    const { desk, control } = await open();
    const range = { fromMs: desk.nowMs - hourMs, toMs: desk.nowMs, resolutionMs: 10 * minuteMs };
    const slices = await control.health('demo', range);
    expect(slices).toHaveLength(12);
    expect(slices).toEqual(await desk.control.health('demo', range));
  });

  test('something that was asked for is waiting, a drill, under way or over', async () => {
    const { desk, control } = await open({ record: { request: request(), drill: drill() } });
    const busy = await open({ record: { operation: operation('committed') } });
    await desk.store.saveOperation({ ...operation('aborted'), id: 'demo-0' });
    for (const [id, state] of [
      ['demo-asked', 'waiting'],
      ['demo-drill', 'drill'],
      ['demo-0', 'ended'],
    ] as const) {
      expect((await control.operation(id)).state).toBe(state);
      expect(await control.operation(id)).toEqual(await desk.control.operation(id));
    }
    expect(await busy.control.operation('demo-2')).toEqual(await busy.desk.control.operation('demo-2'));
  });
}

function describePages(open: Open): void {
  /** Twenty-five changes of health, two at each moment. */
  async function withChanges() {
    const { desk, control } = await open();
    for (let index = 0; index < 25; index += 1) {
      const change = { pair: 'demo', vantage: 'local', from: 'up' as const, to: 'down' as const };
      const site = index % 2 === 0 ? 'beijing' : 'shanghai';
      const atMs = desk.nowMs - minuteMs * (30 - Math.floor(index / 2));
      await desk.store.recordTransition({ ...change, site, atMs, sentence: `${index}` });
    }
    return { desk, control };
  }

  test('a history is read page by page, newest first, each row once', async () => {
    const { control } = await withChanges();
    const seen: string[] = [];
    let page: Page<{ sentence: string }> | undefined;
    do {
      const cursor: string | undefined = page?.nextCursor ?? undefined;
      page = await control.transitions('demo', { ...everything, limit: 4, cursor });
      expect(page.items.length).toBeLessThanOrEqual(4);
      seen.push(...page.items.map(({ sentence }) => sentence));
    } while (page.nextCursor !== null);
    const numbers = (texts: string[]) => texts.map(Number).sort((left, right) => left - right);
    expect(numbers(seen)).toEqual(Array.from({ length: 25 }, (_, index) => index));
  });

  test('and to the end, or as far as it is wanted', async () => {
    const { control } = await withChanges();
    const read = (query: PageQuery) => control.transitions('demo', query);
    const range = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
    expect(await readAll(range, 2_000, read)).toHaveLength(25);
    expect((await readAll(range, 3, read)).map(({ sentence }) => sentence)).toHaveLength(3);
  });

  test('a range is closed on both ends', async () => {
    const { desk, control } = await withChanges();
    const atMs = desk.nowMs - 25 * minuteMs;
    const { items } = await control.transitions('demo', { fromMs: atMs, toMs: atMs, limit: 10 });
    expect(items.map(({ atMs: found }) => found)).toEqual([atMs, atMs]);
  });

  test.each([
    ['bad-cursor', { cursor: 'nonsense' }],
    ['bad-cursor', { cursor: '' }],
    ['bad-cursor', { cursor: 'x'.repeat(5_000) }],
    ['bad-time', { fromMs: 2, toMs: 1 }],
  ] as const)('%s: %j', async (refusal, change) => {
    const { control } = await open();
    const query = { ...everything, ...change };
    expect((await refusalOf(control.decisions('demo', query))).name).toBe(refusal);
    expect((await refusalOf(control.acts(null, query))).name).toBe(refusal);
  });
}

function describeMoves(open: Open): void {
  test('a move is rehearsed without a trace', async () => {
    const { desk, control } = await open();
    for (const change of [{}, { verb: 'failover', overrides: ['quorum', 'quorum'] }, { to: 'shanghai' }] as const) {
      const rehearsal = await control.rehearse('demo', wanted(change));
      expect(rehearsal).toEqual(await desk.control.rehearse('demo', wanted(change)));
    }
    expect((await desk.stored()).version).toBe(1);
    expect(await desk.acts()).toEqual([]);
  });

  test('a move is asked for, found, and called off', async () => {
    const { desk, control } = await open();
    const atMs = desk.nowMs + hourMs;
    const { id, ...accepted } = await control.operate(alice, 'demo', wanted({ atMs, to: 'shanghai' }));
    expect(accepted).toEqual({ verb: 'switchover', from: 'beijing', to: 'shanghai', notBeforeMs: atMs });
    expect(await control.operation(id)).toMatchObject({ state: 'waiting', notBeforeMs: atMs });
    expect((await desk.stored()).request).toMatchObject({ id, who: 'alice', reason: 'new disks' });
    const rehearsed = await control.cancel(alice, id, { ...why(), dryRun: true });
    expect(rehearsed).toEqual({ changed: false, sentence: expect.stringContaining('would be called off') });
    expect(await control.cancel(alice, id, why())).toMatchObject({ changed: true });
    expect(await control.operation(id)).toMatchObject({ state: 'ended', operation: { phase: 'aborted' } });
  });

  test('a failover overrides guards, and a drill has a length', async () => {
    const lost = await open();
    const failover = wanted({ verb: 'failover', overrides: ['quorum', 'quorum', 'standby-ready'] });
    await lost.control.operate(alice, 'demo', failover);
    expect((await lost.desk.stored()).request?.overrides).toEqual(['quorum', 'standby-ready']);
    const { desk, control } = await open();
    const { id } = await control.operate(alice, 'demo', wanted({ verb: 'drill', holdMs: 90_000 }));
    expect((await desk.stored()).drill).toMatchObject({ id, holdMs: 90_000, who: 'alice' });
  });
}

function describeChanges(open: Open): void {
  test('ack releases the latch, or answers a foreign edit', async () => {
    const { desk, control } = await open({ record: { latch } });
    expect(await control.ack(alice, 'demo', why())).toMatchObject({ changed: true });
    expect((await desk.stored()).latch).toBeNull();
    desk.target.edit('shanghai');
    const answer = await control.ack(alice, 'demo', { ...why(), drift: 'adopt' });
    expect(answer).toEqual({ changed: true, sentence: expect.stringContaining('takes shanghai') });
    expect((await desk.stored()).driftAnswer).toMatchObject({ who: 'alice', choice: 'adopt', site: 'shanghai' });
  });

  test('approve agrees to the move that waits, retry lets a stalled one go on', async () => {
    const decision = { outcome: 'failover' as const, reason: 'active-down' };
    const waiting = await open({ options: { failover: { mode: 'approve' } }, decision });
    expect(await waiting.control.approve(alice, 'demo', why())).toMatchObject({ changed: true });
    expect((await waiting.desk.stored()).approval).toMatchObject({ who: 'alice', from: 'beijing', to: 'shanghai' });
    const stalled = await open({ record: { operation: operation('stalled') } });
    expect(await stalled.control.retry(alice, 'demo', why())).toMatchObject({ changed: true });
    expect((await stalled.desk.stored()).operation?.phase).toBe('claimed');
  });

  test('a pause of one pair and one of all begin and end', async () => {
    const { desk, control } = await open();
    const untilMs = desk.nowMs + hourMs;
    for (const pair of ['demo', null]) {
      const { sentence } = await control.pause(alice, pair, { ...why('upgrade'), untilMs });
      expect(sentence).toMatch(/Paused by alice until 2026-01-01 01:00:00Z: upgrade\.$/);
    }
    const pause = { owner: 'alice', reason: 'upgrade', untilMs };
    expect((await desk.stored()).pause).toEqual(pause);
    expect((await desk.store.readFleet()).pause).toEqual(pause);
    for (const pair of ['demo', null]) {
      expect((await control.resume(alice, pair, { ...why(), dryRun: true })).changed).toBe(false);
      expect((await control.resume(alice, pair, why('Grüße an 北京 & co. = 100 %'))).changed).toBe(true);
      expect((await control.resume(alice, pair, why())).changed).toBe(false);
    }
    const [, first] = (await control.acts(null, everything)).items;
    expect(first?.reason).toBe('Grüße an 北京 & co. = 100 %');
  });

  test('the maintenance of a site begins and ends', async () => {
    const { desk, control } = await open();
    const until = { ...why(), untilMs: desk.nowMs + hourMs };
    expect(await control.maintain(alice, 'demo', 'beijing', until)).toMatchObject({ changed: true });
    expect(Object.keys((await desk.stored()).maintenance)).toEqual(['beijing']);
    expect(await control.endMaintenance(alice, 'demo', 'beijing', why())).toMatchObject({ changed: true });
    expect((await desk.stored()).maintenance).toEqual({});
  });

  test('a store that does not answer is no refusal', async () => {
    const { desk, control } = await open();
    desk.store.failNext('readPair', new StoreUnavailable('the disk is gone'));
    await expect(control.status('demo')).rejects.toThrow(StoreUnavailable);
    desk.store.failNext('recordAct', new StoreUnavailable('the disk is gone'));
    await expect(control.retry(alice, 'demo', why())).rejects.toThrow(StoreUnavailable);
  });
}

type Case = [name: string, refusal: string, ask: (control: Control, nowMs: number) => Promise<unknown>, DeskOptions?];

const soon = (nowMs: number, inMs = hourMs) => ({ ...why(), untilMs: nowMs + inMs });
const approving = { options: { failover: { mode: 'approve' } } };
const busy = { record: { operation: operation('committed') } };

const refused: Case[] = [
  ['a pair of no such name', 'unknown-pair', (control) => control.status('dmeo')],
  ['a change of no such pair', 'unknown-pair', (control) => control.ack(alice, 'dmeo', why())],
  ['a pair without a name', 'unknown-pair', (control, nowMs) => control.pause(alice, '', soon(nowMs))],
  ['a name that is a way up', 'unknown-pair', (control, nowMs) => control.pause(alice, '..', soon(nowMs))],
  ['a name that is a way down', 'unknown-pair', (control, nowMs) => control.pause(alice, 'demo/sites/x', soon(nowMs))],
  ['a name that no pair can have', 'unknown-pair', (control) => control.resume(alice, 'Démo %2e', why())],
  ['no such site', 'unknown-site', (control, nowMs) => control.maintain(alice, 'demo', 'tianjin', soon(nowMs))],
  ['a site that is a way up', 'unknown-site', (control) => control.endMaintenance(alice, 'demo', '..', why())],
  [
    'a destination that there is none of',
    'unknown-site',
    (control) => control.operate(alice, 'demo', wanted({ to: 'X y' })),
  ],
  ['no such operation', 'unknown-operation', (control) => control.operation('demo-none')],
  ['an operation that is a way up', 'unknown-operation', (control) => control.cancel(alice, '..', why())],
  ['an operation without a name', 'unknown-operation', (control) => control.operation('')],
  ['an id that is none', 'unknown-operation', (control) => control.operation('a b/c')],
  [
    'no such guard',
    'unknown-guard',
    (control) => control.rehearse('demo', wanted({ verb: 'failover', overrides: ['x'] })),
  ],
  ['no reason', 'empty-reason', (control) => control.retry(alice, 'demo', why(' . '))],
  ['no reason to end it', 'empty-reason', (control) => control.resume(alice, null, why(''))],
  ['a long reason', 'bad-request', (control) => control.retry(alice, 'demo', why('x'.repeat(501)))],
  ['a very long reason', 'bad-request', (control) => control.resume(alice, 'demo', why('x'.repeat(50_000)))],
  [
    'a move for a long reason',
    'bad-request',
    (control) => control.operate(alice, 'demo', wanted({ reason: 'x'.repeat(501) })),
  ],
  [
    'a guard of a switchover',
    'bad-request',
    (control) => control.operate(alice, 'demo', wanted({ overrides: ['quorum'] })),
  ],
  ['a hold of a switchover', 'bad-request', (control) => control.operate(alice, 'demo', wanted({ holdMs: 1_000 }))],
  ['a pause that is too long', 'bad-time', (control, nowMs) => control.pause(alice, null, soon(nowMs, 73 * hourMs))],
  ['a pause without an end', 'bad-time', (control) => control.pause(alice, 'demo', soon(Number.NaN))],
  ['a pause for ever', 'bad-time', (control) => control.pause(alice, 'demo', soon(Number.MAX_SAFE_INTEGER))],
  ['a move long ago', 'bad-time', (control) => control.operate(alice, 'demo', wanted({ atMs: -1 }))],
  ['a move in the year 12000', 'bad-time', (control) => control.operate(alice, 'demo', wanted({ atMs: 316e12 }))],
  ['a hold for ever', 'bad-time', (control) => control.operate(alice, 'demo', wanted({ verb: 'drill', holdMs: 1e15 }))],
  ['a hold of nothing', 'bad-time', (control) => control.rehearse('demo', wanted({ verb: 'drill', holdMs: -5 }))],
  ['slices of nothing', 'bad-time', (control) => control.health('demo', { fromMs: 0, toMs: hourMs, resolutionMs: 0 })],
  ['where traffic is', 'already-active', (control) => control.operate(alice, 'demo', wanted({ to: 'beijing' }))],
  ['what is not recorded', 'not-recorded', (control) => control.retry(alice, 'demo', why()), { record: null }],
  ['what is not watched', 'not-watched', (control) => control.operate(alice, 'demo', wanted()), { watchedAgoMs: null }],
  ['a second move', 'operation-under-way', (control) => control.operate(alice, 'demo', wanted()), busy],
  [
    'a second wish',
    'request-waiting',
    (control) => control.operate(alice, 'demo', wanted()),
    { record: { request: request() } },
  ],
  [
    'a move after an edit',
    'targets-deviate',
    (control) => control.operate(alice, 'demo', wanted()),
    { active: 'shanghai' },
  ],
  ['adopting nothing', 'targets-as-decided', (control) => control.ack(alice, 'demo', { ...why(), drift: 'adopt' })],
  ['what is committed', 'past-point-of-no-return', (control) => control.cancel(alice, 'demo-2', why()), busy],
  ['a yes to nothing', 'nothing-to-approve', (control) => control.approve(alice, 'demo', why()), approving],
  ['nothing stalled', 'nothing-stalled', (control) => control.retry(alice, 'demo', why())],
  [
    'a drill out of hours',
    'outside-window',
    (control) => control.operate(alice, 'demo', wanted({ verb: 'drill' })),
    { options: { drill: { windows: ['Sat 02:00-04:00'] } } },
  ],
  [
    'a move without a fence',
    'no-fence',
    (control) => control.operate(alice, 'demo', wanted()),
    { options: { fence: false } },
  ],
];

function describeRefusals(open: Open): void {
  for (const [title, name, ask, options] of refused) {
    test(`${title} is refused as ${name}`, async () => {
      const { desk, control } = await open(options);
      const before = await desk.stored();
      const refusal = await refusalOf(ask(control, desk.nowMs));
      expect(refusal).toEqual({ name, sentence: expect.stringMatching(/^\S.*[.?]$/s) });
      expect(await desk.stored()).toEqual(before);
      expect((await desk.store.readFleet()).pause).toBeNull();
    });
  }

  test('what has ended is not called off, and says how it ended', async () => {
    const { desk, control } = await open();
    await desk.store.saveOperation({ ...operation('aborted'), outcome: 'Failover 2 was aborted.' });
    const refusal = await refusalOf(control.cancel(alice, 'demo-2', why()));
    expect(refusal).toEqual({ name: 'nothing-to-cancel', sentence: expect.stringContaining('was aborted.') });
  });
}

function describeKeys(open: Open): void {
  test('the same request under the same key is answered as it was, and changes nothing again', async () => {
    const { desk, control } = await open();
    const until = { ...why(), untilMs: desk.nowMs + hourMs, idempotencyKey: 'one' };
    const first = await control.pause(alice, 'demo', until);
    await desk.clock.advance(minuteMs);
    expect(await control.pause(alice, 'demo', until)).toEqual(first);
    const move = wanted({ idempotencyKey: 'two' });
    await desk.watched(0);
    const accepted = await control.operate(alice, 'demo', move);
    expect(await control.operate(alice, 'demo', move)).toEqual(accepted);
    const ending = { ...why(), idempotencyKey: 'three' };
    expect((await control.resume(alice, 'demo', ending)).changed).toBe(true);
    expect((await control.resume(alice, 'demo', ending)).changed).toBe(true);
    expect((await desk.acts()).map(({ verb }) => verb).sort()).toEqual(['pause', 'resume', 'switchover']);
    expect((await desk.stored()).version).toBe(4);
  });

  test('another request under the same key is refused', async () => {
    const { desk, control } = await open();
    const until = { untilMs: desk.nowMs + hourMs, idempotencyKey: 'one' };
    await control.pause(alice, 'demo', { ...why('upgrade'), ...until });
    const refusal = await refusalOf(control.pause(alice, 'demo', { ...why('something else'), ...until }));
    expect(refusal.name).toBe('idempotency-key-reused');
  });

  test('without a key each request is another', async () => {
    const { desk, control } = await open();
    const until = { ...why(), untilMs: desk.nowMs + hourMs };
    await control.pause(alice, 'demo', until);
    await control.pause(alice, 'demo', until);
    expect(await desk.acts()).toHaveLength(2);
  });

  test.each(['', 'x'.repeat(201)])('"%s" is no key', async (idempotencyKey) => {
    const { control } = await open();
    const refusal = await refusalOf(control.retry(alice, 'demo', { ...why(), idempotencyKey }));
    expect(refusal.name).toBe('bad-request');
  });
}
