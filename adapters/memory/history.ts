import type { HistoryQuery } from '../../core/flow/ports.ts';
import type { Decision } from '../../core/model/decision.ts';

/** Whether two decisions are one row of history: the same outcome for the same reason, whatever their sentences say. */
export function extendsRow(earlier: Decision, later: Decision): boolean {
  return (['outcome', 'reason', 'from', 'to'] as const).every((key) => earlier[key] === later[key]);
}

/** Rows whose period overlaps the range, newest first, at most `limit`. Of equally new ones the last added comes first. */
export function newestFirst<T>(
  rows: T[],
  query: HistoryQuery,
  period: (row: T) => [fromMs: number, toMs: number],
): T[] {
  return rows
    .filter((row) => {
      const [fromMs, toMs] = period(row);
      return fromMs <= query.toMs && toMs >= query.fromMs;
    })
    .reverse()
    .sort((left, right) => period(right)[1] - period(left)[1])
    .slice(0, Math.max(0, query.limit));
}
