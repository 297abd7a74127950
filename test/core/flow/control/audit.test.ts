import { describe, expect, test } from '@jest/globals';
import { StoreUnavailable } from '../../../../core/flow/ports.ts';
import { alice, createDesk, dayMs, latch, minuteMs, refusalOf, wanted, why } from './desk.ts';

const keyed = (key = 'k1') => ({ ...why(), idempotencyKey: key });

describe('the audit', () => {
  test('knows of a change before it is made, and of its outcome after it', async () => {
    const { control, store, acts } = await createDesk({ record: { latch } });
    const order: string[] = [];
    store.onWrite((method, phase) => void (phase === 'after' && order.push(method)));
    const answer = await control.ack(alice, 'demo', why('all is well.'));
    expect(order).toEqual(['recordAct', 'writePair', 'recordAct']);
    expect(await acts()).toEqual([
      {
        id: 'id-1',
        ...alice,
        pair: 'demo',
        atMs: Date.UTC(2026, 0, 1),
        verb: 'ack',
        reason: 'all is well.',
        details: { drift: null },
        outcome: 'done',
        sentence: answer.sentence,
        answer,
        fingerprint: '',
      },
    ]);
  });

  test('keeps what was refused, and why', async () => {
    const { control, acts } = await createDesk();
    const refusal = await refusalOf(control.retry(alice, 'demo', why()));
    expect(await acts()).toMatchObject([
      { verb: 'retry', outcome: 'refused', sentence: refusal.sentence, answer: { refusal: 'nothing-stalled' } },
    ]);
  });

  test('that cannot be written stops the change', async () => {
    const { control, store, stored } = await createDesk({ record: { latch } });
    store.failNext('recordAct', new StoreUnavailable('the disk is full'));
    await expect(control.ack(alice, 'demo', why())).rejects.toThrow('the disk is full');
    expect((await stored()).latch).toEqual(latch);
  });

  test('whose outcome cannot be written does not make what was done a failure', async () => {
    const { control, store, acts } = await createDesk({ record: { latch } });
    store.onWrite((method, phase) => {
      if (method === 'writePair' && phase === 'after') store.failNext('recordAct', new StoreUnavailable('gone'));
    });
    expect(await control.ack(alice, 'demo', why())).toMatchObject({ changed: true });
    expect(await acts()).toMatchObject([{ outcome: 'begun' }]);
  });

  test('names the operation that came of it', async () => {
    const { control, acts } = await createDesk();
    const { id } = await control.operate(alice, 'demo', wanted({ overrides: [] }));
    expect(await acts()).toMatchObject([{ verb: 'switchover', details: { operation: id, to: null } }]);
  });
});

describe('a dry run', () => {
  test.each([
    ['ack', { latch }, 'ack'],
    ['pause', {}, 'pause'],
    ['resume', { pause: { owner: 'bob', reason: 'x', untilMs: 1e15 } }, 'resume'],
    ['maintenance', {}, 'maintain'],
  ] as const)('of %s writes nothing, not even to the audit, and says what would be', async (_title, record, verb) => {
    const { control, store, stored, acts, nowMs } = await createDesk({ record });
    const before = await stored();
    const dry = { reason: 'practice', dryRun: true, untilMs: nowMs + minuteMs };
    const answer = await {
      ack: () => control.ack(alice, 'demo', dry),
      pause: () => control.pause(alice, 'demo', dry),
      resume: () => control.resume(alice, 'demo', dry),
      maintain: () => control.maintain(alice, 'demo', 'beijing', dry),
    }[verb]();
    expect(answer).toEqual({
      changed: false,
      sentence: expect.stringMatching(/^Dry run, nothing was changed: .*would/),
    });
    expect(await stored()).toEqual(before);
    expect([...(await acts()), ...(await store.listActs('', { fromMs: 0, toMs: 1e15, limit: 1 }))]).toEqual([]);
  });

  test('is refused as the change would be', async () => {
    const { control, acts } = await createDesk();
    expect((await refusalOf(control.retry(alice, 'demo', { ...why(), dryRun: true }))).name).toBe('nothing-stalled');
    expect((await refusalOf(control.ack(alice, 'demo', { reason: '', dryRun: true }))).name).toBe('empty-reason');
    expect((await refusalOf(control.ack(alice, 'dmeo', { ...why(), dryRun: true }))).name).toBe('unknown-pair');
    expect(await acts()).toEqual([]);
  });
});

