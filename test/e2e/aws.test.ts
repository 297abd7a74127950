import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { labConfig } from '../../cli/labConfig.ts';
import { connectClient } from '../../lab/clients/connection.ts';
import { labDown } from '../../lab/down.ts';
import { injectFault } from '../../lab/faults.ts';
import { healFault } from '../../lab/heal.ts';
import type { Lab } from '../../lab/lab.ts';
import { labUsers, type SiteName, siteOf } from '../../lab/topology.ts';
import { labUp } from '../../lab/up.ts';
import { until } from '../../lab/wait.ts';
import { alarmEvent } from '../lambdas/alarmEvent.ts';
import { type Account, openAccount, parameterName, publishRecord, secretArn } from '../lambdas/wire/account.ts';
import { type Deployment, deployTo } from '../lambdas/wire/deployment.ts';
import { signedRequest } from '../lambdas/wire/signedRequest.ts';
import { untilTold } from '../lambdas/wire/support.ts';
import { hasJava, javaVersionMin, startDynalite, startDynamodbLocal } from '../support/aws/dynamodb.ts';
import type { LambdaFunction } from '../support/aws/runtime.ts';

const nodesPerSite = 1;
const record = 'amqp.example.com';
const everything = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, limit: 100 };
const bootTimeoutMs = 300_000;
const storyTimeoutMs = 180_000;
const isLocal = hasJava();
const [tables, startDynamodb] = isLocal
  ? (['DynamoDB Local', startDynamodbLocal] as const)
  : ([`dynalite, for want of Java ${javaVersionMin},`, startDynalite] as const);

describe(`the functions as they are deployed, on real clusters and ${tables}`, () => {
  let lab: Lab;
  let account: Account;
  let deployment: Deployment;
  let watch: LambdaFunction;
  const addressesOf = (site: SiteName) => siteOf(lab.topology, site).nodes.map(({ address }) => address);

  beforeAll(async () => {
    if (!isLocal && process.env.CI === 'true')
      throw new Error(`CI must not do without DynamoDB Local, and this machine has no Java ${javaVersionMin} or later`);
    await labDown();
    lab = await labUp({ nodesPerSite });
  }, bootTimeoutMs);
  afterEach(async () => {
    await deployment?.close();
    await account?.close();
  });
  afterAll(labDown, 60_000);

  /** A new account, with traffic on beijing, watched once both sides are well. */
  async function watchFrom(change: object): Promise<void> {
    const logins = Object.values(labUsers).map(({ name, password }) => [name, `${name}:${password}`]);
    // What Route 53 takes of a real account: the probing is a deployment's, too.
    account = await openAccount(Object.fromEntries(logins), { dynamodb: startDynamodb, requestsPerSecond: 5 });
    publishRecord(account, record, addressesOf('beijing'));
    deployment = await deployTo(account, configOf(account, change));
    watch = deployment.start('watch', storyTimeoutMs);
    void watch.invoke({ source: 'aws.scheduler' });
    await untilWell();
  }

  /** The lab's pair, with a record of Route 53 in place of HAProxy and of its endpoint, and logins kept by AWS. */
  function configOf({ route53 }: Account, change: object): object {
    const { version, pairs } = parse(
      labConfig({
        nodesPerSite,
        logins: {
          probe: `ssm:${parameterName(labUsers.probe.name)}`,
          app: `secretsmanager:${secretArn(labUsers.app.name)}#login`,
          operator: `secretsmanager:${secretArn(labUsers.operator.name)}#login`,
        },
      }),
    );
    const values = { beijing: addressesOf('beijing'), shanghai: addressesOf('shanghai') };
    const targets = [{ route53: { zone: route53.zone, record, values, resolvers: [route53.dns] } }];
    const [{ endpoint: _, ...pair }] = pairs;
    return { version, pairs: [{ ...pair, targets, ...change }] };
  }

  async function untilWell(): Promise<void> {
    const isWell = async () => {
      const [newest] = await deployment.store.listDecisions('demo', everything);
      return newest?.decision.reason === 'all-well' ? undefined : String(newest?.decision.sentence);
    };
    await until(isWell, { what: 'both sides to be well', timeoutMs: 60_000 });
  }

  /** Resolves when so many operations have ended. */
  async function untilEnded(count: number): Promise<void> {
    const isKept = async () => {
      const ended = await deployment.store.listOperations('demo', everything);
      return ended.length === count ? undefined : `there are ${ended.length}`;
    };
    await until(isKept, { what: `${count} operations to have ended`, timeoutMs: 60_000 });
  }

  /** Route 53, its marker, a resolver and the store say the same, and whoever follows the resolver reaches that cluster. */
  async function expectServedBy(site: SiteName, epoch: number): Promise<void> {
    const found = await deployment.whereabouts('demo', record);
    expect(found).toEqual({
      published: addressesOf(site),
      marker: `"warren pair=demo site=${site} epoch=${epoch} write=1"`,
      answered: addressesOf(site),
      desired: site,
      epoch,
      operation: null,
    });
    const client = await connectClient({ address: found.answered[0] ?? '', port: 5672 }, labUsers.app, 'follows DNS');
    const { cluster_name: cluster } = client.connection.serverProperties as unknown as Record<string, unknown>;
    await client.close();
    expect(cluster).toBe(site);
  }

  const operations = () => deployment.store.listOperations('demo', everything);
  const done = (from: SiteName, to: SiteName, startedBy: object) => ({
    verb: 'failover',
    from,
    to,
    phase: 'finished',
    startedBy,
  });

  test(
    'move a record by schedule when the primary dies, and clients that follow it reach the standby',
    async () => {
      await watchFrom({});
      await injectFault(lab, 'kill-site', { site: 'beijing' });
      await untilEnded(1);
      expect(await operations()).toMatchObject([done('beijing', 'shanghai', { kind: 'automatic' })]);
      await expectServedBy('shanghai', 2);
    },
    storyTimeoutMs,
  );

  describe('where a person must agree,', () => {
    beforeEach(async () => {
      await healFault(lab, 'kill-site', { site: 'beijing' });
      const alarms = [{ alarm: 'nothing-published', site: 'shanghai' }];
      await watchFrom({ failover: { mode: 'approve', quorum: 1, cooldown: '1s' }, alarms });
    }, storyTimeoutMs);

    test(
      'move it for a person who asks the API, and back for an alarm when that side is lost',
      async () => {
        const wanted = { verb: 'failover', reason: 'beijing is to be looked at', overrides: ['quorum'] };
        const asked = deployment
          .start('api', 10_000)
          .invoke(signedRequest('POST', '/v1/pairs/demo/operations', wanted));
        expect(await asked).toMatchObject({ ended: 'answer', payload: { statusCode: 202 } });
        await untilEnded(1);
        await expectServedBy('shanghai', 2);
        await untilWell();

        await injectFault(lab, 'kill-site', { site: 'shanghai' });
        await untilTold(watch, /^shanghai is down/);
        const event = alarmEvent('nothing-published', 'ALARM');
        const answered = deployment.start('alarm', 10_000).invoke(event);
        expect(await answered).toMatchObject({ ended: 'answer', payload: { answered: [{ done: true }] } });
        await untilEnded(2);
        await expectServedBy('beijing', 3);
        const person = { kind: 'person' };
        expect(await operations()).toMatchObject([
          done('shanghai', 'beijing', { ...person, who: 'alarm nothing-published' }),
          done('beijing', 'shanghai', person),
        ]);
      },
      storyTimeoutMs,
    );
  });
});
