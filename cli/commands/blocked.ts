import { operationSentence } from '../../core/explain/operation.ts';
import type { Control } from '../../core/flow/control/control.ts';
import { readAll } from '../../core/flow/control/pages.ts';
import { withControl } from '../control.ts';
import { type ExitCode, exitCodes } from '../failure.ts';
import { print, printJson } from '../layout.ts';
import { dateAndTime, parseMoment } from '../moment.ts';
import type { SourceOptions } from '../source.ts';
import { entryLine, type HistoryEntry } from './history.ts';

interface BlockedOptions extends SourceOptions {
  since: string;
  json?: boolean;
}

interface Range {
  fromMs: number;
  toMs: number;
}

/** More than this of one kind is not read; the newest are. */
const entriesMax = 2_000;

/** `warren why --blocked`: every move that did not happen, newest last: by itself, asked for, or begun and given up. */
export function blocked(name: string | undefined, options: BlockedOptions): Promise<ExitCode> {
  const range = { fromMs: parseMoment(options.since, Date.now()), toMs: Date.now() };
  return withControl(options, async ({ control, pairNames }) => {
    const names = name === undefined ? await pairNames() : [name];
    const ofPairs = await Promise.all(names.map((pair) => readBlocked(control, pair, range)));
    const entries = ofPairs.flat().sort((left, right) => left.atMs - right.atMs);
    if (options.json) for (const entry of entries) printJson(entry);
    else if (entries.length === 0) print(`No move was refused since ${dateAndTime(range.fromMs)}.`);
    else print(...entries.map((entry) => entryLine(entry, names.length > 1)));
    return exitCodes.done;
  });
}

async function readBlocked(control: Control, pair: string, range: Range): Promise<HistoryEntry[]> {
  const decisions = await readAll(range, entriesMax, (query) => control.decisions(pair, query));
  const operations = await readAll(range, entriesMax, (query) => control.operations(pair, query));
  const acts = await readAll(range, entriesMax, (query) => control.acts(pair, query));
  return [
    ...decisions
      .filter(({ decision }) => decision.outcome === 'blocked')
      .map(({ fromMs, decision }) => ({ atMs: fromMs, pair, kind: 'decision' as const, sentence: decision.sentence })),
    ...operations
      .filter(({ phase }) => phase === 'aborted')
      .map((operation) => {
        const atMs = operation.timeline.endedAtMs ?? operation.timeline.claimedAtMs;
        return { atMs, pair, kind: 'operation' as const, sentence: operationSentence(operation) };
      }),
    ...acts
      .filter(({ outcome }) => outcome === 'refused')
      .map(({ atMs, who, verb, sentence }) => ({
        atMs,
        pair,
        kind: 'request' as const,
        sentence: `${who}, ${verb}: ${sentence}`,
      })),
  ];
}
