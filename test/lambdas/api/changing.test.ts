import { beforeEach, describe, expect, test } from '@jest/globals';
import { createRig, type Rig, tokens } from './support.ts';

let rig: Rig;
beforeEach(() => {
  rig = createRig();
});

const nowMs = Date.UTC(2026, 0, 1);
const caller = { who: 'adminer', via: 'api', from: '10.0.0.1' };
const why = { reason: 'patching', dryRun: false, idempotencyKey: undefined };

describe('asking for an operation', () => {
  const path = '/v1/pairs/trading/operations';
  const wanted = { verb: 'switchover', reason: 'patching', overrides: [], atMs: null, to: null, holdMs: null };

  test('is accepted, and says where to follow it', async () => {
    const { status, headers, body } = await rig.ask('POST', path, { body: { verb: 'switchover', reason: 'patching' } });
    expect({ status, location: headers.get('location') }).toEqual({
      status: 202,
      location: '/v1/operations/trading-abc',
    });
    expect(body).toMatchObject({ id: 'trading-abc', from: 'beijing', to: 'shanghai' });
    expect(rig.control.calls).toEqual([{ method: 'operate', given: [caller, 'trading', wanted] }]);
  });

  test('is rehearsed on request, and nothing else is done', async () => {
    const { status, body } = await rig.ask('POST', path, {
      body: { verb: 'switchover', reason: 'patching', dryRun: true },
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      allowed: false,
      guards: [{ guard: 'quorum', verdict: 'fail' }],
      steps: ['Fence beijing.'],
    });
    expect(rig.control.calls).toEqual([{ method: 'rehearse', given: ['trading', wanted] }]);
  });

  test('takes moments and lengths as people write them', async () => {
    const drill = { verb: 'drill', reason: 'patching', at: '30m', hold: '10m', to: 'shanghai' };
    await rig.ask('POST', path, { body: drill });
    await rig.ask('POST', path, { body: { ...drill, at: '2026-01-02T03:00:00+01:00' } });
    const given = rig.control.calls.map((call) => call.given[2]);
    expect(given).toMatchObject([
      { atMs: nowMs + 1_800_000, holdMs: 600_000, to: 'shanghai' },
      { atMs: Date.UTC(2026, 0, 2, 2) },
    ]);
  });

  test('passes the idempotency key on', async () => {
    await rig.ask('POST', path, { body: { verb: 'drill', reason: 'x' }, headers: { 'idempotency-key': 'key-1' } });
    expect(rig.control.calls[0]?.given[2]).toMatchObject({ idempotencyKey: 'key-1' });
  });

  test('with a key that is too long or has spaces is refused', async () => {
    for (const key of ['x'.repeat(201), 'two words']) {
      const answer = await rig.ask('POST', path, { body: {}, headers: { 'idempotency-key': key } });
      expect(answer).toMatchObject({ status: 400, body: { errors: [{ path: '(header)' }] } });
    }
  });

  test('lists everything that is wrong with it, naming what was sent', async () => {
    const body = { verb: 'jump', reason: 4, overrides: 'quorum', hold: '10 minutes', force: true };
    const answer = await rig.ask('POST', path, { body });
    expect(answer).toMatchObject({ status: 400, body: { type: 'urn:warren:problem:bad-request' } });
    expect(answer.body.errors).toEqual([
      { path: 'verb', value: '"jump"', expected: 'failover or switchover or drill' },
      { path: 'reason', value: '4', expected: 'text' },
      { path: 'overrides', value: '"quorum"', expected: 'a list' },
      { path: 'hold', value: '"10 minutes"', expected: 'a duration such as 500ms, 5s, 2m or 1h' },
      { path: 'force', value: 'a key that is not known', expected: 'none of that name' },
    ]);
  });

  test('with guards overridden needs the scope admin, but may be rehearsed without', async () => {
    const body = { verb: 'failover', reason: 'lost', overrides: ['quorum'] };
    const refused = await rig.ask('POST', path, { body, token: tokens.operate });
    expect(refused).toMatchObject({ status: 403, body: { allowed: ['admin'] } });
    expect(rig.control.calls).toEqual([]);
    expect(await rig.ask('POST', path, { body: { ...body, dryRun: true }, token: tokens.operate })).toMatchObject({
      status: 200,
    });
    expect(await rig.ask('POST', path, { body, token: tokens.admin })).toMatchObject({ status: 202 });
  });
});

describe('an operation', () => {
  test('is called off by its id', async () => {
    const answer = await rig.ask('POST', '/v1/operations/trading-2/cancel', { body: { reason: 'patching' } });
    expect(answer).toMatchObject({ status: 200, body: { changed: true, sentence: 'Done.' } });
    expect(rig.control.calls).toEqual([{ method: 'cancel', given: [caller, 'trading-2', why] }]);
  });

  test('that is under way is let go on by its id', async () => {
    expect(await rig.ask('POST', '/v1/operations/trading-2/retry', { body: { reason: 'patching' } })).toMatchObject({
      status: 200,
    });
    expect(rig.control.calls.at(-1)).toEqual({ method: 'retry', given: [caller, 'trading', why] });
  });

  test.each([
    ['trading-1', 409, 'nothing-stalled'],
    ['trading-9', 404, 'unknown-operation'],
  ])('%s that is not under way does not let another one go on', async (id, status, name) => {
    const answer = await rig.ask('POST', `/v1/operations/${id}/retry`, { body: { reason: 'patching' } });
    expect(answer).toMatchObject({ status, body: { type: `urn:warren:problem:${name}` } });
    expect(rig.control.calls.map(({ method }) => method)).toEqual(['operation']);
  });

  test('that is not yet one, because it waits for a yes, is approved by the id that it will have', async () => {
    const [status] = await rig.control.status();
    const next = `${status?.pair}-${(status?.record.epoch ?? 0) + 1}`;
    const approve = (id: string) => rig.ask('POST', `/v1/operations/${id}/approve`, { body: { reason: 'patching' } });
    expect(await approve(next)).toMatchObject({ status: 200 });
    expect(rig.control.calls.at(-1)).toEqual({ method: 'approve', given: [caller, status?.pair, why] });
    expect(await approve(`${next}0`)).toMatchObject({
      status: 409,
      body: { type: 'urn:warren:problem:nothing-to-approve' },
    });
  });
});

