import { expect, test } from '@jest/globals';
import { createMemoryStore } from '../../../adapters/memory/store.ts';
import { StoreUnavailable, VersionConflict } from '../../../core/flow/ports.ts';
import { newFleetRecord, newPairRecord } from '../../../core/model/record.ts';
import { describeStoreContract } from '../../contracts/store.ts';

describeStoreContract('the memory store', () => {
  const first = createMemoryStore();
  return { open: () => first.reopen(), remove: () => {} };
});

const lost = new StoreUnavailable('the answer was lost');

test('a fault fails the next call of its method only, and nothing is written', async () => {
  const store = createMemoryStore();
  store.failNext('writePair', lost);
  expect(await store.readPair('trading')).toBeUndefined();
  await expect(store.writePair(newPairRecord('trading'))).rejects.toBe(lost);
  expect(await store.readPair('trading')).toBeUndefined();
  await expect(store.writePair(newPairRecord('trading'))).resolves.toMatchObject({ version: 1 });
});

test('a fault after taking effect reports a failure for a write that was done', async () => {
  const store = createMemoryStore();
  store.failNext('writePair', lost, { afterTakingEffect: true });
  await expect(store.writePair(newPairRecord('trading'))).rejects.toBe(lost);
  expect(await store.readPair('trading')).toMatchObject({ version: 1 });
});

test('a hook is called before and after each write, and can let the process die there', async () => {
  const store = createMemoryStore();
  const seen: string[] = [];
  store.onWrite((method, phase) => {
    seen.push(`${phase} ${method}`);
    return method === 'writeFleet' ? new Promise(() => {}) : undefined;
  });
  await store.writePair(newPairRecord('trading'));
  void store.writeFleet(newFleetRecord());
  const survivor = store.reopen();
  expect(seen).toEqual(['before writePair', 'after writePair', 'before writeFleet']);
  expect(await survivor.readFleet()).toEqual(newFleetRecord());
  expect(await survivor.readPair('trading')).toMatchObject({ version: 1 });
});

test('a store that was lost is empty for everybody who uses it', async () => {
  const store = createMemoryStore();
  const other = store.reopen();
  const written = await store.writePair(newPairRecord('trading'));
  other.lose();
  expect(await store.readPair('trading')).toBeUndefined();
  await expect(store.writePair(written)).rejects.toBeInstanceOf(VersionConflict);
});
