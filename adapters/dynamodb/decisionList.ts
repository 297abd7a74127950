import type { HistoryQuery } from '../../core/flow/ports.ts';
import type { DecisionRow } from '../../core/model/decision.ts';
import { documentOf } from './document.ts';
import { last, moment, partitions, segment } from './layout.ts';
import { type HistoryPlace, listItems, newestItems } from './rows.ts';
import type { Item, Table } from './table.ts';

/**
 * A clock that is set back by no more than this does not disturb the order of rows; of one that was further ahead, the rows
 * are left behind in the future.
 */
const clockSlackMs = 3_600_000;

/** Rows that overlap the range, of every vantage, newest first. */
export async function listDecisions(place: HistoryPlace, pair: string, query: HistoryQuery): Promise<DecisionRow[]> {
  const items = await listItems(place, query, async (table) => {
    const vantages = await vantagesOf(table, pair);
    const lists = await Promise.all(vantages.map((vantage) => ofVantage(place, table, pair, vantage, query)));
    return lists.flat();
  });
  // Sorting keeps the order of equally new ones: of one vantage, that of writing.
  return items
    .map((item) => rowOf(pair, item))
    .sort((left, right) => right.toMs - left.toMs)
    .slice(0, query.limit);
}

/** Leaps from the newest row of one vantage over all its others to that of the next: one row is read for each. */
async function vantagesOf(table: Table, pair: string): Promise<string[]> {
  const partition = partitions.decisions(pair);
  const found: string[] = [];
  for (let to = '\u{10ffff}'; ; ) {
    const [item] = await newestItems(table, { partition, from: ' ', to }, 1);
    if (!item) return found;
    found.push(item.vantage?.S ?? '');
    // The slash itself is before every row of that vantage.
    to = `${segment(item.vantage?.S ?? '')}/`;
  }
}

async function ofVantage(
  { clock }: HistoryPlace,
  table: Table,
  pair: string,
  vantage: string,
  { fromMs, toMs, limit }: HistoryQuery,
): Promise<Item[]> {
  const overlaps = (item: Item) => numberOf(item.fromMs) <= toMs && numberOf(item.toMs) >= fromMs;
  const begin = moment(Math.ceil(fromMs));
  // After a clock was set back, the newest rows are keyed by a later moment.
  const end = moment(toMs >= clock.nowMs() ? toMs + clockSlackMs : toMs) + last;
  const [within, earlier] = await Promise.all([
    newestItems(table, rangeOf(pair, vantage, begin, end), limit, overlaps),
    // Of those that are keyed before the range only the newest can reach into it.
    newestItems(table, rangeOf(pair, vantage, '', begin), 1),
  ]);
  return [...within, ...earlier.filter(overlaps)];
}

/** The row that was added last, as seen at a moment. */
export async function newestRow(
  table: Table,
  { pair, vantage, atMs }: { pair: string; vantage: string; atMs: number },
): Promise<Item | undefined> {
  const [newest] = await newestItems(table, rangeOf(pair, vantage, '', moment(atMs + clockSlackMs) + last), 1);
  return newest;
}

/** Rows of one vantage, between two parts of a sort key. */
function rangeOf(pair: string, vantage: string, from: string, to: string) {
  const prefix = `${segment(vantage)}/`;
  return { partition: partitions.decisions(pair), from: prefix + from, to: prefix + to };
}

type Later = Pick<DecisionRow, 'decision' | 'health'> & Partial<DecisionRow>;

function rowOf(pair: string, item: Item): DecisionRow {
  const [fromMs, toMs, count] = [item.fromMs, item.toMs, item.count].map(numberOf) as [number, number, number];
  // Fences were not written by older releases.
  const document = { fences: [], ...documentOf<Later>(item) };
  return { pair, vantage: item.vantage?.S ?? '', fromMs, toMs, count, ...document };
}

/** A number of an item; 0: there is none. */
export const numberOf = (value: Item[string] | undefined) => Number(value?.N ?? 0);
