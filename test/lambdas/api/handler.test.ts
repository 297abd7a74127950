import { beforeEach, describe, expect, test } from '@jest/globals';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { createVirtualClock } from '../../../adapters/memory/clock.ts';
import type { Authorize } from '../../../lambdas/api/authorize.ts';
import { logKinds, requestLogFields } from '../../../lambdas/api/contract.ts';
import { createApiHandler } from '../../../lambdas/api/handler.ts';
import { createFakeControl, type FakeControl } from '../fakeControl.ts';
import { gatewayEvent } from '../gatewayEvent.ts';

const contextWith = (leftMs: number) => ({ getRemainingTimeInMillis: () => leftMs }) as Context;

const byIam: Authorize = async ({ environment: { event } }) => {
  const { iam } = (event?.requestContext as { authorizer?: { iam?: { userArn?: string } } })?.authorizer ?? {};
  return iam?.userArn === undefined ? null : { who: iam.userArn, scope: 'operate' };
};

let control: FakeControl;
let lines: string[];
beforeEach(() => {
  control = createFakeControl();
  lines = [];
});

function invoke(event: APIGatewayProxyEventV2, leftMs = 10_000) {
  const clock = createVirtualClock();
  const handler = createApiHandler({
    control,
    clock,
    authorize: byIam,
    document: '{}',
    log: (line) => lines.push(line),
  });
  return handler(event, contextWith(leftMs));
}

describe('the API as a Lambda function', () => {
  test('answers an event of API Gateway', async () => {
    const answer = await invoke(gatewayEvent('GET', '/v1/pairs/trading/decisions', { query: 'limit=1' }));
    expect(answer).toMatchObject({
      statusCode: 200,
      isBase64Encoded: false,
      headers: { 'content-type': 'application/json', 'cache-control': 'no-store', 'x-request-id': 'JKJaXmPLvHcESHA=' },
    });
    expect(JSON.parse(answer.body ?? '')).toMatchObject({ items: [{ pair: 'trading' }], nextCursor: 'more' });
  });

  test('knows the caller by what AWS has verified', async () => {
    const body = Buffer.from(JSON.stringify({ verb: 'drill', reason: 'x' })).toString('base64');
    const headers = { 'content-type': 'application/json', 'idempotency-key': 'one' };
    const path = '/v1/pairs/trading/operations';
    const answer = await invoke(gatewayEvent('POST', path, { body, headers, isBase64Encoded: true }));
    expect(answer).toMatchObject({ statusCode: 202, headers: { location: '/v1/operations/trading-abc' } });
    expect(control.calls[0]?.given[0]).toEqual({
      who: 'arn:aws:iam::123456789012:user/ann',
      via: 'api',
      from: '203.0.113.7',
    });
    expect(control.calls[0]?.given[2]).toMatchObject({ idempotencyKey: 'one' });
  });

  test('answers a problem that names the request as API Gateway does', async () => {
    const answer = await invoke(gatewayEvent('GET', '/v1/pairs/payments'));
    expect(answer).toMatchObject({ statusCode: 404, headers: { 'content-type': 'application/problem+json' } });
    expect(JSON.parse(answer.body ?? '')).toMatchObject({ instance: 'urn:warren:request:JKJaXmPLvHcESHA=' });
  });

  test('answers before it is stopped, and says that a change may have been made', async () => {
    control.pause = () => new Promise(() => {});
    const body = JSON.stringify({ reason: 'x', for: '1h' });
    const headers = { 'content-type': 'application/json' };
    const answer = await invoke(gatewayEvent('PUT', '/v1/pairs/trading/pause', { body, headers }), 600);
    expect(answer).toMatchObject({ statusCode: 503, headers: { 'retry-after': '5', 'cache-control': 'no-store' } });
    expect(JSON.parse(answer.body ?? '')).toMatchObject({ type: 'urn:warren:problem:out-of-time' });
    expect(lines.map((line) => JSON.parse(line).status)).toEqual([503]);
  });

  test.each([
    ['a host that is none', { headers: { host: 'a b/c' } }],
    ['a header that is none', { headers: { 'x y': 'z' } }],
    ['a value of a header that is none', { headers: { x: 'two\nlines' } }],
  ])('answers an event with %s as a bad request', async (_, more) => {
    const event = gatewayEvent('GET', '/v1/health', more);
    if ('host' in more.headers) event.requestContext.domainName = more.headers.host;
    const answer = await invoke(event);
    expect(answer).toMatchObject({ statusCode: 400, headers: { 'content-type': 'application/problem+json' } });
  });

  test('lets a read be that comes with a body', async () => {
    expect(await invoke(gatewayEvent('GET', '/v1/health', { body: 'x' }))).toMatchObject({ statusCode: 200 });
  });

  test('logs one line for each request, with nothing in it that a caller sent but the path', async () => {
    const body = JSON.stringify({ reason: 'a private reason', for: '1h' });
    await invoke(gatewayEvent('PUT', '/v1/pairs/trading/pause', { body, query: 'token=secret' }));
    expect(lines).toHaveLength(1);
    const line = JSON.parse(lines[0] ?? '');
    expect(Object.keys(line).sort()).toEqual([...requestLogFields].sort());
    expect(line).toMatchObject({
      kind: logKinds.request,
      method: 'PUT',
      path: '/v1/pairs/trading/pause',
      status: 415,
      from: '203.0.113.7',
    });
    expect(lines.join()).not.toMatch(/secret|private/);
  });

  test('logs the kind of an error that nobody foresaw, and not what it says', async () => {
    control.failNext(new TypeError('cannot read password hunter2'));
    const answer = await invoke(gatewayEvent('GET', '/v1/pairs'));
    expect(answer.statusCode).toBe(500);
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { kind: logKinds.failure, error: 'TypeError', requestId: 'JKJaXmPLvHcESHA=' },
      { kind: logKinds.request, status: 500 },
    ]);
    expect(lines.join()).not.toContain('hunter2');
  });
});
