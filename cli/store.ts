import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { createMemoryStore } from '../adapters/memory/store.ts';
import { openSqliteStore } from '../adapters/sqlite/store.ts';
import { systemClock } from '../adapters/system/clock.ts';
import type { Store } from '../core/flow/ports.ts';
import type { Config } from '../core/model/config.ts';
import { parseStore, type StoreConfig, storeExpectation } from '../core/model/storeConfig.ts';
import { CommandError, exitCodes } from './failure.ts';
import { oneLine } from './layout.ts';

/**
 * The store that a configuration names, or the one that was given instead of it. A path in a configuration is relative to that;
 * one that was given, to the current folder. @throws CommandError
 */
export function storeOf({ store }: Config, configPath: string, given?: string): StoreConfig {
  const [found, folder] = given === undefined ? [store, dirname(configPath)] : [givenStore(given), '.'];
  return found.kind === 'file' ? { ...found, path: resolve(folder, found.path) } : found;
}

function givenStore(text: string): StoreConfig {
  const store = parseStore(text);
  if (store) return store;
  throw new CommandError(`--store: got "${oneLine(text)}", expected ${storeExpectation}.`, exitCodes.badInput);
}

/**
 * Opens a store. A file is made where there is none; tables are asked nothing before the first call.
 * @throws StoreUnavailable when a file cannot be used
 */
export async function openStore(store: StoreConfig): Promise<Store> {
  if (store.kind === 'file') return openSqliteStore(store.path);
  // Loaded only where it is wanted: with it comes the AWS SDK.
  const { createDynamodbStore } = await import('../adapters/dynamodb/store.ts');
  return createDynamodbStore({ ...store, clock: systemClock, random: Math.random });
}

/**
 * Opens a store to look into. A file that does not exist yet is empty, and is not created by looking.
 * @throws StoreUnavailable when a file cannot be used
 */
export async function openForReading(store: StoreConfig): Promise<Store> {
  return store.kind === 'file' && !existsSync(store.path) ? createMemoryStore() : await openStore(store);
}
