import * as z from 'zod';

/** Where a store is: a file on one machine, or two DynamoDB tables that several hosts and functions share. */
export type StoreConfig = { kind: 'file'; path: string } | ({ kind: 'dynamodb' } & StoreTables);

export interface StoreTables {
  stateTable: string;
  historyTable: string;
  /** Unset: where the AWS SDK finds it. */
  region?: string;
}

/** What people may write for a store; goes on after "expected". */
export const storeExpectation = 'the path of a file, or dynamodb:STATE_TABLE,HISTORY_TABLE[@REGION]';

/** Names of tables as CreateTable takes them (DynamoDB API reference). */
const tables = /^dynamodb:([\w.-]{3,255}),([\w.-]{3,255})(?:@([a-z]{2,}(?:-[a-z]+)+-\d+))?$/;

/** What begins like a URL was not meant as a path; one that is can begin with `./`. */
const scheme = /^[a-z][a-z0-9+.-]*:/i;

/** @returns null: it is neither a path nor two tables */
export function parseStore(text: string): StoreConfig | null {
  const [, stateTable, historyTable, region] = text.match(tables) ?? [];
  if (stateTable !== undefined && historyTable !== undefined && stateTable !== historyTable)
    return { kind: 'dynamodb', stateTable, historyTable, ...(region !== undefined && { region }) };
  return text === '' || scheme.test(text) ? null : { kind: 'file', path: text };
}

/** A store as people write it. */
export function formatStore(store: StoreConfig): string {
  if (store.kind === 'file') return store.path;
  const { stateTable, historyTable, region } = store;
  return `dynamodb:${stateTable},${historyTable}${region === undefined ? '' : `@${region}`}`;
}

export const storeSchema = z
  .string()
  .min(1)
  .transform((text, context) => {
    const store = parseStore(text);
    if (store) return store;
    context.addIssue({ code: 'custom', message: `expected ${storeExpectation}` });
    return z.NEVER;
  })
  .describe(`${storeExpectation}; a path is relative to this file`);