describe('a pair', () => {
  test.each(['approve', 'retry'] as const)('takes %s', async (verb) => {
    const answer = await rig.ask('POST', `/v1/pairs/trading/${verb}`, { body: { reason: 'patching', dryRun: true } });
    expect(answer.status).toBe(200);
    expect(rig.control.calls).toEqual([{ method: verb, given: [caller, 'trading', { ...why, dryRun: true }] }]);
  });

  test('is acknowledged, with an answer to a foreign edit or without', async () => {
    await rig.ask('POST', '/v1/pairs/trading/ack', { body: { reason: 'patching', drift: 'restore' } });
    await rig.ask('POST', '/v1/pairs/trading/ack', { body: { reason: 'patching' } });
    expect(rig.control.calls.map(({ given }) => given[2])).toEqual([
      { ...why, drift: 'restore' },
      { ...why, drift: undefined },
    ]);
  });

  test('is paused for a while or until a moment, and resumed', async () => {
    const path = '/v1/pairs/trading/pause';
    await rig.ask('PUT', path, { body: { reason: 'patching', for: '2h' } });
    await rig.ask('PUT', path, { body: { reason: 'patching', until: '2026-01-01T02:00:00Z' } });
    await rig.ask('DELETE', path, { body: { reason: 'patching' } });
    const until = { ...why, untilMs: nowMs + 7_200_000 };
    expect(rig.control.calls).toEqual([
      { method: 'pause', given: [caller, 'trading', until] },
      { method: 'pause', given: [caller, 'trading', until] },
      { method: 'resume', given: [caller, 'trading', why] },
    ]);
  });

  test.each([{}, { for: '2h', until: '2026-01-01T02:00:00Z' }])('is not paused with the end %j', async (end) => {
    const answer = await rig.ask('PUT', '/v1/pairs/trading/pause', { body: { reason: 'patching', ...end } });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ expected: 'exactly one of for and until' }] } });
  });

  test('has sites that are maintained', async () => {
    const path = '/v1/pairs/trading/sites/beijing/maintenance';
    await rig.ask('PUT', path, { body: { reason: 'patching', for: '2h' } });
    await rig.ask('DELETE', path, { body: { reason: 'patching' } });
    expect(rig.control.calls).toEqual([
      { method: 'maintain', given: [caller, 'trading', 'beijing', { ...why, untilMs: nowMs + 7_200_000 }] },
      { method: 'endMaintenance', given: [caller, 'trading', 'beijing', why] },
    ]);
  });
});

describe('all pairs', () => {
  test('are paused and resumed at once, by an admin', async () => {
    await rig.ask('PUT', '/v1/pause', { body: { reason: 'patching', for: '2h' } });
    await rig.ask('DELETE', '/v1/pause', { body: { reason: 'patching' } });
    expect(rig.control.calls.map(({ method, given }) => [method, given[1]])).toEqual([
      ['pause', null],
      ['resume', null],
    ]);
    const refused = await rig.ask('PUT', '/v1/pause', { token: tokens.operate, body: { reason: 'x', for: '2h' } });
    expect(refused.status).toBe(403);
  });
});

describe('what ends something', () => {
  test('may say why in its address, because a body of DELETE does not pass everywhere', async () => {
    const answer = await rig.ask('DELETE', '/v1/pairs/trading/pause?reason=all%20done&dryRun=true');
    expect(answer.status).toBe(200);
    expect(rig.control.calls[0]?.given[2]).toMatchObject({ reason: 'all done', dryRun: true });
  });

  test('says why all the same', async () => {
    expect(await rig.ask('DELETE', '/v1/pairs/trading/pause')).toMatchObject({
      status: 400,
      body: { errors: [{ path: 'reason', value: 'nothing', expected: 'text' }] },
    });
  });
});

describe('the same request, sent again under its key,', () => {
  const ask = (key: string) =>
    rig.ask('PUT', '/v1/pairs/trading/pause', {
      body: { reason: 'patching', for: '2h' },
      headers: { 'idempotency-key': key },
    });
  const untils = () => rig.control.calls.map(({ given }) => (given[2] as { untilMs: number }).untilMs - nowMs);

  test('means the same moment, although time has passed', async () => {
    await ask('one');
    await rig.clock.advance(60_000);
    await ask('one');
    await ask('two');
    expect(untils()).toEqual([7_200_000, 7_200_000, 7_260_000]);
  });

  test('means now when it only reads', async () => {
    for (const elapsedMs of [0, 60_000]) {
      await rig.clock.advance(elapsedMs);
      await rig.ask('GET', '/v1/acts', { headers: { 'idempotency-key': 'one' } });
    }
    expect(rig.control.calls.map(({ given }) => (given[1] as { toMs: number }).toMs - nowMs)).toEqual([0, 60_000]);
  });

  test('means a new one after a day', async () => {
    await ask('one');
    await rig.clock.advance(86_400_001);
    await ask('one');
    expect(untils()).toEqual([7_200_000, 93_600_001]);
  });
});
