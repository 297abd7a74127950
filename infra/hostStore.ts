import { Token } from 'aws-cdk-lib';
import type { Config } from '../core/model/config.ts';
import { formatStore } from '../core/model/storeConfig.ts';
import { type StoreReference, tableNames } from './names.ts';
import type { Refusal } from './refusals.ts';
import type { StoreRegions } from './regions.ts';

/** The tables that functions are given; and the Regions that have them, where these are known. */
export type FunctionTables = Omit<StoreReference, 'region'> & { regions?: readonly string[] };

/** The tables of a stage. A witness has nothing that can be read. */
export function tablesOf(prefix: string, { home, replicas = [] }: StoreRegions): FunctionTables {
  return { ...tableNames(prefix), regions: [home, ...replicas] };
}

/**
 * Functions do not use the store of the configuration; hosts do that run from the same file. Over other tables neither would hear
 * the other: each would vote, claim and move traffic alone.
 */
export function hostStoreProblems({ store }: Pick<Config, 'store'>, tables: FunctionTables): Refusal[] {
  if (store.kind === 'file') return [];
  const { stateTableName, historyTableName, regions } = tables;
  // A name that an app has by reference is known when it is deployed.
  const isSame = (table: string, known: string) => Token.isUnresolved(known) || table === known;
  const isNamed = isSame(store.stateTable, stateTableName) && isSame(store.historyTable, historyTableName);
  const isThere = store.region === undefined || regions === undefined || regions.includes(store.region);
  if (isNamed && isThere) return [];
  const expected = `the tables of the functions, ${written(tables)}, because hosts with others would decide without them`;
  return [{ path: 'store of the configuration', value: formatStore(store), expected }];
}

/** What hosts have to be told where the configuration names no tables, as sentences. @param elsewhere who runs outside of a stage */
export function hostStoreRemarks(
  { store }: Pick<Config, 'store'>,
  tables: FunctionTables,
  elsewhere: readonly string[],
): string[] {
  if (elsewhere.length === 0 || store.kind !== 'file') return [];
  return [
    `Start ${elsewhere.join(', ')} with --store ${written(tables)}: the configuration names no tables as its store.`,
  ];
}

/** As people write them, one for each Region. */
function written({ stateTableName, historyTableName, regions }: FunctionTables): string {
  const choices = regions?.map((region) => ({ region })) ?? [{}];
  const tables = { kind: 'dynamodb' as const, stateTable: stateTableName, historyTable: historyTableName };
  return choices.map((choice) => formatStore({ ...tables, ...choice })).join(' or ');
}
