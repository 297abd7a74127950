import { operationSentence } from '../../core/explain/operation.ts';
import type { Control } from '../../core/flow/control/control.ts';
import type { Act } from '../../core/model/act.ts';
import type { DecisionRow } from '../../core/model/decision.ts';
import type { Operation } from '../../core/model/operation.ts';
import { withControl } from '../control.ts';
import { entryLine, type HistoryEntry, unreadOf } from '../entries.ts';
import { type ExitCode, exitCodes } from '../failure.ts';
import { print, printJson } from '../layout.ts';
import { dateAndTime, parseMoment } from '../moment.ts';
import { readNewest } from '../newest.ts';
import type { SourceOptions } from '../source.ts';

interface BlockedOptions extends SourceOptions {
  since: string;
  json?: boolean;
}

interface Range {
  fromMs: number;
  toMs: number;
}

/**
 * `warren why --blocked`: every move that did not happen, newest last: by itself, asked for, or begun and given up. What was not
 * read, because there was too much, is an entry as well.
 */
export function blocked(name: string | undefined, options: BlockedOptions): Promise<ExitCode> {
  const range = { fromMs: parseMoment(options.since, Date.now()), toMs: Date.now() };
  return withControl(options, async ({ control, pairNames }) => {
    const names = name === undefined ? await pairNames() : [name];
    const ofPairs = await Promise.all(names.map((pair) => readBlocked(control, pair, range)));
    const entries = ofPairs.flat().sort((left, right) => left.atMs - right.atMs);
    if (options.json) for (const entry of entries) printJson(entry);
    else print(...linesOf(entries, range, names.length > 1));
    return exitCodes.done;
  });
}

function linesOf(entries: HistoryEntry[], { fromMs }: Range, withPair: boolean): string[] {
  const unread = entries.filter(({ kind }) => kind === 'unread');
  const lines = entries.map((entry) => entryLine(entry, withPair));
  const sinceMs = Math.max(fromMs, ...unread.map(({ atMs }) => atMs));
  return entries.length > unread.length ? lines : [...lines, `No move was refused since ${dateAndTime(sinceMs)}.`];
}

async function readBlocked(control: Control, pair: string, range: Range): Promise<HistoryEntry[]> {
  const decisions = await readNewest(
    range,
    (query) => control.decisions(pair, query),
    ({ toMs }) => toMs,
  );
  const operations = await readNewest(range, (query) => control.operations(pair, query), claimedAt);
  const acts = await readNewest(
    range,
    (query) => control.acts(pair, query),
    ({ atMs }) => atMs,
  );
  return [
    ...unreadOf(pair, 'decisions', decisions),
    ...unreadOf(pair, 'operations', operations),
    ...unreadOf(pair, 'requests', acts),
    ...decisions.rows.filter(({ decision }) => decision.outcome === 'blocked').map(decisionEntry),
    ...operations.rows.filter(({ phase }) => phase === 'aborted').map(operationEntry),
    ...acts.rows.filter(({ outcome }) => outcome === 'refused').map((act) => requestEntry(pair, act)),
  ];
}

const claimedAt = ({ timeline }: Operation) => timeline.claimedAtMs;

function decisionEntry({ pair, fromMs, decision }: DecisionRow): HistoryEntry {
  return { atMs: fromMs, pair, kind: 'decision', sentence: decision.sentence };
}

function operationEntry(operation: Operation): HistoryEntry {
  const atMs = operation.timeline.endedAtMs ?? claimedAt(operation);
  return { atMs, pair: operation.pair, kind: 'operation', sentence: operationSentence(operation) };
}

function requestEntry(pair: string, { atMs, who, verb, sentence }: Act): HistoryEntry {
  return { atMs, pair, kind: 'request', sentence: `${who}, ${verb}: ${sentence}` };
}
