import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createDynamodbStore } from '../../../adapters/dynamodb/store.ts';
import { systemClock } from '../../../adapters/system/clock.ts';
import { type Store, StoreUnavailable, VersionConflict } from '../../../core/flow/ports.ts';
import { newFleetRecord, newPairRecord } from '../../../core/model/record.ts';
import { type DynamodbServer, newTables, startDynalite } from '../../support/aws/dynamodb.ts';
import { type FaultProxy, startFaultProxy } from '../../support/aws/faultProxy.ts';
import { openStore, useCredentials } from './place.ts';
import { act, all, decided, observation, transition } from './samples.ts';

useCredentials();
let server: DynamodbServer;
let proxy: FaultProxy;
let tables: Awaited<ReturnType<typeof newTables>>;
let store: Store;
const stores: Store[] = [];

const open = (options: Partial<Parameters<typeof openStore>[0]> = {}) => {
  const opened = openStore({ ...tables, endpoint: proxy.url, random: () => 0.1, ...options });
  stores.push(opened);
  return opened;
};

beforeAll(async () => {
  server = await startDynalite();
});
afterAll(() => server.close());
beforeEach(async () => {
  proxy = await startFaultProxy({ dynamodb: server.url });
  tables = await newTables(server.url, 'faults');
  store = open();
});
afterEach(async () => {
  for (const each of stores.splice(0)) await each.close();
  await proxy.close();
});

const drop = { kind: 'forward-and-drop' } as const;
const hang = { kind: 'forward-and-hang' } as const;
const put = { operation: 'PutItem' };
const replicated = {
  kind: 'answer',
  status: 400,
  code: 'com.amazonaws.dynamodb.v20120810#ReplicatedWriteConflictException',
  message: 'Request failed as one or more items are being modified by a request in another Region.',
} as const;

describe('a write whose answer is lost', () => {
  test('is reported as done, and is done once', async () => {
    proxy.order(drop, put);
    const written = await store.writePair({ ...newPairRecord('trading'), epoch: 4 });
    expect(written).toEqual({ ...newPairRecord('trading'), epoch: 4, version: 1 });
    expect(proxy.seen).toEqual(['PutItem', 'PutItem', 'GetItem']);
    expect(await store.readPair('trading')).toEqual(written);
    proxy.order(drop, put);
    expect(await store.writePair({ ...written, epoch: 5 })).toMatchObject({ epoch: 5, version: 2 });
  });

  test('is known as done also when no answer comes to any attempt', async () => {
    const impatient = open({ requestTimeoutMs: 150, deadlineMs: 1_200 });
    proxy.order(hang, { ...put, times: 100 });
    await expect(impatient.writeFleet(newFleetRecord())).resolves.toMatchObject({ version: 1 });
  });

  test('is no conflict when a server fails after it', async () => {
    proxy.order({ kind: 'failed' }, put);
    await expect(store.writePair(newPairRecord('trading'))).resolves.toMatchObject({ version: 1 });
  });

  test('is a conflict when someone else had written', async () => {
    const record = await store.writePair(newPairRecord('trading'));
    const theirs = await store.writePair({ ...record, epoch: 8 });
    proxy.order({ kind: 'drop' }, put);
    await expect(store.writePair({ ...record, epoch: 9 })).rejects.toThrow(VersionConflict);
    expect(await store.readPair('trading')).toEqual(theirs);
  });

  test('of 50 concurrent claims exactly one wins, though every third answer is lost', async () => {
    const record = await store.writePair(newPairRecord('trading'));
    const second = open();
    for (let index = 0; index < 17; index += 1) {
      proxy.order(drop, put);
      proxy.order({ kind: 'delay', ms: 1 }, { ...put, times: 2 });
    }
    const claims = Array.from({ length: 50 }, (_, index) =>
      (index % 2 === 0 ? store : second).writePair({ ...record, desired: `claim-${index}` }),
    );
    const settled = await Promise.allSettled(claims);
    const won = settled.filter((result) => result.status === 'fulfilled');
    const lost = settled.filter((result) => result.status === 'rejected');
    expect(won).toHaveLength(1);
    for (const { reason } of lost) expect(reason).toBeInstanceOf(VersionConflict);
    expect(await store.readPair('trading')).toEqual(won[0]?.value);
  });

  test('leaves one row of history: of transitions, decisions and acts', async () => {
    proxy.order(drop, put);
    await store.recordTransition(transition(1_000));
    proxy.order(drop, put);
    await store.recordDecision(decided(1_000));
    proxy.order(drop, { operation: 'UpdateItem' });
    await store.recordDecision(decided(2_000));
    proxy.order(drop, { ...put, times: 2 });
    await store.recordAct(act());
    expect(await store.listTransitions('trading', all)).toHaveLength(1);
    expect(await store.listDecisions('trading', all)).toMatchObject([{ fromMs: 1_000, toMs: 2_000, count: 2 }]);
    expect(await store.listActs('trading', all)).toEqual([act()]);
    expect(await store.readAct('a')).toEqual(act());
  });
});

