import { StoreUnavailable } from '../../core/flow/ports.ts';
import { ConditionLost } from './attempts.ts';
import { documentOf, encodeRow } from './document.ts';
import { keys, moment, sorts } from './layout.ts';
import { type HistoryPlace, onHistory } from './rows.ts';
import type { Expression, Item, Key, Table } from './table.ts';

/** Something with an id that is kept for ever, listed by its time, and replaced when it is kept again. */
export interface Entry {
  /** The partition that says by id where the row is. */
  index: string;
  /** The partition in which it is listed. */
  list: string;
  atMs: number;
  document: object;
}

/** Several processes that keep the same id at the same moment are at most a few. */
const triesMax = 5;

/**
 * Writes the row in its place: that of the row of the same id, or a new one. The index is written first: an id without its
 * row is unknown, as if nothing had been kept.
 */
export async function keepEntry(place: HistoryPlace, { index, list, atMs, document }: Entry): Promise<void> {
  const fresh: Key = { partition: list, sort: `${moment(atMs)}/${place.turns.next()}` };
  await onHistory(place, async (table) => {
    const { before, now } = await claimPlace(table, index, fresh);
    await table.put(now, { document: encodeRow(document) });
    if (before && before !== now) await table.remove(before);
  });
}

/** The document of an id; undefined: there is none. */
export async function readEntry<T>(place: HistoryPlace, index: string): Promise<T | undefined> {
  return await onHistory(place, async (table) => {
    const indexed = rowOf(await table.get(indexKey(index)));
    const row = indexed && (await table.get(indexed));
    return row && documentOf<T>(row);
  });
}

/** Where the row was, and where it is to be: another place when it is of another moment or listed elsewhere. */
async function claimPlace(table: Table, index: string, fresh: Key): Promise<{ before: Key | undefined; now: Key }> {
  let replaced: Key | undefined;
  for (let tries = 1; tries <= triesMax; tries += 1) {
    const before = rowOf(await table.get(indexKey(index)));
    if (before && isSamePlace(before, fresh)) return { before: replaced, now: before };
    try {
      await table.put(indexKey(index), itemOf(fresh), stillAt(before));
      return { before, now: fresh };
    } catch (error) {
      if (!(error instanceof ConditionLost)) throw error;
      // The next look tells whether it was another process, or this very write that was sent twice.
      replaced = before;
    }
  }
  throw new StoreUnavailable(`${index}: other processes go on writing it`);
}

function isSamePlace(before: Key, fresh: Key): boolean {
  const momentOf = ({ sort }: Key) => sort.slice(0, sort.indexOf('/'));
  return before.partition === fresh.partition && momentOf(before) === momentOf(fresh);
}

const indexKey = (index: string): Key => ({ partition: index, sort: sorts.place });

const itemOf = ({ partition, sort }: Key): Item => ({ list: { S: partition }, place: { S: sort } });

function rowOf(item: Item | undefined): Key | undefined {
  return item && { partition: item.list?.S ?? '', sort: item.place?.S ?? '' };
}

function stillAt(before: Key | undefined): Expression {
  if (!before) return { text: `attribute_not_exists(#${keys.partition})` };
  return { text: '#list = :list AND #place = :place', values: prefixed(itemOf(before)) };
}

function prefixed(item: Item): Item {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [`:${name}`, value]));
}
