import { operationSentence } from '../../core/explain/operation.ts';
import { span } from '../../core/explain/words.ts';
import type { Control } from '../../core/flow/control/control.ts';
import type { DecisionRow } from '../../core/model/decision.ts';
import type { Operation, Step } from '../../core/model/operation.ts';
import { withControl } from '../control.ts';
import { entryLine, type HistoryEntry, unreadOf } from '../entries.ts';
import { type ExitCode, exitCodes } from '../failure.ts';
import { bold, print, printJson, row, wrap } from '../layout.ts';
import { dateAndTime, parseMoment } from '../moment.ts';
import { readNewest } from '../newest.ts';
import type { SourceOptions } from '../source.ts';

interface HistoryOptions extends SourceOptions {
  since: string;
  operations?: boolean;
  json?: boolean;
}

/** `warren history`: what happened, newest last. What was not read, because there was too much, is an entry as well. */
export function history(name: string | undefined, options: HistoryOptions): Promise<ExitCode> {
  const range = { fromMs: parseMoment(options.since, Date.now()), toMs: Date.now() };
  return withControl(options, async ({ control, pairNames }) => {
    const names = name === undefined ? await pairNames() : [name];
    if (options.operations) printOperations(await readOperations(control, names, range), range, options);
    else printEntries(await readEntries(control, names, range), range, names.length > 1, options);
    return exitCodes.done;
  });
}

function printEntries(entries: HistoryEntry[], { fromMs }: Range, withPair: boolean, { json }: HistoryOptions): void {
  if (json) for (const entry of entries) printJson(entry);
  else if (entries.length === 0) print(`Nothing is recorded since ${dateAndTime(fromMs)}.`);
  else print(...entries.map((entry) => entryLine(entry, withPair)));
}

function printOperations({ unread, operations }: Operations, { fromMs }: Range, { json }: HistoryOptions): void {
  if (json) for (const each of [...unread, ...operations]) printJson(each);
  else {
    print(...unread.map((entry) => entryLine(entry, false)));
    print(operations.map(operationPage).join('\n\n') || `No operation since ${dateAndTime(fromMs)}.`);
  }
}

interface Range {
  fromMs: number;
  toMs: number;
}

/** Finished and aborted operations, and the one under way. */
interface Operations {
  operations: Operation[];
  unread: HistoryEntry[];
}

async function readOperations(control: Control, pairs: string[], range: Range): Promise<Operations> {
  const ofPairs = await Promise.all(
    pairs.map(async (pair) => {
      const newest = await readNewest(range, (query) => control.operations(pair, query), claimedAt);
      return { operations: newest.rows, unread: unreadOf(pair, 'operations', newest) };
    }),
  );
  return {
    operations: ofPairs.flatMap(({ operations }) => operations).sort((one, other) => claimedAt(one) - claimedAt(other)),
    unread: ofPairs.flatMap(({ unread }) => unread),
  };
}

const claimedAt = ({ timeline }: Operation) => timeline.claimedAtMs;

async function readEntries(control: Control, pairs: string[], range: Range): Promise<HistoryEntry[]> {
  const ofPairs = await Promise.all(pairs.map((pair) => readHealthAndDecisions(control, pair, range)));
  const { operations, unread } = await readOperations(control, pairs, range);
  const entries = [...unread, ...ofPairs.flat(), ...operations.map(operationEntry)];
  return entries.sort((left, right) => left.atMs - right.atMs);
}

async function readHealthAndDecisions(control: Control, pair: string, range: Range): Promise<HistoryEntry[]> {
  const transitions = await readNewest(
    range,
    (query) => control.transitions(pair, query),
    ({ atMs }) => atMs,
  );
  const decisions = await readNewest(
    range,
    (query) => control.decisions(pair, query),
    ({ toMs }) => toMs,
  );
  return [
    ...unreadOf(pair, 'changes of health', transitions),
    ...unreadOf(pair, 'decisions', decisions),
    ...transitions.rows.toReversed().map(({ atMs, sentence }) => ({ atMs, pair, kind: 'health' as const, sentence })),
    ...decisions.rows.toReversed().map(decisionEntry),
  ];
}

function decisionEntry({ pair, fromMs, toMs, count, decision }: DecisionRow): HistoryEntry {
  const lasted = count > 1 ? ` (for ${span(toMs - fromMs)})` : '';
  return { atMs: fromMs, pair, kind: 'decision', sentence: `${decision.sentence}${lasted}` };
}

function operationEntry(operation: Operation): HistoryEntry {
  const { pair, timeline } = operation;
  const atMs = timeline.endedAtMs ?? timeline.claimedAtMs;
  return { atMs, pair, kind: 'operation', sentence: operationSentence(operation) };
}

/** The report of one operation: what it came to, and its steps. */
export function operationPage(operation: Operation): string {
  const { pair, startedBy, timeline, steps } = operation;
  return [
    `${bold(`${pair} ${operation.epoch}`)}  ${wrap(operationSentence(operation), 2)}`,
    '',
    row('started by', `${startedBy.who} (${startedBy.kind}): ${startedBy.reason}`, 11),
    row('claimed', dateAndTime(timeline.claimedAtMs), 11),
    ...(timeline.endedAtMs === null ? [] : [row('ended', dateAndTime(timeline.endedAtMs), 11)]),
    ...steps.map(stepLine),
  ].join('\n');
}

/** What became of one step. */
export function stepLine({ name, target, status, attempts, startedAtMs, endedAtMs, detail }: Step): string {
  const tookMs = startedAtMs !== null && endedAtMs !== null ? ` in ${span(endedAtMs - startedAtMs)}` : '';
  const tries = attempts > 1 ? `, ${attempts} attempts` : '';
  const what = target === undefined ? '' : `${target} `;
  return row(name, `${what}${status}${tookMs}${tries}${detail === '' ? '' : `: ${detail}`}`, 11);
}
