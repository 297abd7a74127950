import { operationSentence } from '../../core/explain/operation.ts';
import { span } from '../../core/explain/words.ts';
import type { Control } from '../../core/flow/control/control.ts';
import { readAll } from '../../core/flow/control/pages.ts';
import type { DecisionRow } from '../../core/model/decision.ts';
import type { Operation, Step } from '../../core/model/operation.ts';
import { withControl } from '../control.ts';
import { type ExitCode, exitCodes } from '../failure.ts';
import { bold, oneLine, print, printJson, row, wrap } from '../layout.ts';
import { dateAndTime, parseMoment } from '../moment.ts';
import type { SourceOptions } from '../source.ts';

interface HistoryOptions extends SourceOptions {
  since: string;
  operations?: boolean;
  json?: boolean;
}

/** One line of the past. */
export interface HistoryEntry {
  atMs: number;
  pair: string;
  /** `unread`: what was left out, because there was too much. */
  kind: 'health' | 'decision' | 'operation' | 'request' | 'unread';
  sentence: string;
}

/** More than this of one kind is not read; the newest are. */
const entriesMax = 2_000;

/** `warren history`: what happened, newest last. */
export function history(name: string | undefined, options: HistoryOptions): Promise<ExitCode> {
  const range = { fromMs: parseMoment(options.since, Date.now()), toMs: Date.now() };
  return withControl(options, async ({ control, pairNames }) => {
    const names = name === undefined ? await pairNames() : [name];
    if (options.operations) {
      const reports = await readOperations(control, names, range);
      if (options.json) for (const operation of reports) printJson(operation);
      else print(reports.map(operationPage).join('\n\n') || `No operation since ${dateAndTime(range.fromMs)}.`);
      return exitCodes.done;
    }
    const entries = await readEntries(control, names, range);
    if (options.json) for (const entry of entries) printJson(entry);
    else if (entries.length === 0) print(`Nothing is recorded since ${dateAndTime(range.fromMs)}.`);
    else print(...entries.map((entry) => entryLine(entry, names.length > 1)));
    return exitCodes.done;
  });
}

interface Range {
  fromMs: number;
  toMs: number;
}

/** Finished and aborted operations, and the one under way. */
async function readOperations(control: Control, pairs: string[], range: Range): Promise<Operation[]> {
  const ofPairs = await Promise.all(
    pairs.map((pair) => readAll(range, entriesMax, (query) => control.operations(pair, query))),
  );
  return ofPairs.flat().sort((left, right) => left.timeline.claimedAtMs - right.timeline.claimedAtMs);
}

async function readEntries(control: Control, pairs: string[], range: Range): Promise<HistoryEntry[]> {
  const ofPairs = await Promise.all(
    pairs.map(async (pair): Promise<HistoryEntry[]> => {
      const transitions = await readAll(range, entriesMax, (query) => control.transitions(pair, query));
      const decisions = await readAll(range, entriesMax, (query) => control.decisions(pair, query));
      return [
        ...transitions.toReversed().map(({ atMs, sentence }) => ({ atMs, pair, kind: 'health' as const, sentence })),
        ...decisions.toReversed().map(decisionEntry),
      ];
    }),
  );
  const operations = (await readOperations(control, pairs, range)).map(operationEntry);
  return [...ofPairs.flat(), ...operations].sort((left, right) => left.atMs - right.atMs);
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

/** On a terminal the sentence is wrapped; in a pipe each entry stays one line. */
export function entryLine({ atMs, pair, kind, sentence }: HistoryEntry, withPair: boolean): string {
  const label = `${dateAndTime(atMs)} ${withPair ? `${pair}  ` : ''}${kind.padEnd(10)}`;
  if (!process.stdout.isTTY) return `${label}${oneLine(sentence)}`;
  return `${label}${wrap(sentence, label.length, Math.max(80, process.stdout.columns))}`;
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
