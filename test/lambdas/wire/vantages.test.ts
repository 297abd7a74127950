import { afterEach, describe, expect, test } from '@jest/globals';
import type { Stage } from '../../../infra/stage.ts';
import { until } from '../../../lab/wait.ts';
import { oneRegion, threeRegions } from '../../infra/support.ts';
import { type FaultProxy, startFaultProxy } from '../../support/aws/faultProxy.ts';
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

/** A vantage in each of two Regions that have the tables, and in the primary's, which has their witness. */
const besideThePrimary: Stage = {
  ...oneRegion,
  vantages: [
    ...oneRegion.vantages,
    { name: 'london', region: 'eu-west-2' },
    { name: 'frankfurt', region: 'eu-central-1' },
  ],
  store: { replicaRegions: ['eu-west-2'], witnessRegion: 'eu-central-1' },
};

interface Region {
  /** The only way from here to the tables. */
  endpoint: FaultProxy;
  watch: LambdaFunction;
}

describe('three vantages, each with a way of its own to the tables,', () => {
  let wire: Wire;
  let regions: Map<string, Region>;
  const watchFrom = async (stage: Stage) => {
    const vantages = stage.vantages.map(({ name }) => name);
    wire = await deploy({ demo: { vantages, failover: voting.failover } }, { stage });
    regions = new Map();
    for (const vantage of vantages) {
      const endpoint = await startFaultProxy({ dynamodb: wire.account.dynamodb.url });
      const watch = wire.start('watch', 60_000, { vantage, tablesUrl: endpoint.url });
      regions.set(vantage, { endpoint, watch });
      void watch.invoke({});
    }
    await untilProtected(wire, 'demo', 3 * vantages.length);
    for (const { endpoint } of regions.values()) expect(endpoint.seen).toContain('PutItem');
  };
  /** Its function ends where it is, and nothing listens any more where its tables were. */
  const lose = async (vantage: string) => {
    const { endpoint, watch } = regions.get(vantage) as Region;
    regions.delete(vantage);
    await Promise.all([watch.close(), endpoint.close()]);
  };
  /** Resolves when every vantage that is left has said since now that it sees both sides. */
  const untilSeenAnew = async () => {
    const sinceMs = Date.now();
    const look = async () => {
      const said = (await wire.store.listObservations('demo')).filter(
        ({ atMs, health }) => atMs > sinceMs && health.beijing === 'up' && health.shanghai === 'up',
      );
      const silent = [...regions.keys()].filter((name) => !said.some(({ vantage }) => vantage === name));
      return silent.length === 0 ? undefined : `nothing came of ${silent.join(', ')}`;
    };
    await until(look, { what: 'new observations', timeoutMs: 20_000, everyMs: 50 });
  };
  afterEach(async () => {
    await wire.close();
    for (const { endpoint } of regions.values()) await endpoint.close();
  });

  test("lose the primary's Region and what is in it: the other two move traffic", async () => {
    await watchFrom(besideThePrimary);
    await Promise.all([lose('frankfurt'), loseBeijing(wire)]);
    await untilMoved(wire);
    await expectMovedOnce(wire);
  }, 60_000);

  test('lose the control Region: nothing moves, and the other two move traffic when the primary is lost', async () => {
    await watchFrom(threeRegions);
    await lose('ireland');
    await untilSeenAnew();
    expect(await wire.store.readPair('demo')).toMatchObject({ desired: 'beijing', operation: null, epoch: 1 });
    await loseBeijing(wire);
    await untilMoved(wire);
    await expectMovedOnce(wire);
  }, 60_000);
});
