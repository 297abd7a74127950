import type { Page, PageQuery } from '../core/flow/control/control.ts';
import { readAll } from '../core/flow/control/pages.ts';

/** More than this of one kind is not read; the newest are. */
export const rowsMax = 2_000;

/** The newest rows of a range, the newest first. */
export interface Newest<T> {
  rows: T[];
  /** What ended before may have been left out; null: nothing was. */
  readSinceMs: number | null;
}

/** @param endOf the moment by which the rows are ordered */
export async function readNewest<T>(
  range: { fromMs: number; toMs: number },
  read: (query: PageQuery) => Promise<Page<T>>,
  endOf: (row: T) => number,
): Promise<Newest<T>> {
  // One more, to know whether there are more.
  const found = await readAll(range, rowsMax + 1, read);
  const rows = found.slice(0, rowsMax);
  const last = rows.at(-1);
  return { rows, readSinceMs: found.length > rows.length && last !== undefined ? endOf(last) : null };
}