describe('an idempotency key', () => {
  test('that comes again with the same request is answered the same, and changes nothing', async () => {
    const { control, stored, acts } = await createDesk({ record: { latch } });
    const first = await control.ack(alice, 'demo', keyed());
    const { version } = await stored();
    expect(first.changed).toBe(true);
    expect(await control.ack(alice, 'demo', keyed())).toEqual(first);
    expect((await stored()).version).toBe(version);
    expect(await acts()).toHaveLength(1);
  });

  test('that comes again with another request is refused', async () => {
    const { control } = await createDesk({ record: { latch } });
    await control.ack(alice, 'demo', keyed());
    expect((await refusalOf(control.retry(alice, 'demo', keyed()))).name).toBe('idempotency-key-reused');
    const other = { ...keyed(), reason: 'another one' };
    expect((await refusalOf(control.ack(alice, 'demo', other))).name).toBe('idempotency-key-reused');
  });

  test('belongs to who uses it', async () => {
    const { control, acts } = await createDesk({ record: { latch } });
    await control.ack(alice, 'demo', keyed());
    await control.ack({ ...alice, who: 'bob' }, 'demo', { ...keyed(), reason: 'another one' });
    expect(await acts()).toHaveLength(2);
  });

  test('is new after a day, and the audit keeps what it stood for before', async () => {
    const { control, clock, acts } = await createDesk({ record: { latch } });
    await control.ack(alice, 'demo', keyed());
    await clock.advance(dayMs);
    expect(await control.ack(alice, 'demo', keyed())).toMatchObject({ changed: false });
    expect((await acts()).map(({ atMs }) => atMs)).toEqual([clock.nowMs(), clock.nowMs() - dayMs]);
  });

  test('of something that was refused may be tried again, and both tries are kept', async () => {
    const { control, store, stored, acts } = await createDesk({ active: 'split' });
    const asked = wanted({ idempotencyKey: 'k1' });
    expect((await refusalOf(control.operate(alice, 'demo', asked))).name).toBe('targets-deviate');
    await store.writePair({ ...(await stored()), pause: null });
    expect((await refusalOf(control.operate(alice, 'demo', asked))).name).toBe('targets-deviate');
    expect((await acts()).map(({ outcome }) => outcome)).toEqual(['refused', 'refused']);
  });

  test('of a request that was written by a process which died before it could say so finds that request', async () => {
    const { control, store, stored, acts } = await createDesk();
    store.onWrite((method, phase) => (method === 'writePair' && phase === 'after' ? new Promise(() => {}) : undefined));
    const asked = wanted({ idempotencyKey: 'k1' });
    void control.operate(alice, 'demo', asked);
    await new Promise((resolve) => setImmediate(resolve));
    store.onWrite(null);
    const { request } = await stored();
    const again = await control.operate(alice, 'demo', asked);
    expect(again).toEqual({ ...again, id: request?.id, from: 'beijing', to: 'shanghai' });
    expect((await stored()).request).toEqual(request);
    expect(await acts()).toMatchObject([{ outcome: 'done', answer: again }]);
  });

  test('of a request that became an operation, or has ended, finds that', async () => {
    const { control, store, stored, clock } = await createDesk();
    const asked = wanted({ idempotencyKey: 'k1' });
    const first = await control.operate(alice, 'demo', asked);
    const [act] = await store.listActs('demo', { fromMs: 0, toMs: 1e15, limit: 1 });
    if (act) await store.recordAct({ ...act, outcome: 'begun' });
    const waiting = await stored();
    await control.cancel(alice, first.id, why());
    await clock.advance(1_000);
    expect(await control.operate(alice, 'demo', asked)).toMatchObject({ id: first.id });
    expect({ before: waiting.request?.id, now: (await stored()).request }).toEqual({ before: first.id, now: null });
  });

  test('has 1 to 200 characters', async () => {
    const { control, acts } = await createDesk();
    for (const key of ['', 'x'.repeat(201)])
      expect((await refusalOf(control.ack(alice, 'demo', keyed(key)))).name).toBe('bad-request');
    expect(await acts()).toEqual([]);
  });
});
