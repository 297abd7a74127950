import { Resolver } from 'node:dns/promises';
import { createDynamodbStore } from '../../../adapters/dynamodb/store.ts';
import { createTables } from '../../../adapters/dynamodb/tables.ts';
import { systemClock } from '../../../adapters/system/clock.ts';
import type { Store } from '../../../core/flow/ports.ts';
import type { PairRecord } from '../../../core/model/record.ts';
import type { FunctionName } from '../../../infra/bundle.ts';
import type { Stage } from '../../../infra/stage.ts';
import { until } from '../../../lab/wait.ts';
import { environmentNames } from '../../../lambdas/shared/contract.ts';
import { oneRegion } from '../../infra/support.ts';
import { clientOf, credentials } from '../../support/aws/dynamodb.ts';
import { createFunction, type LambdaFunction } from '../../support/aws/runtime.ts';
import type { Account } from './account.ts';
import { install, region } from './installation.ts';

/** Where a pair's traffic goes, as told by everybody who can be asked; null: there is nothing to tell. */
export interface Whereabouts {
  /** The values of the record, and the marker beside it, as Route 53 has them. */
  published: string[];
  marker: string | null;
  /** What a resolver is answered over DNS. */
  answered: string[];
  /** What the pair's record says. */
  desired: string | null;
  epoch: number;
  operation: string | null;
}

export interface StartOptions {
  /** Whose watch. @default the first one of the stage */
  vantage?: string;
  /** What it signs with, by which its requests can be told from those of others. */
  keyId?: string;
  /** Its own way to the tables. @default that of everybody */
  tablesUrl?: string;
}

/** The functions of a configuration in an account, with its tables. */
export interface Deployment {
  /** What is deployed, as people wrote it. */
  readonly config: object;
  readonly tables: { stateTable: string; historyTable: string };
  /** To look into the tables with, past the proxy. */
  store: Store;
  /** One of the functions, as it would be deployed but for its timeout. */
  start(name: FunctionName, timeoutMs: number, options?: StartOptions): LambdaFunction;
  /** @param record the name of the pair's A record */
  whereabouts(pair: string, record: string): Promise<Whereabouts>;
  /** Resolves when the pair's record is like that. */
  untilRecord(pair: string, isReached: (record: PairRecord) => boolean, patienceMs?: number): Promise<PairRecord>;
  close(): Promise<void>;
}

const usualPatienceMs = 25_000;

/** What Lambda itself tells every function, and where AWS is. */
export const runtimeEnvironment = ({ proxy }: Account, ownRegion = region, tablesUrl = proxy.url) => ({
  AWS_REGION: ownRegion,
  AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  AWS_ENDPOINT_URL: proxy.url,
  AWS_ENDPOINT_URL_DYNAMODB: tablesUrl,
});

/** @param stage by default, one vantage */
export async function deployTo(account: Account, config: object, stage: Stage = oneRegion): Promise<Deployment> {
  const { route53, dynamodb } = account;
  const installation = await install(config, stage);
  const { [environmentNames.stateTable]: stateTable = '', [environmentNames.historyTable]: historyTable = '' } =
    installation.get('api')?.environment ?? {};
  const client = clientOf(dynamodb.url);
  await createTables(client, { stateTable, historyTable });
  const store = createDynamodbStore({ stateTable, historyTable, client, clock: systemClock, random: Math.random });
  const resolver = new Resolver({ timeout: 1_000, tries: 2 });
  resolver.setServers([route53.dns]);
  const functions: LambdaFunction[] = [];
  const valuesOf = (name: string, type: string) =>
    route53.sets().find((set) => set.name === `${name}.` && set.type === type)?.values ?? [];
  return {
    config,
    tables: { stateTable, historyTable },
    store,
    start(name, timeoutMs, options = {}) {
      const { vantage = stage.vantages[0]?.name, keyId = credentials.accessKeyId, tablesUrl } = options;
      const fullName = name === 'watch' ? (`watch-${vantage}` as const) : name;
      const deployed = installation.get(fullName);
      if (!deployed) throw new Error(`the configuration needs no function ${fullName}`);
      const { folder, environment } = deployed;
      const { region: ownRegion } = stage.vantages.find((each) => name === 'watch' && each.name === vantage) ?? {};
      const started = createFunction({
        name: `warren-${fullName}`,
        folder,
        timeoutMs,
        environment: { ...environment, ...runtimeEnvironment(account, ownRegion, tablesUrl), AWS_ACCESS_KEY_ID: keyId },
      });
      functions.push(started);
      return started;
    },
    async whereabouts(pair, record) {
      const { desired = null, epoch = 0, operation = null } = (await store.readPair(pair)) ?? {};
      return {
        published: valuesOf(record, 'A'),
        marker: valuesOf(`_warren.${record}`, 'TXT')[0] ?? null,
        answered: await resolver.resolve4(record),
        desired,
        epoch,
        operation: operation?.phase ?? null,
      };
    },
    async untilRecord(pair, isReached, patienceMs = usualPatienceMs) {
      let record: PairRecord | undefined;
      const look = async () => {
        record = await store.readPair(pair);
        return record && isReached(record) ? undefined : `it is ${JSON.stringify(record)}`;
      };
      await until(look, { what: `the record of ${pair}`, timeoutMs: patienceMs, everyMs: 50 });
      return record as unknown as PairRecord;
    },
    async close() {
      await Promise.all(functions.map((each) => each.close()));
      resolver.cancel();
      await store.close();
      client.destroy();
    },
  };
}
