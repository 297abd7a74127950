import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { labConfig } from '../../cli/labConfig.ts';
import { connectClient } from '../../lab/clients/connection.ts';
import { labDown } from '../../lab/down.ts';
import { injectFault } from '../../lab/faults.ts';
import type { Lab } from '../../lab/lab.ts';
import { labUsers, siteOf } from '../../lab/topology.ts';
import { labUp } from '../../lab/up.ts';
import { until } from '../../lab/wait.ts';
import { type Account, openAccount, parameterName, publishRecord, secretArn } from '../lambdas/wire/account.ts';
import { type Deployment, deployTo } from '../lambdas/wire/deployment.ts';
import { hasJava, startDynalite, startDynamodbLocal } from '../support/aws/dynamodb.ts';

const nodesPerSite = 1;
const record = 'amqp.example.com';
const everything = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, limit: 100 };
const bootTimeoutMs = 300_000;
const [tables, startDynamodb] = hasJava()
  ? (['DynamoDB Local', startDynamodbLocal] as const)
  : (['dynalite', startDynalite] as const);

describe(`the watch function as it is deployed, on real clusters and ${tables}`, () => {
  let lab: Lab;
  let account: Account;
  let deployment: Deployment;
  const addressesOf = (site: 'beijing' | 'shanghai') => siteOf(lab.topology, site).nodes.map(({ address }) => address);

  beforeAll(async () => {
    await labDown();
    lab = await labUp({ nodesPerSite });
    const logins = Object.values(labUsers).map(({ name, password }) => [name, `${name}:${password}`]);
    // What Route 53 takes of a real account: the probing is a deployment's, too.
    account = await openAccount(Object.fromEntries(logins), { dynamodb: startDynamodb, requestsPerSecond: 5 });
    publishRecord(account, record, addressesOf('beijing'));
    deployment = await deployTo(account, configOf(account));
  }, bootTimeoutMs);
  afterAll(async () => {
    await deployment?.close();
    await account?.close();
    await labDown();
  }, 60_000);

  /** The lab's pair, with a record of Route 53 in place of HAProxy and of its endpoint, and logins kept by AWS. */
  function configOf({ route53 }: Account): object {
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
    return { version, pairs: [{ ...pair, targets }] };
  }

  test('moves a Route 53 record when the primary dies, and clients that follow it reach the standby', async () => {
    void deployment.start('watch', 120_000).invoke({ source: 'aws.scheduler' });
    const { store, untilRecord, whereabouts } = deployment;
    await untilRecord('demo', ({ desired }) => desired === 'beijing');
    const isWell = async () => {
      const [newest] = await store.listDecisions('demo', everything);
      return newest?.decision.reason === 'all-well' ? undefined : String(newest?.decision.sentence);
    };
    await until(isWell, { what: 'both sides to be well', timeoutMs: 60_000 });
    await injectFault(lab, 'kill-site', { site: 'beijing' });
    const isKept = async () => ((await store.listOperations('demo', everything))[0] ? undefined : 'there is none');
    await until(isKept, { what: 'an operation to end', timeoutMs: 60_000 });

    expect(await store.listOperations('demo', everything)).toMatchObject([
      { verb: 'failover', from: 'beijing', to: 'shanghai', phase: 'finished', epoch: 2 },
    ]);
    const shanghai = addressesOf('shanghai');
    const found = await whereabouts('demo', record);
    expect(found).toEqual({
      published: shanghai,
      marker: '"warren pair=demo site=shanghai epoch=2 write=1"',
      answered: shanghai,
      desired: 'shanghai',
      epoch: 2,
      operation: null,
    });
    const client = await connectClient({ address: found.answered[0] ?? '', port: 5672 }, labUsers.app, 'follows DNS');
    const { cluster_name: cluster } = client.connection.serverProperties as unknown as Record<string, unknown>;
    await client.close();
    expect(cluster).toBe('shanghai');
  }, 180_000);
});
