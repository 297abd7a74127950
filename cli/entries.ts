import { oneLine, wrap } from './layout.ts';
import { dateAndTime } from './moment.ts';
import type { Newest } from './newest.ts';

/** One line of the past. */
export interface HistoryEntry {
  atMs: number;
  pair: string;
  /** `unread`: what was left out, because there was too much. */
  kind: 'health' | 'decision' | 'operation' | 'request' | 'unread';
  sentence: string;
}

/** On a terminal the sentence is wrapped; in a pipe each entry stays one line. */
export function entryLine({ atMs, pair, kind, sentence }: HistoryEntry, withPair: boolean): string {
  const label = `${dateAndTime(atMs)} ${withPair ? `${pair}  ` : ''}${kind.padEnd(10)}`;
  if (!process.stdout.isTTY) return `${label}${oneLine(sentence)}`;
  return `${label}${wrap(sentence, label.length, Math.max(80, process.stdout.columns))}`;
}

/**
 * That not everything of a kind was read; none where it was.
 * @param pair empty for what is about all of them @param what there was too much of, such as `decisions`
 */
export function unreadOf(pair: string, what: string, { rows, readSinceMs }: Newest<unknown>): HistoryEntry[] {
  if (readSinceMs === null) return [];
  const whose = pair === '' ? 'all pairs' : pair;
  const sentence = `Only the newest ${rows.length} ${what} of ${whose} were read, since ${dateAndTime(readSinceMs)}.`;
  return [{ atMs: readSinceMs, pair, kind: 'unread', sentence }];
}
