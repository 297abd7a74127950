import { randomUUID } from 'node:crypto';
import type { Clock, HistoryQuery } from '../../core/flow/ports.ts';
import type { Connection } from './connection.ts';
import { documentOf } from './document.ts';
import { expiryAttribute, last, moment, retentionMs } from './layout.ts';
import type { Item, Range, Table } from './table.ts';

/** The history table, through a connection. */
export interface HistoryPlace {
  connection: Connection;
  table: string;
  clock: Clock;
  turns: Turns;
}

/** A list may be many pages, each bounded like any other call. */
const listPatience = 3;

/** DynamoDB wants a number here, and a page ends at 1 MB anyway. */
const pageRowsMax = 100_000;

/** Work on the history table, for as long as a call may take. */
export function onHistory<T>({ connection, table }: HistoryPlace, work: (table: Table) => Promise<T>): Promise<T> {
  return connection.within(table, connection.deadlineMs, work);
}

/** The documents of the rows of a partition within a range of time, newest first; of one moment, the last written first. */
export async function listRows<T>(place: HistoryPlace, partition: string, query: HistoryQuery): Promise<T[]> {
  const range = { partition, from: moment(Math.ceil(query.fromMs)), to: moment(query.toMs) + last };
  const items = await listItems(place, query, (table) => newestItems(table, range, query.limit));
  return items.map((item) => documentOf<T>(item));
}

/** What a list has to ask for, unless the range is empty. */
export async function listItems<T>(
  { connection, table }: HistoryPlace,
  { fromMs, toMs, limit }: HistoryQuery,
  work: (table: Table) => Promise<T[]>,
): Promise<T[]> {
  const isEmpty = fromMs > toMs || toMs < 0 || !(limit >= 1);
  return await connection.within(table, connection.deadlineMs * listPatience, async (open) =>
    isEmpty ? [] : await work(open),
  );
}

/**
 * Reads page after page, each as full as DynamoDB makes them: as many pages as the rows have megabytes, and one more where
 * rows are left out.
 */
export async function newestItems(
  table: Table,
  range: Range,
  limit: number,
  isWanted: (item: Item) => boolean = () => true,
): Promise<Item[]> {
  const found: Item[] = [];
  let before: Item | undefined;
  do {
    const wanted = Math.ceil(limit) - found.length;
    // Where a page did not do, rows were left out: the next must not be as small.
    const { items, next } = await table.newest(range, Math.min(pageRowsMax, before ? wanted + 100 : wanted), before);
    found.push(...items.filter(isWanted));
    before = next;
  } while (before && found.length < limit);
  return found.slice(0, limit);
}

/** When DynamoDB may delete a row that is written now. Not by the row's own time, which may come from a wrong clock. */
export function expiry({ clock }: HistoryPlace): Item {
  return { [expiryAttribute]: { N: String(Math.ceil((clock.nowMs() + retentionMs) / 1_000)) } };
}

/** Numbers what is written, so that rows of the same moment are in the order in which they were written. */
export interface Turns {
  /** This store, among all that are open. */
  readonly writer: string;
  /** Comes after every turn of this writer before it; of two writers, the one with the later wall clock comes after. */
  next(): string;
}

export function createTurns(clock: Clock): Turns {
  const writer = randomUUID();
  let lastMs = 0;
  let count = 0;
  return {
    writer,
    next() {
      lastMs = Math.max(lastMs, clock.nowMs());
      count += 1;
      return `${moment(lastMs)}-${String(count).padStart(9, '0')}-${writer.slice(0, 8)}`;
    },
  };
}
