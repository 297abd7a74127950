import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { LambdaFunction } from '../../support/aws/runtime.ts';
import { alarmEvent } from '../alarmEvent.ts';
import { type Deployment, deploy, password } from './support.ts';

const everything = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, limit: 100 };
const ann = 'arn:aws:iam::123456789012:user/ann';

/** A request as API Gateway passes it on, once IAM has let it pass (payload version 2.0). */
function signedRequest(method: string, path: string, body?: unknown) {
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: '',
    headers: { host: 'api.example', 'content-type': 'application/json', 'idempotency-key': 'one' },
    requestContext: {
      accountId: '123456789012',
      apiId: 'api',
      authorizer: { iam: { userArn: ann } },
      domainName: 'api.example',
      domainPrefix: 'api',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '203.0.113.7', userAgent: 'curl' },
      requestId: 'JKJaXmPLvHcESHA=',
      routeKey: '$default',
      stage: '$default',
      time: '',
      timeEpoch: 0,
    },
    isBase64Encoded: false,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  };
}

describe('a pair whose moves a person must agree to, watched as it is deployed,', () => {
  let deployment: Deployment;
  let watch: LambdaFunction;
  beforeEach(async () => {
    deployment = await deploy({
      failover: { mode: 'approve', quorum: 1 },
      alarms: [{ alarm: 'nothing-published', site: 'beijing' }],
    });
    watch = deployment.start('watch', 20_000);
    void watch.invoke({});
    await deployment.untilRecord(({ desired }) => desired === 'beijing');
    const before = deployment.shanghai.published;
    while (deployment.shanghai.published < before + 5) await sleep(50);
  }, 30_000);
  afterEach(() => deployment.close());

  test('is moved by whoever IAM lets ask the API', async () => {
    const api = deployment.start('api', 10_000);
    const wanted = { verb: 'failover', reason: 'beijing will be lost', overrides: ['quorum'] };
    const asked = await api.invoke(signedRequest('POST', '/v1/pairs/demo/operations', wanted));
    expect(asked).toMatchObject({ ended: 'answer', payload: { statusCode: 202 } });
    await deployment.haproxy.untilServing('sh1');
    await deployment.untilRecord(({ operation, desired }) => operation === null && desired === 'shanghai');
    expect(await deployment.store.listActs('demo', everything)).toMatchObject([
      { who: ann, via: 'api', from: '203.0.113.7', verb: 'failover', outcome: 'done' },
    ]);
    const read = await api.invoke(signedRequest('GET', '/v1/pairs/demo'));
    expect(read).toMatchObject({ ended: 'answer', payload: { statusCode: 200 } });
    expect(api.sandboxes()).toBe(1);
    expect(api.lines().join('\n')).toContain('"kind":"api-request"');
    expect(api.lines().join('\n')).not.toContain(password);
    const document = await api.invoke(signedRequest('GET', '/openapi.json'));
    expect(document).toMatchObject({ payload: { statusCode: 200, body: expect.stringContaining('"openapi"') } });
  }, 30_000);

  test('is moved by an alarm that may ask for it, once, and is asked for nothing by any other', async () => {
    const alarm = deployment.start('alarm', 10_000);
    expect(await alarm.invoke(alarmEvent('another', 'ALARM'))).toMatchObject({ payload: { answered: [] } });
    await deployment.beijing.close();
    while (!watch.lines().some((line) => line.includes('beijing is down'))) await sleep(50);
    const event = alarmEvent('nothing-published', 'ALARM');
    expect(await alarm.invoke(event)).toMatchObject({ payload: { answered: [{ pair: 'demo', done: true }] } });
    await deployment.haproxy.untilServing('sh1');
    await deployment.untilRecord(({ operation, desired }) => operation === null && desired === 'shanghai');
    expect(await deployment.store.listOperations('demo', everything)).toHaveLength(1);
    expect(await alarm.invoke(event)).toMatchObject({ payload: { answered: [{ done: false }] } });
    expect(await deployment.store.listActs('demo', everything)).toMatchObject([
      { who: 'alarm nothing-published', via: 'alarm', verb: 'failover', outcome: 'done' },
    ]);
    expect(alarm.sandboxes()).toBe(1);
  }, 30_000);

  test('is not moved by an event that makes no sense', async () => {
    const alarm = deployment.start('alarm', 10_000);
    const { detail: _, ...event } = alarmEvent('nothing-published', 'ALARM');
    expect(await alarm.invoke(event)).toMatchObject({
      ended: 'error',
      payload: { errorType: 'MalformedEvent', errorMessage: expect.stringContaining('look at detail') },
    });
    expect((await deployment.store.readPair('demo'))?.request).toBeNull();
  }, 30_000);
});
