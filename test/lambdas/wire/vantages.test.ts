import { afterEach, describe, expect, test } from '@jest/globals';
import { threeRegions } from '../../infra/support.ts';
import type { LambdaFunction } from '../../support/aws/runtime.ts';
import { deploy, expectMovedOnce, loseBeijing, untilMoved, untilProtected, untilTold, type Wire } from './support.ts';

const names = threeRegions.vantages.map(({ name }) => name);
const voting = {
  vantages: names,
  failover: { mode: 'automatic', quorum: 'majority' },
  probe: { every: '2s', recheck: '500ms', fullEvery: '2s', timeout: '2s', fall: 2, rise: 2 },
};

describe('three vantages as they are deployed', () => {
  let wire: Wire;
  let watches: LambdaFunction[];
  const watchFromAll = async (pairs: string[]) => {
    // What Route 53 takes of a whole account.
    const options = { stage: threeRegions, requestsPerSecond: 5 };
    wire = await deploy(Object.fromEntries(pairs.map((pair) => [pair, voting])), options);
    watches = names.map((name) => wire.start('watch', 60_000, { vantage: name }));
    for (const watch of watches) void watch.invoke({});
    await Promise.all(pairs.map((pair) => untilProtected(wire, pair, 3 * names.length)));
  };
  afterEach(() => wire.close());

  test('come to see two pairs, and move them, within the five requests a second of Route 53', async () => {
    const pairs = ['coffee', 'tea'];
    await watchFromAll(pairs);
    await Promise.all(pairs.map((pair) => loseBeijing(wire, pair)));
    for (const pair of pairs) {
      await untilMoved(wire, pair);
      await expectMovedOnce(wire, pair);
    }
  }, 60_000);

  test('move nothing while they do not hear of each other over DynamoDB, and then do', async () => {
    await watchFromAll(['demo']);
    const { proxy } = wire.account;
    const isVote = ({ body }: { body: string }) => /"observation\//.test(body);
    proxy.order({ kind: 'denied' }, { operation: 'PutItem', when: isVote, times: Number.POSITIVE_INFINITY });
    await loseBeijing(wire);
    const [ireland] = watches as [LambdaFunction];
    await untilTold(ireland, /^beijing is down.* 2 votes needed/);
    expect(await wire.store.readPair('demo')).toMatchObject({ desired: 'beijing', operation: null });
    proxy.mend();
    await untilMoved(wire);
    await expectMovedOnce(wire);
  }, 60_000);
});
