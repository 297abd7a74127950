import { beforeEach, describe, expect, test } from '@jest/globals';
import { createRig, type Rig } from './support.ts';

let rig: Rig;
beforeEach(() => {
  rig = createRig();
});

const nowMs = Date.UTC(2026, 0, 1);
const hourMs = 3_600_000;

describe('where pairs stand', () => {
  test('is answered for all of them, and for one, as the core says it', async () => {
    const all = await rig.ask('GET', '/v1/pairs');
    expect(all).toMatchObject({
      status: 200,
      body: { items: [{ pair: 'trading', active: 'beijing' }], nextCursor: null },
    });
    const one = await rig.ask('GET', '/v1/pairs/trading');
    expect(one).toMatchObject({ status: 200, body: { pair: 'trading', record: { operation: { id: 'trading-2' } } } });
  });

  test('is not known of a pair that is not configured, or that no configuration could name', async () => {
    for (const name of ['payments', '__proto__', 'a%2Fb', '%00', 'x'.repeat(100)]) {
      const { status, body } = await rig.ask('GET', `/v1/pairs/${name}`);
      expect({ status, type: body.type }).toEqual({ status: 404, type: 'urn:warren:problem:unknown-pair' });
    }
    expect(rig.control.calls).toHaveLength(1);
  });
});

describe('readiness', () => {
  test('is 200 while the pair is protected, and 503 with the reason while it is not', async () => {
    expect(await rig.ask('GET', '/v1/pairs/trading/readiness')).toMatchObject({
      status: 200,
      body: { pair: 'trading', protected: true, because: null },
    });
    rig.control.protected = false;
    const unready = await rig.ask('GET', '/v1/pairs/trading/readiness');
    expect(unready).toMatchObject({ status: 503, body: { protected: false, because: 'mode' } });
    expect(unready.headers.get('content-type')).toBe('application/json');
  });
});

describe('history', () => {
  test('is read from the whole past, fifty rows at a time, where nothing else is asked', async () => {
    for (const [path, method, pair] of [
      ['/v1/pairs/trading/flips', 'operations', 'trading'],
      ['/v1/pairs/trading/transitions', 'transitions', 'trading'],
      ['/v1/pairs/trading/decisions', 'decisions', 'trading'],
      ['/v1/pairs/trading/acts', 'acts', 'trading'],
      ['/v1/acts', 'acts', null],
    ] as const) {
      const { status, body } = await rig.ask('GET', path);
      expect({ status, next: body.nextCursor }).toEqual({ status: 200, next: null });
      const page = { fromMs: 0, toMs: nowMs, limit: 50, cursor: undefined };
      expect(rig.control.calls.at(-1)).toEqual({ method, given: [pair, page] });
    }
  });

  test('begins and ends where it is asked to, in absolute moments or before now', async () => {
    await rig.ask('GET', '/v1/acts?from=2h&to=2025-12-31T23:30:00%2B00:00&limit=7&cursor=abc');
    expect(rig.control.calls.at(-1)?.given[1]).toEqual({
      fromMs: nowMs - 2 * hourMs,
      toMs: nowMs - hourMs / 2,
      limit: 7,
      cursor: 'abc',
    });
  });

  test('leads on to the next page by a link that asks for the same range', async () => {
    const { headers, body } = await rig.ask('GET', '/v1/pairs/trading/decisions?limit=1&from=1h');
    expect(body.nextCursor).toBe('more');
    const [, link = '', relation] = headers.get('link')?.match(/^<(.*)>; (.*)$/) ?? [];
    expect(relation).toBe('rel="next"');
    await rig.clock.advance(60_000);
    await rig.ask('GET', link);
    expect(rig.control.calls.at(-1)?.given).toEqual([
      'trading',
      { fromMs: nowMs - hourMs, toMs: nowMs, limit: 1, cursor: 'more' },
    ]);
  });

  test('says everything that is wrong with what was asked, and asks nothing of the store', async () => {
    const { status, body } = await rig.ask('GET', '/v1/acts?limit=501&from=yesterday&colour=red');
    expect(status).toBe(400);
    expect(body).toMatchObject({ type: 'urn:warren:problem:bad-request' });
    expect(body.errors).toEqual(
      expect.arrayContaining([
        { path: '(query) limit', value: '"501"', expected: 'a whole number from 1 to 500' },
        {
          path: '(query) from',
          value: '"yesterday"',
          expected: 'a moment such as 2026-11-22T14:03:00Z, or a duration such as 30m',
        },
        { path: '(query) colour', value: 'a key that is not known', expected: 'none of that name' },
      ]),
    );
    expect(rig.control.calls).toEqual([]);
  });

  test.each(['limit=0', 'limit=x', 'limit=', 'limit=1.5', 'limit=1&limit=2', 'from=99999999999999d', 'to=2026-01-01'])(
    'refuses %s',
    async (query) => {
      expect(await rig.ask('GET', `/v1/acts?${query}`)).toMatchObject({ status: 400 });
    },
  );
});

describe('health over time', () => {
  test('is the last day in a hundred slices, where nothing else is asked', async () => {
    expect(await rig.ask('GET', '/v1/pairs/trading/health')).toMatchObject({ status: 200 });
    const range = { fromMs: nowMs - 24 * hourMs, toMs: nowMs, resolutionMs: 864_000 };
    expect(rig.control.calls).toEqual([{ method: 'health', given: ['trading', range] }]);
  });

  test('comes in the slices that are asked for', async () => {
    await rig.ask('GET', '/v1/pairs/trading/health?from=30d&to=1d&resolution=1h');
    const range = { fromMs: nowMs - 720 * hourMs, toMs: nowMs - 24 * hourMs, resolutionMs: hourMs };
    expect(rig.control.calls).toEqual([{ method: 'health', given: ['trading', range] }]);
  });
});

describe('what was asked for', () => {
  test('can be followed by its id', async () => {
    expect(await rig.ask('GET', '/v1/operations/trading-2')).toMatchObject({
      status: 200,
      body: { state: 'under-way', operation: { id: 'trading-2' } },
    });
    expect(await rig.ask('GET', '/v1/operations/trading-9')).toMatchObject({
      status: 404,
      body: { type: 'urn:warren:problem:unknown-operation' },
    });
  });
});

describe('reading again', () => {
  test('what has not changed sends nothing but that', async () => {
    const first = await rig.ask('GET', '/v1/pairs/trading');
    const etag = first.headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[\w-]{43}"$/);
    for (const known of [etag, `"other", W/${etag}`, '*']) {
      const again = await rig.ask('GET', '/v1/pairs/trading', { headers: { 'if-none-match': known } });
      expect({ status: again.status, body: again.body, etag: again.headers.get('etag') }).toEqual({
        status: 304,
        body: {},
        etag,
      });
    }
    rig.control.protected = false;
    expect((await rig.ask('GET', '/v1/pairs/trading', { headers: { 'if-none-match': etag } })).status).toBe(200);
  });

  test('HEAD says what GET would, without the body', async () => {
    const { status, headers, body } = await rig.ask('HEAD', '/v1/pairs');
    expect({ status, body }).toEqual({ status: 200, body: {} });
    expect(headers.get('etag')).not.toBeNull();
  });
});

describe('the API itself', () => {
  test('says that it is alive to anybody, and nothing else', async () => {
    expect(await rig.ask('GET', '/v1/health', { token: null })).toMatchObject({ status: 200, body: { status: 'ok' } });
    expect(rig.control.calls).toEqual([]);
  });
});
