import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { LambdaFunction } from '../../support/aws/runtime.ts';
import { alarmEvent } from '../alarmEvent.ts';
import { ann } from '../gatewayEvent.ts';
import { signedRequest } from './signedRequest.ts';
import {
  deploy,
  everything,
  expectMovedOnce,
  loseBeijing,
  password,
  untilMoved,
  untilProtected,
  untilTold,
  type Wire,
} from './support.ts';

describe('a pair whose moves a person must agree to, watched as it is deployed,', () => {
  let wire: Wire;
  let watch: LambdaFunction;
  beforeEach(async () => {
    wire = await deploy({
      demo: {
        failover: { mode: 'approve', quorum: 1 },
        alarms: [{ alarm: 'nothing-published', site: 'beijing' }],
      },
    });
    watch = wire.start('watch', 20_000);
    void watch.invoke({});
    await untilProtected(wire);
  }, 40_000);
  afterEach(() => wire.close());

  test('is moved by whoever IAM lets ask the API', async () => {
    const api = wire.start('api', 10_000);
    const wanted = { verb: 'failover', reason: 'beijing will be lost', overrides: ['quorum'] };
    const asked = await api.invoke(signedRequest('POST', '/v1/pairs/demo/operations', wanted));
    expect(asked).toMatchObject({ ended: 'answer', payload: { statusCode: 202 } });
    await untilMoved(wire);
    await expectMovedOnce(wire);
    expect(await wire.store.listActs('demo', everything)).toMatchObject([
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
    const alarm = wire.start('alarm', 10_000);
    expect(await alarm.invoke(alarmEvent('another', 'ALARM'))).toMatchObject({ payload: { answered: [] } });
    await loseBeijing(wire);
    await untilTold(watch, /^beijing is down/);
    const event = alarmEvent('nothing-published', 'ALARM');
    expect(await alarm.invoke(event)).toMatchObject({ payload: { answered: [{ pair: 'demo', done: true }] } });
    await untilMoved(wire);
    await expectMovedOnce(wire);
    expect(await alarm.invoke(event)).toMatchObject({ payload: { answered: [{ done: false }] } });
    expect(await wire.store.listActs('demo', everything)).toMatchObject([
      { who: 'alarm nothing-published', via: 'alarm', verb: 'failover', outcome: 'done' },
    ]);
    expect(alarm.sandboxes()).toBe(1);
  }, 30_000);

  test('is not moved by an event that makes no sense', async () => {
    const alarm = wire.start('alarm', 10_000);
    const { detail: _, ...event } = alarmEvent('nothing-published', 'ALARM');
    expect(await alarm.invoke(event)).toMatchObject({
      ended: 'error',
      payload: { errorType: 'MalformedEvent', errorMessage: expect.stringContaining('look at detail') },
    });
    expect((await wire.store.readPair('demo'))?.request).toBeNull();
  }, 30_000);
});
