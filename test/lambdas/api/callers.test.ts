import { beforeEach, describe, expect, test } from '@jest/globals';
import { createVirtualClock } from '../../../adapters/memory/clock.ts';
import { createRateLimiter } from '../../../lambdas/api/rateLimit.ts';
import { createTokenAuthorizer, tokenProblem } from '../../../lambdas/api/tokens.ts';
import { createRig, type Rig, tokens } from './support.ts';

let rig: Rig;
beforeEach(() => {
  rig = createRig();
});

const body = { reason: 'patching', for: '1h' };

describe('a caller', () => {
  test('without a token is asked for one', async () => {
    const answer = await rig.ask('GET', '/v1/pairs', { token: null });
    expect(answer).toMatchObject({ status: 401, body: { type: 'urn:warren:problem:unauthorized' } });
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="warren"');
    expect(rig.control.calls).toEqual([]);
  });

  test.each([
    'Bearer another-token-altogether',
    `Bearer ${tokens.read}x`,
    `Bearer ${tokens.read.slice(0, -1)}`,
    `Basic ${tokens.read}`,
    tokens.read,
    'Bearer',
    'Bearer ',
    `Bearer ${tokens.read} ${tokens.read}`,
  ])('that presents "%s" is nobody, and is not told why', async (authorization) => {
    const answer = await rig.ask('GET', '/v1/pairs', { token: null, headers: { authorization } });
    expect(answer).toMatchObject({ status: 401, body: { detail: 'The token presented is not valid here.' } });
    expect(answer.headers.get('www-authenticate')).toContain('invalid_token');
    expect(JSON.stringify(answer.body)).not.toContain(tokens.read);
  });

  test('is known by its token, whatever the case of the scheme', async () => {
    const headers = { authorization: `bEARER  ${tokens.read}` };
    expect((await rig.ask('GET', '/v1/pairs', { token: null, headers })).status).toBe(200);
  });

  test('is named to the core by its token and its address', async () => {
    await rig.ask('PUT', '/v1/pairs/trading/pause', { body, token: tokens.operate, from: '::ffff:10.9.8.7' });
    expect(rig.control.calls[0]?.given[0]).toEqual({ who: 'operateer', via: 'api', from: '10.9.8.7' });
  });

  test.each([
    ['GET', '/v1/pairs', 'read'],
    ['GET', '/v1/acts', 'read'],
    ['PUT', '/v1/pairs/trading/pause', 'operate'],
    ['PUT', '/v1/pairs/trading/sites/beijing/maintenance', 'operate'],
    ['PUT', '/v1/pause', 'admin'],
  ] as const)('may %s %s with the scope %s and those above it, not with those below', async (method, path, needed) => {
    const scopes = ['read', 'operate', 'admin'] as const;
    for (const scope of scopes) {
      const answer = await rig.ask(method, path, { token: tokens[scope], ...(method === 'PUT' && { body }) });
      const isEnough = scopes.indexOf(scope) >= scopes.indexOf(needed);
      expect(answer.status).toBe(isEnough ? 200 : 403);
      if (!isEnough) expect(answer.body).toMatchObject({ type: 'urn:warren:problem:forbidden', allowed: [needed] });
    }
  });

  test('that may not is told before its request is looked at', async () => {
    const answer = await rig.ask('PUT', '/v1/pause', { token: tokens.read, body: '{' });
    expect(answer.status).toBe(403);
    expect(answer.headers.get('www-authenticate')).toContain('scope="admin"');
  });

  test('may be known in another way, as behind API Gateway', async () => {
    const { ask, control } = createRig({
      authorize: async () => ({ who: 'arn:aws:iam::1:user/ann', scope: 'operate' }),
    });
    await ask('PUT', '/v1/pairs/trading/pause', { token: null, body });
    expect(control.calls[0]?.given[0]).toMatchObject({ who: 'arn:aws:iam::1:user/ann' });
  });
});

