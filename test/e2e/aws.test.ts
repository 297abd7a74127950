import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { labPair } from '../../cli/labConfig.ts';
import { connectClient } from '../../lab/clients/connection.ts';
import { labDown } from '../../lab/down.ts';
import { injectFault } from '../../lab/faults.ts';
import type { Lab } from '../../lab/lab.ts';
import { labUsers } from '../../lab/topology.ts';
import { labUp } from '../../lab/up.ts';
import { alarmEvent } from '../lambdas/alarmEvent.ts';
import { faults, spoil } from '../lambdas/wire/faults.ts';
import type { FailoverRequestName } from '../lambdas/wire/requests.ts';
import { signedRequest } from '../lambdas/wire/signedRequest.ts';
import { expectStopped, orderStop, stops } from '../lambdas/wire/stops.ts';
import {
  everything,
  expectMovedOnce,
  type Installed,
  recordOf,
  untilMoved,
  untilTold,
} from '../lambdas/wire/support.ts';
import { hasJava, javaVersionMin, startDynalite, startDynamodbLocal } from '../support/aws/dynamodb.ts';
import type { Ordered } from '../support/aws/faultProxy.ts';
import type { LambdaFunction } from '../support/aws/runtime.ts';
import { installOnLab, untilWell } from './awsLab.ts';

const bootTimeoutMs = 300_000;
const storyTimeoutMs = 120_000;
/** One run of the watch is enough for all of it. */
const watchedMs = 300_000;
const answeredWithinMs = 10_000;
/** Of two cores that run two brokers, a database and a function. */
const patienceMs = 60_000;
const isLocal = hasJava();
const [tables, startDynamodb] = isLocal
  ? (['DynamoDB Local', startDynamodbLocal] as const)
  : ([`dynalite, for want of Java ${javaVersionMin},`, startDynalite] as const);

/** What befalls which requests, and of which pair: each has a fault of its own, and all lose their primary at the same moment. */
const spoiled = Object.entries({
  change: { what: 'the change of the record', requests: ['batch'] },
  writes: { what: 'each decisive write to the tables', requests: ['claim', 'commit', 'end', 'history'] },
} satisfies Record<string, { what: string; requests: FailoverRequestName[] }>).flatMap(([spoils, { what, requests }]) =>
  faults.map(([first, second, befalling], index) => {
    return { pair: `${spoils}-${index}`, what, requests, first, second, befalling };
  }),
);
/** Where a request goes on failing. */
const refused = stops.filter(({ pair }) =>
  ['claim-throttled', 'commit-failed', 'batch-throttled', 'batch-hung'].includes(pair),
);

/** The only one that is fenced. */
const asked = labPair;
const [scheduled, alarmed, alarm] = ['scheduled', 'alarmed', 'nothing-consumed'];
const approve = { failover: { mode: 'approve', quorum: 1 } };
const pairs: Record<string, object> = {
  [asked]: approve,
  [scheduled]: {},
  [alarmed]: { ...approve, alarms: [{ alarm, site: 'beijing' }] },
  ...Object.fromEntries([...spoiled, ...refused].map(({ pair }) => [pair, {}])),
};

describe(`the functions as they are deployed, on real clusters and ${tables}`, () => {
  let lab: Lab;
  let installed: Installed;
  let watch: LambdaFunction;

  // One boot, one deployment and one death for all: a pair for each story, each with a record of its own.
  beforeAll(async () => {
    if (!isLocal && process.env.CI === 'true')
      throw new Error(`CI must not do without DynamoDB Local, and this machine has no Java ${javaVersionMin} or later`);
    await labDown();
    lab = await labUp({ nodesPerSite: 1 });
    // What Route 53 takes of a real account: the probing is a deployment's, too.
    installed = await installOnLab(lab, pairs, { dynamodb: startDynamodb, requestsPerSecond: 5 });
    watch = installed.start('watch', watchedMs);
    void watch.invoke({ source: 'aws.scheduler' });
    await Promise.all(Object.keys(pairs).map((pair) => untilWell(installed, pair)));
  }, bootTimeoutMs);
  afterAll(async () => {
    await installed?.close();
    await labDown();
  }, 60_000);

  /** It has moved once, by such an operation, and whoever follows the resolver reaches the standby. */
  async function expectServedByStandby(pair: string, operation: object): Promise<void> {
    await untilMoved(installed, pair, patienceMs);
    await expectMovedOnce(installed, pair);
    const [newest] = await installed.store.listOperations(pair, everything);
    expect(newest).toMatchObject(operation);
    const { answered } = await installed.whereabouts(pair, recordOf(pair));
    const client = await connectClient({ address: answered[0] ?? '', port: 5672 }, labUsers.app, 'follows DNS');
    const { cluster_name: cluster } = client.connection.serverProperties as unknown as Record<string, unknown>;
    await client.close();
    expect(cluster).toBe('shanghai');
  }

  test(
    'move a record for a person who asks the API, and clients that follow it reach the standby',
    async () => {
      const wanted = { verb: 'failover', reason: 'beijing is to be looked at', overrides: ['quorum'] };
      const path = `/v1/pairs/${asked}/operations`;
      const answered = installed.start('api', answeredWithinMs).invoke(signedRequest('POST', path, wanted));
      expect(await answered).toMatchObject({ ended: 'answer', payload: { statusCode: 202 } });
      await expectServedByStandby(asked, { startedBy: { kind: 'person' }, fenced: 'fenced' });
    },
    storyTimeoutMs,
  );

  describe('when the primary dies', () => {
    const orders = new Map<string, Ordered[]>();
    beforeAll(async () => {
      const { account } = installed;
      for (const { pair, requests, befalling } of spoiled) {
        const ordered = requests.map((request) => spoil(account, pair, request, befalling));
        orders.set(pair, ordered.flat());
      }
      for (const stop of refused) orderStop(account, stop);
      await injectFault(lab, 'kill-site', { site: 'beijing' });
    }, storyTimeoutMs);

    test(
      'move a record by schedule, and clients that follow it reach the standby',
      () => expectServedByStandby(scheduled, { startedBy: { kind: 'automatic' } }),
      storyTimeoutMs,
    );

    test(
      'move it for an alarm where a person must agree',
      async () => {
        await untilTold(watch, /^beijing is down/, patienceMs, alarmed);
        const answered = installed.start('alarm', answeredWithinMs).invoke(alarmEvent(alarm, 'ALARM'));
        expect(await answered).toMatchObject({ ended: 'answer', payload: { answered: [{ done: true }] } });
        await expectServedByStandby(alarmed, { startedBy: { kind: 'person', who: `alarm ${alarm}` } });
      },
      storyTimeoutMs,
    );

    test.each(spoiled)(
      'where $what $first, and when it comes again $second, move it all the same: once, and never by half',
      async ({ pair, requests }) => {
        await untilMoved(installed, pair, patienceMs);
        await expectMovedOnce(installed, pair);
        expect(orders.get(pair)?.map(({ met }) => met())).toEqual(requests.flatMap(() => [1, 1]));
      },
      storyTimeoutMs,
    );

    test.each(refused)(
      'while the request that $does is $befalls: $sentence, and Warren says why',
      (stop) => expectStopped(installed, watch, stop),
      storyTimeoutMs,
    );

    describe('and once everything is answered again', () => {
      beforeAll(() => installed.account.proxy.mend());

      test.each(refused)(
        'where the one that $does was $befalls, move it once',
        async ({ pair }) => {
          await untilMoved(installed, pair, patienceMs);
          await expectMovedOnce(installed, pair);
        },
        storyTimeoutMs,
      );
    });
  });
});