test('an observation that arrives late does not replace a later one', async () => {
  const impatient = open({ requestTimeoutMs: 100 });
  proxy.order({ kind: 'delay', ms: 400 }, put);
  await impatient.writeObservation(observation(1));
  await impatient.writeObservation(observation(2));
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(await impatient.listObservations('trading')).toEqual([observation(2)]);
});

test('a lasting observation whose write is late does not replace the newer one of another process', async () => {
  const lasting = (sequence: number) => ({ ...observation(sequence), lasting: true });
  proxy.order({ kind: 'delay', ms: 150 }, put);
  const late = store.writeObservation(lasting(1));
  while (!proxy.seen.includes('PutItem')) await systemClock.sleep(5);
  await open().writeObservation(lasting(2));
  await late;
  expect(await store.listObservations('trading')).toEqual([lasting(2)]);
});

test('another Region that wrote at the same time is a conflict', async () => {
  proxy.order(replicated, put);
  await expect(store.writePair(newPairRecord('trading'))).rejects.toThrow(VersionConflict);
  expect(await store.readPair('trading')).toBeUndefined();
});

describe('throttling', () => {
  test('that passes is waited for', async () => {
    proxy.order({ kind: 'throttled' }, { times: 2 });
    await expect(store.writePair(newPairRecord('trading'))).resolves.toMatchObject({ version: 1 });
    expect(proxy.seen).toEqual(['PutItem', 'PutItem', 'PutItem']);
  });

  test('that stays is StoreUnavailable after a few attempts', async () => {
    proxy.order({ kind: 'throttled' }, { times: 1_000 });
    await unavailable(store.readPair('trading'), 'requests are throttled');
    expect(proxy.seen).toHaveLength(5);
  });
});

describe('what is wrong is StoreUnavailable, in a sentence that names table and Region', () => {
  test('no such table', async () => {
    const lost = open({ stateTable: 'nowhere' });
    const sentence = /^DynamoDB table nowhere in eu-central-1: there is no such table$/;
    await expect(lost.readPair('trading')).rejects.toThrow(sentence);
    await expect(lost.writePair(newPairRecord('trading'))).rejects.toThrow(sentence);
    expect(proxy.seen).toHaveLength(2);
  });

  test('access denied', async () => {
    proxy.order({ kind: 'denied' });
    await unavailable(store.writePair(newPairRecord('trading')), 'access is denied \\(User: arn:.*dynamodb:PutItem\\)');
  });

  test('no answer in time, and the deadline holds', async () => {
    const impatient = open({ requestTimeoutMs: 200, deadlineMs: 600 });
    proxy.order({ kind: 'delay', ms: 10_000 }, { times: 1_000 });
    for (const call of [
      () => impatient.readPair('trading'),
      () => impatient.writePair(newPairRecord('trading')),
      () => impatient.recordTransition(transition(1)),
      () => impatient.recordDecision(decided(1)),
    ]) {
      const startedMs = performance.now();
      await expect(call()).rejects.toThrow(/: no answer in time$/);
      expect(performance.now() - startedMs).toBeLessThan(1_500);
    }
  });

  test('a server that fails, or breaks off', async () => {
    proxy.order({ kind: 'failed' }, { times: 5 });
    await unavailable(store.readPair('trading'), 'answered 500');
    proxy.order({ kind: 'drop' }, { times: 100 });
    await unavailable(store.writePair(newPairRecord('trading')), 'no answer \\(.*(ECONNRESET|socket hang up)\\)');
  });

  test('nobody there', async () => {
    const lost = open({ endpoint: 'http://127.0.0.1:1' });
    await unavailable(lost.readPair('trading'), 'no answer \\(.*ECONNREFUSED.*\\)');
  });

  test('no credentials', async () => {
    const { AWS_ACCESS_KEY_ID: id } = process.env;
    delete process.env.AWS_ACCESS_KEY_ID;
    await unavailable(open().readPair('trading'), 'no AWS credentials were found');
    process.env.AWS_ACCESS_KEY_ID = id;
  });

  test('no Region', async () => {
    const { AWS_REGION: before } = process.env;
    delete process.env.AWS_REGION;
    const lost = createDynamodbStore({ ...tables, clock: systemClock, random: Math.random });
    await expect(lost.readPair('trading')).rejects.toThrow(/in an unknown Region: no AWS Region is configured$/);
    await lost.close();
    if (before !== undefined) process.env.AWS_REGION = before;
  });

  test('credentials that are not accepted', async () => {
    proxy.order({ kind: 'answer', status: 400, code: 'com.amazon.coral.service#UnrecognizedClientException' });
    await unavailable(store.readPair('trading'), 'the AWS credentials are not accepted');
  });
});

async function unavailable(call: Promise<unknown>, sentence: string): Promise<void> {
  const error = await call.catch((failed: Error) => failed);
  expect(error).toBeInstanceOf(StoreUnavailable);
  expect((error as Error).message).toMatch(
    new RegExp(`^DynamoDB table faults-\\d+-state in eu-central-1: ${sentence}$`),
  );
}
