import { randomBytes } from 'node:crypto';
import { DescribeTableCommand, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { expiryAttribute, keys, retentionMs } from '../../../adapters/dynamodb/layout.ts';
import { createVirtualClock } from '../../../adapters/memory/clock.ts';
import { type Store, StoreUnavailable, VersionConflict } from '../../../core/flow/ports.ts';
import type { Operation } from '../../../core/model/operation.ts';
import { newFleetRecord, newPairRecord } from '../../../core/model/record.ts';
import { clientOf, type DynamodbServer, newTables, startDynalite } from '../../support/aws/dynamodb.ts';
import { type FaultProxy, startFaultProxy } from '../../support/aws/faultProxy.ts';
import { openStore, useCredentials } from './place.ts';
import { act, all, decided, hold, observation, transition } from './samples.ts';

useCredentials();
let server: DynamodbServer;
let proxy: FaultProxy;
let client: ReturnType<typeof clientOf>;
let tables: Awaited<ReturnType<typeof newTables>>;
let store: Store;
const stores: Store[] = [];

const open = (options: Partial<Parameters<typeof openStore>[0]> = {}) => {
  const opened = openStore({ ...tables, endpoint: proxy.url, ...options });
  stores.push(opened);
  return opened;
};

beforeAll(async () => {
  server = await startDynalite();
  client = clientOf(server.url);
  proxy = await startFaultProxy({ dynamodb: server.url });
});
afterAll(async () => {
  client.destroy();
  await proxy.close();
  await server.close();
});
beforeEach(async () => {
  tables = await newTables(server.url, 'store');
  store = open();
  proxy.seen.length = 0;
});
afterEach(async () => {
  for (const each of stores.splice(0)) await each.close();
});

const itemsOf = async (table: string) => (await client.send(new ScanCommand({ TableName: table }))).Items ?? [];

function operation(change: Partial<Operation> = {}): Operation {
  return { id: 'demo-1', pair: 'trading', timeline: { claimedAtMs: 1_000 }, ...change } as Operation;
}

describe('the tables', () => {
  test('have one string for a partition and one to sort by, and are billed per request', async () => {
    for (const name of Object.values(tables)) {
      const { Table: table } = await client.send(new DescribeTableCommand({ TableName: name }));
      expect(table?.KeySchema).toEqual([
        { AttributeName: keys.partition, KeyType: 'HASH' },
        { AttributeName: keys.sort, KeyType: 'RANGE' },
      ]);
      expect(table?.BillingModeSummary?.BillingMode).toBe('PAY_PER_REQUEST');
    }
  });

  test('keep decisions and transitions for 90 days after they were written, everything else for ever', async () => {
    const clock = createVirtualClock();
    const written = open({ clock });
    await written.recordDecision(decided(1_000));
    await written.recordTransition(transition(1_000));
    const expected = String((clock.nowMs() + retentionMs) / 1_000);
    expect((await itemsOf(tables.historyTable)).map((item) => item[expiryAttribute]?.N)).toEqual([expected, expected]);
    clock.setWallClock(clock.nowMs() + 60_000);
    await written.recordDecision(decided(2_000));
    await written.saveOperation(operation());
    await written.recordAct(act());
    await written.writePair(newPairRecord('trading'));
    await written.writeObservation(observation(1));
    const items = [...(await itemsOf(tables.historyTable)), ...(await itemsOf(tables.stateTable))];
    const expiries = items.flatMap((item) => item[expiryAttribute]?.N ?? []).sort();
    expect(expiries).toEqual([expected, String(Number(expected) + 60)]);
    expect(items).toHaveLength(8);
  });
});

describe('what it costs', () => {
  test('an unchanged decision is one read and one write, a changed one too', async () => {
    await store.recordDecision(decided(1_000));
    await store.recordDecision(decided(2_000));
    await store.recordDecision(decided(3_000, { reason: 'other' }));
    expect(proxy.seen).toEqual(['Query', 'PutItem', 'Query', 'UpdateItem', 'Query', 'PutItem']);
  });

  test('thirty days of changes are one page, as long as they have less than a megabyte', async () => {
    for (let day = 1; day <= 30; day += 1) await store.recordTransition(transition(day * 86_400_000));
    proxy.seen.length = 0;
    expect(await store.listTransitions('trading', { ...all, fromMs: 86_400_000 })).toHaveLength(30);
    expect(proxy.seen).toEqual(['Query']);
  });

  test('what has more is read page by page, in order and only as far as it is asked for', async () => {
    // It cannot be compressed, so that 14 rows are more than a page.
    const noise = () => randomBytes(100_000).toString('latin1');
    for (let index = 1; index <= 14; index += 1) await store.recordTransition(transition(index, noise()));
    proxy.seen.length = 0;
    const moments = (await store.listTransitions('trading', all)).map(({ atMs }) => atMs);
    expect(moments).toEqual([14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
    const pages = proxy.seen.length;
    expect(pages).toBeGreaterThan(1);
    expect(pages).toBeLessThan(5);
    await store.listTransitions('trading', { ...all, limit: 2 });
    expect(proxy.seen).toHaveLength(pages + 1);
  });

  test('a range that is empty, and no rows, are not asked for', async () => {
    expect(await store.listTransitions('trading', { fromMs: 0, toMs: -1, limit: 5 })).toEqual([]);
    expect(await store.listDecisions('trading', { fromMs: 5, toMs: 4, limit: 5 })).toEqual([]);
    expect(await store.listActs('trading', { ...all, limit: 0 })).toEqual([]);
    expect(proxy.seen).toEqual([]);
  });
});

describe('what is too large for an item', () => {
  test('a record is compressed, and nothing of it is lost', async () => {
    const latch = { because: 'failover', epoch: 1, sinceMs: 1, reason: 'again and again '.repeat(50_000) } as const;
    const written = await store.writePair({ ...newPairRecord('trading'), latch });
    expect(await store.readPair('trading')).toEqual(written);
  });

  test('a record that is too large even so is refused, and the one before it stays', async () => {
    const record = await store.writePair(newPairRecord('trading'));
    const latch = { because: 'failover', epoch: 1, sinceMs: 1, reason: randomBytes(600_000).toString('hex') } as const;
    await expect(store.writePair({ ...record, latch })).rejects.toThrow(
      /^pair\/trading: the record is larger than an item of DynamoDB may be/,
    );
    await expect(store.writePair({ ...record, latch })).rejects.toThrow(StoreUnavailable);
    expect(await store.readPair('trading')).toEqual(record);
  });

  test('history is shortened, and keeps its shape', async () => {
    const noise = randomBytes(600_000).toString('hex');
    const guards = Array.from({ length: 3_000 }, () => ({
      guard: 'quorum' as const,
      verdict: 'fail' as const,
      sentence: randomBytes(300).toString('hex'),
    }));
    await store.recordDecision(decided(1_000, { guards }));
    await store.recordAct(act({ details: { noise, list: [noise] }, answer: { deep: { deeper: guards } } }));
    await store.recordTransition(transition(1_000, noise));
    await store.saveOperation(operation({ outcome: noise, guards }));
    const [row] = await store.listDecisions('trading', all);
    expect(row?.decision).toMatchObject({ ...hold, guards: expect.any(Array) });
    expect(row?.decision.guards.length).toBeGreaterThanOrEqual(50);
    expect(row?.decision.guards[0]).toEqual(guards[0]);
    expect(await store.readAct('a')).toMatchObject({ reason: 'new disks', details: { list: [/…$/] } });
    expect((await store.listTransitions('trading', all))[0]?.sentence).toMatch(/^[0-9a-f]{1,9999}…$/);
    expect((await store.listOperations('trading', all))[0]).toMatchObject({ id: 'demo-1', guards: expect.any(Array) });
  });
});

describe('decisions', () => {
  test('two processes of one vantage extend one row, and none of their turns is lost', async () => {
    const other = open();
    await store.recordDecision(decided(1));
    for (let atMs = 2; atMs <= 20; atMs += 2)
      await Promise.all([store.recordDecision(decided(atMs)), other.recordDecision(decided(atMs + 1))]);
    expect(await store.listDecisions('trading', all)).toMatchObject([{ fromMs: 1, toMs: 21, count: 21 }]);
  });

  test('two processes that change their mind at once add one row', async () => {
    const other = open();
    await store.recordDecision(decided(1_000));
    await Promise.all([store, other].map((each) => each.recordDecision(decided(2_000, { reason: 'other' }))));
    expect((await store.listDecisions('trading', all)).map(({ count }) => count)).toEqual([2, 1]);
  });

  test('after the wall clock was set back the newest is still the one that was written last', async () => {
    const clock = createVirtualClock(10_000_000);
    const written = open({ clock });
    await written.recordDecision(decided(10_000_000));
    clock.setWallClock(8_000_000);
    const turned = { reason: 'other' };
    await written.recordDecision(decided(8_000_000, turned));
    await written.recordDecision(decided(8_001_000, turned));
    const upToNow = await written.listDecisions('trading', { fromMs: 0, toMs: 8_001_000, limit: 1 });
    expect(upToNow).toMatchObject([{ fromMs: 8_000_000, toMs: 8_001_000, count: 2, decision: turned }]);
    expect(await written.listDecisions('trading', all)).toHaveLength(2);
  });

  test('a wall clock that was years ahead for a moment leaves nothing but its own rows there', async () => {
    const years = 4 * 365 * 86_400_000;
    await store.recordDecision(decided(years));
    await store.recordDecision(decided(1_000));
    await store.recordDecision(decided(2_000));
    const range = { fromMs: 0, toMs: 3_000, limit: 10 };
    expect(await store.listDecisions('trading', range)).toMatchObject([{ fromMs: 1_000, toMs: 2_000, count: 2 }]);
  });

  test('vantages of any name keep apart, and all are found', async () => {
    const vantages = ['a', 'a-b', 'a/b', 'a%2Fb', '~', '交易', '🐇', ''];
    for (const vantage of vantages)
      for (const reason of ['x', 'y']) await store.recordDecision({ ...decided(1_000, { reason }), vantage });
    const rows = await store.listDecisions('trading', all);
    expect(rows.map(({ vantage }) => vantage).sort()).toEqual([...vantages, ...vantages].sort());
    for (const vantage of vantages)
      expect(rows.filter((row) => row.vantage === vantage).map(({ decision }) => decision.reason)).toEqual(['y', 'x']);
  });
});

describe('what is kept under an id', () => {
  test('moves when it is kept again for another moment or another pair', async () => {
    await store.recordAct(act());
    await store.recordAct(act({ atMs: 9_000 }));
    expect((await store.listActs('trading', all)).map(({ atMs }) => atMs)).toEqual([9_000]);
    await store.recordAct(act({ atMs: 9_000, pair: 'other' }));
    expect(await store.listActs('trading', all)).toEqual([]);
    expect(await store.listActs('other', all)).toEqual([act({ atMs: 9_000, pair: 'other' })]);
    expect(await store.readAct('a')).toEqual(act({ atMs: 9_000, pair: 'other' }));
  });

  test('is kept once when two processes keep it at once', async () => {
    const other = open();
    await Promise.all([store, other].map((each) => each.recordAct(act())));
    expect(await store.listActs('trading', all)).toEqual([act()]);
  });
});

describe('records of an older release', () => {
  const put = (table: string, item: Record<string, string>, version?: string) =>
    client.send(
      new PutItemCommand({
        TableName: table,
        Item: {
          ...Object.fromEntries(Object.entries(item).map(([name, text]) => [name, { S: text }])),
          ...(version && { version: { N: version } }),
        },
      }),
    );

  test('are completed, and can be written', async () => {
    const underWay = { id: 'demo-2', pair: 'demo', phase: 'committed', steps: [] };
    const pair = { pair: 'demo', operation: underWay, request: { id: 'asked' }, latch: { epoch: 1 } };
    await put(tables.stateTable, { pk: 'pair/demo', sk: 'record', document: JSON.stringify(pair) }, '3');
    await put(tables.stateTable, { pk: 'fleet', sk: 'record', document: '{"slots":[]}' }, '1');
    await put(tables.historyTable, { pk: 'operations/demo', sk: '1', document: JSON.stringify(underWay) });
    await put(tables.historyTable, { pk: 'decisions/demo', sk: 'host/1/1', vantage: 'host', document: '{}' });
    expect(await store.readFleet()).toEqual({ ...newFleetRecord(), version: 1 });
    const found = await store.readPair('demo');
    expect(found).toMatchObject({
      version: 3,
      fences: {},
      operation: { id: 'demo-2', supersedes: null, guards: [], cancelled: null, surveys: [] },
      request: { id: 'asked', verb: 'failover', notBeforeMs: 0, supersedes: null },
      latch: { because: 'failover', epoch: 1 },
    });
    expect(await store.writePair(found ?? newPairRecord('demo'))).toMatchObject({ version: 4 });
    expect(await store.listOperations('demo', all)).toMatchObject([{ id: 'demo-2', cancelled: null, surveys: [] }]);
    expect(await store.listDecisions('demo', all)).toMatchObject([{ vantage: 'host', fences: [] }]);
  });

  test('that are damaged are StoreUnavailable', async () => {
    await put(tables.stateTable, { pk: 'pair/demo', sk: 'record', document: '{' }, '3');
    const read = store.readPair('demo');
    await expect(read).rejects.toThrow(StoreUnavailable);
    await expect(read).rejects.toThrow(/holds a damaged record/);
  });
});

test('a client that was given is used, and left open', async () => {
  const given = openStore({ ...tables, endpoint: 'http://127.0.0.1:1', client });
  await given.writePair(newPairRecord('trading'));
  await given.close();
  expect(await itemsOf(tables.stateTable)).toHaveLength(1);
});

test('a client that tries again by itself makes no conflict of its own writes', async () => {
  const retrying = openStore({ ...tables, endpoint: proxy.url, client: clientOf(proxy.url) });
  proxy.order({ kind: 'forward-and-drop' }, { operation: 'PutItem' });
  const written = await retrying.writePair(newPairRecord('trading'));
  expect(written.version).toBe(1);
  await expect(retrying.writePair(newPairRecord('trading'))).rejects.toThrow(VersionConflict);
  await retrying.close();
});