describe('requests per minute', () => {
  const statuses = async (count: number, ask: () => Promise<{ status: number }>) => {
    const seen = [];
    for (let asked = 0; asked < count; asked += 1) seen.push((await ask()).status);
    return seen;
  };
  const times = (count: number, status: number) => Array.from({ length: count }, () => status);

  test('are 120 that read, per token', async () => {
    expect(await statuses(121, () => rig.ask('GET', '/v1/pairs'))).toEqual([...times(120, 200), 429]);
    expect((await rig.ask('GET', '/v1/pairs', { token: tokens.read })).status).toBe(200);
    expect((await rig.ask('PUT', '/v1/pause', { body })).status).toBe(200);
  });

  test('are 20 that change, per token, and more as time passes', async () => {
    const pause = () => rig.ask('PUT', '/v1/pause', { body });
    expect(await statuses(21, pause)).toEqual([...times(20, 200), 429]);
    const refused = await pause();
    expect(refused).toMatchObject({ status: 429, body: { type: 'urn:warren:problem:too-many-requests' } });
    expect(refused.headers.get('retry-after')).toBe('3');
    await rig.clock.advance(3_000);
    expect(await statuses(2, pause)).toEqual([200, 429]);
  });

  test('are 10 of strangers, per address; who holds a token is not shut out with them', async () => {
    const stranger = (from: string) => rig.ask('GET', '/v1/pairs', { token: 'x'.repeat(20), from });
    expect(await statuses(11, () => stranger('10.0.0.66'))).toEqual([...times(10, 401), 429]);
    expect((await stranger('10.0.0.67')).status).toBe(401);
    expect((await rig.ask('GET', '/v1/pairs', { from: '10.0.0.66' })).status).toBe(200);
  });

  test('are counted for a bounded number of callers', () => {
    const clock = createVirtualClock();
    const limiter = createRateLimiter(1, clock);
    expect([limiter.take('first'), limiter.take('first')]).toEqual([0, 60]);
    for (let number = 0; number < 10_000; number += 1) limiter.take(String(number));
    expect(limiter.take('first')).toBe(0);
  });
});

describe('a token', () => {
  test.each([
    ['short', 'expected at least 16 characters; try openssl rand -hex 24'],
    ['with spaces in the middle', 'expected visible ASCII characters without spaces'],
    ['passwörter-sind-kein-ascii', 'expected visible ASCII characters without spaces'],
  ])('"%s" cannot be used', (text, problem) => {
    expect(tokenProblem(text)).toBe(problem);
  });

  test('that is rotated is picked up, and the old one is let go', async () => {
    const clock = createVirtualClock();
    let text = 'the-first-token-of-all';
    const source = { name: 'ann', scope: 'read' as const, resolve: async () => text };
    const authorize = createTokenAuthorizer({ tokens: [source], clock, onUnusable: () => {} });
    const ask = (token: string) => authorize({ authorization: `Bearer ${token}`, environment: {} });
    expect(await ask(text)).toEqual({ who: 'ann', scope: 'read' });
    text = 'the-second-token-of-all';
    await clock.advance(1_001);
    expect(await ask('the-first-token-of-all')).toBeNull();
    expect(await ask(text)).toEqual({ who: 'ann', scope: 'read' });
  });

  test('that cannot be had any more is told once, by name, and lets the others be', async () => {
    const clock = createVirtualClock();
    const told: string[] = [];
    const sources = [
      { name: 'gone', scope: 'admin' as const, resolve: () => Promise.reject(new Error('no such file')) },
      { name: 'short', scope: 'admin' as const, resolve: async () => '' },
      { name: 'ann', scope: 'read' as const, resolve: async () => 'the-token-of-ann' },
    ];
    const authorize = createTokenAuthorizer({ tokens: sources, clock, onUnusable: (name) => told.push(name) });
    for (let round = 0; round < 3; round += 1) {
      expect(await authorize({ authorization: 'Bearer the-token-of-ann', environment: {} })).toMatchObject({
        who: 'ann',
      });
      await clock.advance(2_000);
    }
    expect(told).toEqual(['gone', 'short']);
  });
});
