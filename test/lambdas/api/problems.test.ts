import { beforeEach, describe, expect, test } from '@jest/globals';
import { Refusal, type RefusalName, refusals } from '../../../core/flow/control/control.ts';
import { StoreUnavailable } from '../../../core/flow/ports.ts';
import { problem } from '../../../lambdas/api/answers.ts';
import { problemKinds } from '../../../lambdas/shared/problem.ts';
import { createRig, type Rig } from './support.ts';

let rig: Rig;
beforeEach(() => {
  rig = createRig();
});

const body = { reason: 'patching' };

describe('a problem', () => {
  test('is a document of RFC 9457 that names the request, as a header does', async () => {
    const answer = await rig.ask('GET', '/v1/pairs/payments');
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(problem.parse(answer.body)).toEqual({
      type: 'urn:warren:problem:unknown-pair',
      title: 'Unknown pair',
      status: 404,
      detail: 'There is no pair "payments".',
      instance: `urn:warren:request:${answer.headers.get('x-request-id')}`,
    });
  });

  test.each(Object.entries(refusals))('says %s of the core with its own sentence', async (name, kind) => {
    rig.control.failNext(new Refusal(name as RefusalName, 'This is why.'));
    const answer = await rig.ask('POST', '/v1/pairs/trading/ack', { body });
    const status = { 'bad-input': 400, 'not-found': 404, refused: 409 }[kind];
    expect(answer).toMatchObject({
      status: name === 'idempotency-key-reused' ? 422 : status,
      body: { type: `urn:warren:problem:${name}`, detail: 'This is why.' },
    });
  });

  test('says that the store does not answer, when to come again, and not where the store is', async () => {
    rig.control.failNext(new StoreUnavailable('/var/lib/warren.db: disk I/O error'));
    const answer = await rig.ask('GET', '/v1/pairs');
    expect(answer).toMatchObject({ status: 503, body: { type: 'urn:warren:problem:store-unavailable' } });
    expect(answer.headers.get('retry-after')).toBe('5');
    expect(JSON.stringify(answer.body)).not.toContain('warren.db');
  });

  test.each([new Error('password: hunter2'), 'hunter2', undefined, null])(
    'tells nothing of an error that nobody foresaw: %p',
    async (error) => {
      rig.control.failNext(error);
      const answer = await rig.ask('GET', '/v1/pairs');
      expect(answer).toMatchObject({ status: 500, body: { type: 'urn:warren:problem:unexpected-error' } });
      expect(JSON.stringify(answer.body)).not.toMatch(/hunter2|\.ts/);
      expect(rig.told).toEqual([error]);
    },
  );

  test('has a status for each name, and each name one title', () => {
    for (const [name, { status, title }] of Object.entries(problemKinds)) {
      expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(title).toMatch(/^[A-Z]/);
    }
  });
});

describe('a request', () => {
  test('to nowhere is told where routes are listed, without a token', async () => {
    for (const path of ['/', '/v1', '/v1/pairs/', '/v2/pairs', '/v1/pairs/trading/flips/1', '/%']) {
      const answer = await rig.ask('GET', path, { token: null });
      expect(answer).toMatchObject({ status: 404, body: { type: 'urn:warren:problem:no-such-route' } });
    }
  });

  test.each([
    ['DELETE', '/v1/pairs', 'GET, HEAD'],
    ['PATCH', '/v1/pairs/trading/pause', 'PUT, DELETE'],
    ['GET', '/v1/pairs/trading/ack', 'POST'],
    ['OPTIONS', '/v1/health', 'GET, HEAD'],
    ['POST', '/openapi.json', 'GET, HEAD'],
  ])('of the method %s to %s is told the methods there are', async (method, path, allow) => {
    const answer = await rig.ask(method, path);
    expect(answer).toMatchObject({ status: 405, body: { allowed: allow.split(', ') } });
    expect(answer.headers.get('allow')).toBe(allow);
  });

  test('with a body that is too large is not read to its end', async () => {
    const announced = await rig.ask('POST', '/v1/pairs/trading/ack', { body: 'x'.repeat(16_385) });
    expect(announced).toMatchObject({ status: 413, body: { type: 'urn:warren:problem:content-too-large' } });
    let read = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        read += 1;
        controller.enqueue(new Uint8Array(1_000));
      },
    });
    const headers = { authorization: 'Bearer a-token-that-may-do-all', 'content-type': 'application/json' };
    const request = { method: 'POST', headers, body: endless, duplex: 'half' } as RequestInit;
    const answer = await rig.api.fetch(new Request('http://warren/v1/pairs/trading/ack', request), {});
    expect(answer.status).toBe(413);
    expect(read).toBeLessThan(25);
  });

  test('of exactly the largest size is read', async () => {
    const text = JSON.stringify(body);
    const answer = await rig.ask('POST', '/v1/pairs/trading/ack', { body: text + ' '.repeat(16_384 - text.length) });
    expect(answer.status).toBe(200);
  });

  test.each(['{', '"\ud800', '{"reason": "x",}'])('with the body %j is told that this is no JSON', async (text) => {
    const answer = await rig.ask('POST', '/v1/pairs/trading/ack', { body: text });
    expect(answer).toMatchObject({ status: 400 });
  });

  test.each(['[]', 'null', '1', '"x"'])('with the JSON %s is told that an object is expected', async (text) => {
    const answer = await rig.ask('POST', '/v1/pairs/trading/ack', { body: text });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ path: '(body)', expected: 'a JSON object' }] } });
  });

  test('without a body is told what is missing', async () => {
    const answer = await rig.ask('POST', '/v1/pairs/trading/ack');
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ path: 'reason', expected: 'text' }] } });
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=latin1', ''])(
    'of the content type "%s" is told which one is',
    async (type) => {
      const answer = await rig.ask('POST', '/v1/pairs/trading/ack', { body, headers: { 'content-type': type } });
      expect(answer).toMatchObject({ status: 415, body: { allowed: ['application/json'] } });
    },
  );

  test.each(['application/json', 'Application/JSON; charset=UTF-8'])(
    'of the content type "%s" is read',
    async (type) => {
      const answer = await rig.ask('POST', '/v1/pairs/trading/ack', { body, headers: { 'content-type': type } });
      expect(answer.status).toBe(200);
    },
  );
});

describe('every answer', () => {
  const asked: [string, string, { token?: null; headers?: Record<string, string> }][] = [
    ['GET', '/v1/pairs', {}],
    ['GET', '/v1/pairs', { token: null }],
    ['GET', '/v1/health', {}],
    ['GET', '/nowhere', {}],
    ['POST', '/v1/pairs/trading/ack', {}],
    ['PATCH', '/v1/pairs', {}],
    ['GET', '/v1/pairs', { headers: { 'if-none-match': '*', origin: 'https://evil.example' } }],
  ];
  test.each(asked)(
    '%s %s %j is kept by nobody, framed by nobody and shared with no other origin',
    async (...request) => {
      const { headers } = await rig.ask(...request);
      expect(Object.fromEntries(headers)).toMatchObject({
        'cache-control': 'no-store',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'x-request-id': expect.any(String),
      });
      expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
    },
  );
});
