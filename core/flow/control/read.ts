import { refusalWords, requestSentence } from '../../explain/control.ts';
import { drillSentence } from '../../explain/drill.ts';
import { operationSentence } from '../../explain/operation.ts';
import type { PairStatus } from '../../explain/status.ts';
import type { Operation } from '../../model/operation.ts';
import type { HistoryQuery } from '../ports.ts';
import { readStatus } from '../status.ts';
import type { Control, OperationState } from './control.ts';
import { healthSlices } from './health.ts';
import { locate } from './locate.ts';
import { type ControlOptions, pairNamed, sourceOf } from './options.ts';
import { pageOf } from './pages.ts';
import { refuse } from './refuse.ts';

type Reading = Pick<Control, 'status' | 'decisions' | 'transitions' | 'operations' | 'acts' | 'health' | 'operation'>;

/** Every method that only reads. An unknown pair is refused, never empty. */
export function createReading(options: ControlOptions): Reading {
  const { store } = options;
  const known = (name: string) => pairNamed(options, name).name;
  return {
    status: (pair) => readStatuses(options, pair),
    decisions: async (pair, query) => pageOf(query, (range) => store.listDecisions(known(pair), range), lasting),
    transitions: async (pair, query) => pageOf(query, (range) => store.listTransitions(known(pair), range), instant),
    operations: async (pair, query) => pageOf(query, (range) => listOperations(options, known(pair), range), claimed),
    acts: async (pair, query) =>
      pageOf(query, (range) => store.listActs(pair === null ? '' : known(pair), range), instant),
    health: async (pair, range) => healthSlices(options, pairNamed(options, pair), range),
    operation: (id) => readOperation(options, id),
  };
}

type Period = [fromMs: number, toMs: number];
const lasting = ({ fromMs, toMs }: { fromMs: number; toMs: number }): Period => [fromMs, toMs];
const instant = ({ atMs }: { atMs: number }): Period => [atMs, atMs];
const claimed = (operation: Operation): Period => [claimedAt(operation), claimedAt(operation)];
const claimedAt = ({ timeline }: Operation) => timeline.claimedAtMs;

async function readStatuses(options: ControlOptions, name?: string): Promise<PairStatus[]> {
  const pairs = name === undefined ? options.pairs : [pairNamed(options, name)];
  return await Promise.all(pairs.map((pair) => readStatus(sourceOf(options, pair))));
}

/** Those that have ended and the one under way, which is among both for a moment at its end. */
async function listOperations({ store }: ControlOptions, pair: string, query: HistoryQuery): Promise<Operation[]> {
  const underWay = (await store.readPair(pair))?.operation;
  const ended = await store.listOperations(pair, query);
  if (!underWay || claimedAt(underWay) < query.fromMs || claimedAt(underWay) > query.toMs) return ended;
  return [underWay, ...ended.filter(({ id }) => id !== underWay.id)]
    .sort((left, right) => claimedAt(right) - claimedAt(left))
    .slice(0, query.limit);
}

async function readOperation(options: ControlOptions, id: string): Promise<OperationState> {
  const found = (await locate(options, id)) ?? refuse('unknown-operation', refusalWords.unknownOperation(id));
  switch (found.at) {
    case 'request': {
      const { notBeforeMs } = found.request;
      return { state: 'waiting', notBeforeMs, sentence: requestSentence(found.request) };
    }
    case 'drill':
      return { state: 'drill', drill: found.drill, sentence: drillSentence(found.drill) };
    case 'under-way':
    case 'ended':
      return { state: found.at, operation: found.operation, sentence: operationSentence(found.operation) };
  }
}
