import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { createDynamodbStore } from '../../../adapters/dynamodb/store.ts';
import { systemClock } from '../../../adapters/system/clock.ts';
import type { Store } from '../../../core/flow/ports.ts';
import type { PairRecord } from '../../../core/model/record.ts';
import { bundleFunctions, type FunctionName } from '../../../infra/bundle.ts';
import { FakeBroker } from '../../adapters/rabbitmq/fakeBroker.ts';
import { FakeManagement, healthy } from '../../adapters/rabbitmq/support.ts';
import { clientOf, credentials, newTables, region, startDynalite } from '../../support/aws/dynamodb.ts';
import { createFunction, type LambdaFunction } from '../../support/aws/runtime.ts';
import { type HaproxyStandIn, startHaproxy } from './haproxy.ts';
import { startSecretsManager } from './secrets.ts';

export const password = 'hunter2&secret';
const secret = `arn:aws:secretsmanager:${region}:123456789012:secret:probe-AbCdEf`;

/** A deployment on loopback: two sites of one node, an HAProxy, the tables, and the bundles that would be deployed. */
export interface Deployment {
  beijing: FakeBroker;
  shanghai: FakeBroker;
  haproxy: HaproxyStandIn;
  /** To look into the tables with. */
  store: Store;
  /** One of the functions, as it would be deployed. */
  start(name: FunctionName, timeoutMs: number): LambdaFunction;
  /** Resolves when the pair's record is like that. */
  untilRecord(isReached: (record: PairRecord) => boolean): Promise<PairRecord>;
  close(): Promise<void>;
}

/** @param change what of the pair `demo` is not as usual */
export async function deploy(change: Record<string, unknown> = {}): Promise<Deployment> {
  const folder = mkdtempSync(join(tmpdir(), 'warren-wire-'));
  const [beijing, shanghai] = [new FakeBroker(), new FakeBroker({ clusterName: 'shanghai' })];
  const management = new FakeManagement({ ...healthy, '/api/nodes': { status: 200, body: [] } });
  const haproxy = await startHaproxy(['bj1', 'sh1'], 'bj1');
  const url = await management.listen();
  const secrets = await startSecretsManager({
    [secret]: JSON.stringify({ shanghai: { username: 'probe', password } }),
  });
  const site = async (broker: FakeBroker, name: string, probeCredentials: string) => ({
    nodes: [{ name, amqp: await broker.listen(), management: url }],
    probeCredentials,
  });
  const pair = {
    name: 'demo',
    primary: 'beijing',
    standby: 'shanghai',
    sites: {
      beijing: await site(beijing, 'rabbit@bj1', 'env:PROBE'),
      shanghai: await site(shanghai, 'rabbit@sh1', `secretsmanager:${secret}#shanghai`),
    },
    probe: { every: '500ms', recheck: '200ms', fullEvery: '1s', timeout: '2s', fall: 2, rise: 2 },
    failover: { mode: 'automatic', quorum: 1 },
    targets: [
      { haproxy: { address: haproxy.address, backend: 'amqp', servers: { beijing: ['bj1'], shanghai: ['sh1'] } } },
    ],
    ...change,
  };
  const configPath = join(folder, 'warren.yaml');
  writeFileSync(configPath, stringify({ version: 1, pairs: [pair] }));
  const [folders, tables] = await Promise.all([bundleFunctions(join(folder, 'functions'), configPath), openTables()]);
  const functions: LambdaFunction[] = [];
  return {
    beijing,
    shanghai,
    haproxy,
    store: tables.store,
    start(name, timeoutMs) {
      const options = { name: `warren-${name}`, folder: folders[name], timeoutMs };
      const started = createFunction({
        ...options,
        environment: { ...tables.environment, AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url },
      });
      functions.push(started);
      return started;
    },
    async untilRecord(isReached) {
      for (;;) {
        const record = await tables.store.readPair('demo');
        if (record && isReached(record)) return record;
        await sleep(50);
      }
    },
    async close() {
      await Promise.all(functions.map((each) => each.close()));
      haproxy.close();
      secrets.close();
      await Promise.all([beijing.close().catch(() => {}), shanghai.close(), management.close(), tables.close()]);
      rmSync(folder, { recursive: true });
    },
  };
}

async function openTables() {
  const server = await startDynalite();
  const names = await newTables(server.url, 'wire');
  const client = clientOf(server.url);
  const store = createDynamodbStore({ ...names, client, clock: systemClock, random: Math.random });
  const environment = {
    WARREN_CONFIG: 'warren.json',
    WARREN_STATE_TABLE: names.stateTable,
    WARREN_HISTORY_TABLE: names.historyTable,
    WARREN_STORE_REGION: region,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_ENDPOINT_URL_DYNAMODB: server.url,
    PROBE: `probe:${password}`,
  };
  const close = async () => {
    await store.close();
    client.destroy();
    await server.close();
  };
  return { store, environment, close };
}
