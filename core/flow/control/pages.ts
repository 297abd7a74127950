import { refusalWords } from '../../explain/control.ts';
import type { HistoryQuery } from '../ports.ts';
import type { Page, PageQuery } from './control.ts';
import { refuse } from './refuse.ts';

/** More rows than this are never one page. */
const rowsMax = 1_000;
/** More rows of one moment than this are not paged through. */
const skipMax = 100_000;

/** Where a page begins: at rows that had ended by `toMs`, after the first `skip` of them. */
interface Cursor {
  toMs: number;
  skip: number;
}

/**
 * One page of a history, newest first.
 * @param list reads the newest rows that overlap a range
 * @param period of one row; the rows are ordered by its end
 * @throws Refusal `bad-cursor`, `bad-time`
 */
export async function pageOf<T>(
  query: PageQuery,
  list: (query: HistoryQuery) => Promise<T[]>,
  period: (row: T) => [fromMs: number, toMs: number],
): Promise<Page<T>> {
  if (query.fromMs > query.toMs) refuse('bad-time', refusalWords.badRange());
  const { toMs, skip } = query.cursor === undefined ? { toMs: query.toMs, skip: 0 } : decode(query.cursor);
  const limit = Math.min(rowsMax, Math.max(1, Math.floor(query.limit)));
  const rows = await list({ fromMs: query.fromMs, toMs, limit: skip + limit + 1 });
  const seen = rows.slice(0, skip + limit);
  const last = seen.at(-1);
  const isLast = last === undefined || rows.length <= skip + limit;
  const nextCursor = isLast ? null : encode(after(seen, Math.min(toMs, period(last)[1]), period));
  return { items: seen.slice(skip), nextCursor };
}

/** What was seen and will be listed again for the next page, because it had begun by then, comes first in it. */
function after<T>(seen: T[], toMs: number, period: (row: T) => [fromMs: number, toMs: number]): Cursor {
  return { toMs, skip: seen.filter((row) => period(row)[0] <= toMs).length };
}

/** Reads page after page, until the end or `rowsWanted` rows. */
export async function readAll<T>(
  query: Omit<PageQuery, 'limit' | 'cursor'>,
  rowsWanted: number,
  read: (query: PageQuery) => Promise<Page<T>>,
): Promise<T[]> {
  const rows: T[] = [];
  let cursor: string | undefined;
  do {
    const page = await read({ ...query, limit: Math.min(rowsMax, rowsWanted - rows.length), cursor });
    rows.push(...page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined && rows.length < rowsWanted);
  return rows;
}

function encode({ toMs, skip }: Cursor): string {
  return btoa(JSON.stringify([toMs, skip]))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');
}

function decode(cursor: string): Cursor {
  try {
    const [toMs, skip] = JSON.parse(atob(cursor.replaceAll('-', '+').replaceAll('_', '/')));
    if (Number.isSafeInteger(toMs) && Number.isSafeInteger(skip) && skip >= 0 && skip <= skipMax) return { toMs, skip };
  } catch {
    // Said below.
  }
  return refuse('bad-cursor', refusalWords.badCursor());
}
