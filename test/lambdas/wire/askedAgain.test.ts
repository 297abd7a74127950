import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AwsRequest } from '../../support/aws/awsRequest.ts';
import type { ProxyFault } from '../../support/aws/faultProxy.ts';
import type { LambdaFunction } from '../../support/aws/runtime.ts';
import { ann } from '../gatewayEvent.ts';
import { written } from './requests.ts';
import { signedRequest } from './signedRequest.ts';
import { deploy, everything, expectMovedOnce, untilMoved, untilProtected, type Wire } from './support.ts';

/** What befalls the write of a request until the API has answered, and the answers that are right. */
const cases: { befalls: string; fault: ProxyFault; answers: number[] }[] = [
  { befalls: 'is throttled', fault: { kind: 'throttled' }, answers: [503] },
  { befalls: 'meets an internal error', fault: { kind: 'failed' }, answers: [503] },
  { befalls: 'arrives late', fault: { kind: 'delay', ms: 3_500 }, answers: [202, 503] },
  { befalls: 'is never answered', fault: { kind: 'hang' }, answers: [503] },
  { befalls: 'finds its connection cut', fault: { kind: 'drop' }, answers: [503] },
  { befalls: 'is done, but its answer lost', fault: { kind: 'forward-and-drop' }, answers: [202] },
  { befalls: 'is done, but never answered', fault: { kind: 'forward-and-hang' }, answers: [202] },
];
const named = cases.map((each) => ({ ...each, pair: each.befalls.replaceAll(/[^a-z]+/g, '-') }));

describe('a failover that a person asks for again and again, until it is taken,', () => {
  let wire: Wire;
  let api: LambdaFunction;
  beforeAll(async () => {
    const failover = { mode: 'approve', quorum: 1 };
    wire = await deploy(Object.fromEntries(named.map(({ pair }) => [pair, { failover }])));
    api = wire.start('api', 20_000);
    void wire.start('watch', 90_000).invoke({});
    await Promise.all(named.map(({ pair }) => untilProtected(wire, pair)));
  }, 60_000);
  afterAll(() => wire.close());

  const ask = async (pair: string) => {
    const wanted = { verb: 'failover', reason: 'beijing will be lost', overrides: ['quorum'] };
    const answer = await api.invoke(signedRequest('POST', `/v1/pairs/${pair}/operations`, wanted));
    return (answer as unknown as { payload: { statusCode: number; body: string } }).payload;
  };

  test.each(named)(
    'whose write $befalls, is done once',
    async ({ pair, fault, answers }) => {
      const { proxy } = wire.account;
      const asksFor = (request: AwsRequest) => written(request, pair)?.request != null;
      const ordered = proxy.order(fault, { operation: 'PutItem', when: asksFor, times: Number.POSITIVE_INFINITY });
      const first = await ask(pair);
      expect(answers).toContain(first.statusCode);
      expect(ordered.met()).toBeGreaterThan(0);
      proxy.mend();
      const again = await ask(pair);
      expect(again.statusCode).toBe(202);
      await untilMoved(wire, pair);
      await expectMovedOnce(wire, pair);
      expect(await wire.store.listActs(pair, everything)).toMatchObject([
        { who: ann, verb: 'failover', outcome: 'done' },
      ]);
    },
    40_000,
  );
});
