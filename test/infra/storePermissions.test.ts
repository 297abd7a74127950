import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Store } from '../../core/flow/ports.ts';
import { newPairRecord } from '../../core/model/record.ts';
import { openStore, useCredentials } from '../adapters/dynamodb/place.ts';
import { act, all, decided, observation, transition } from '../adapters/dynamodb/samples.ts';
import { type DynamodbServer, newTables, startDynalite } from '../support/aws/dynamodb.ts';
import { type FaultProxy, startFaultProxy } from '../support/aws/faultProxy.ts';
import { oneRegion, propertiesOf, templateOf, templatesOf } from './support.ts';

useCredentials();

interface Statement {
  Action: string | string[];
  Resource: { 'Fn::Join': [string, string[]] };
  Condition?: { 'ForAllValues:StringLike'?: { 'dynamodb:LeadingKeys': string[] } };
}

/** Every action on every table, as `history PutItem acts` where only some partitions may be written, else `history PutItem`. */
function granted(stack: string, role: string): Set<string> {
  const policies = propertiesOf(templateOf(templatesOf(oneRegion), stack), 'AWS::IAM::Policy');
  const [{ PolicyDocument } = {}] = policies.filter(({ PolicyName }) => String(PolicyName).includes(role));
  const { Statement: statements } = PolicyDocument as { Statement: Statement[] };
  const of = ({ Action, Resource, Condition }: Statement) => {
    const [, table] = JSON.stringify(Resource).match(/table\/warren-(\w+)/) ?? [];
    const keys = Condition?.['ForAllValues:StringLike']?.['dynamodb:LeadingKeys'] ?? ['/'];
    const actions = [Action].flat().filter((action) => action.startsWith('dynamodb:'));
    return actions.flatMap((action) =>
      keys.map((key) => [table, action.replace('dynamodb:', ''), key.split('/')[0]].join(' ').trim()),
    );
  };
  return new Set(statements.flatMap(of));
}

describe('on the tables', () => {
  let dynamodb: DynamodbServer;
  let proxy: FaultProxy;
  let store: Store;
  let called: { table: string; operation: string; kind: string }[];
  beforeAll(async () => {
    dynamodb = await startDynalite();
    const names = await newTables(dynamodb.url, 'permissions');
    proxy = await startFaultProxy({ dynamodb: dynamodb.url });
    const note = ({ operation, body }: { operation: string; body: string }) => {
      const { TableName, Item, Key } = JSON.parse(body);
      const kind = String((Item ?? Key)?.pk.S ?? '').split('/')[0] ?? '';
      called.push({ table: TableName.replace(/.*-/, ''), operation, kind });
      return false;
    };
    proxy.order({ kind: 'drop' }, { when: note });
    store = openStore({ ...names, endpoint: proxy.url });
  });
  afterAll(async () => {
    await store.close();
    await proxy.close();
    await dynamodb.close();
  });

  /** What somebody does who asks on behalf of people: an act under a key that was used long ago takes its place. */
  async function ask(): Promise<void> {
    await store.writePair((await store.readPair('trading')) ?? newPairRecord('trading'));
    await store.writeFleet(await store.readFleet());
    await store.writeObservation(observation(1));
    await store.listObservations('trading');
    for (const atMs of [1_000, 2_000]) await store.recordAct(act({ atMs }));
    await store.readAct('a');
    await Promise.all([store.listActs('trading', all), store.listOperations('trading', all)]);
    await Promise.all([store.listDecisions('trading', all), store.listTransitions('trading', all)]);
  }

  test('the watch function may do what the store does, and nothing else', async () => {
    called = [];
    await ask();
    for (const atMs of [1_000, 2_000]) await store.recordDecision(decided(atMs));
    await store.recordTransition(transition(1_000));
    const does = new Set(called.map(({ table, operation }) => `${table} ${operation}`));
    expect(granted('warren-vantage-ireland', 'Watch')).toEqual(does);
  });

  test.each(['ApiFunction', 'AlarmFunction'])(
    'the %s may do what asking takes, and writes acts alone',
    async (role) => {
      called = [];
      await ask();
      const writes = ['PutItem', 'DeleteItem', 'UpdateItem'];
      const isKept = ({ table, operation }: (typeof called)[number]) =>
        table === 'history' && writes.includes(operation);
      const does = called.map((call) => [call.table, call.operation, ...(isKept(call) ? [call.kind] : [])].join(' '));
      // The index of an act stays where it is.
      expect(granted('warren-control', role)).toEqual(new Set([...does, 'history DeleteItem act']));
    },
  );
});

test('who asks on behalf of people never writes decisions, transitions or operations', () => {
  const folders = ['core/flow/control', 'lambdas/api', 'lambdas/alarm'].map((name) => `${name}/`);
  const files = folders.flatMap((folder) =>
    readdirSync(new URL(`../../${folder}`, import.meta.url)).map((name) => `${folder}${name}`),
  );
  const writers = ['core/flow/status.ts', ...files].filter((name) =>
    /\.(recordDecision|recordTransition|saveOperation)\(/.test(
      readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8'),
    ),
  );
  expect(files.length).toBeGreaterThan(40);
  expect(writers).toEqual([]);
});
