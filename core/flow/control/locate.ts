import type { Pair } from '../../model/config.ts';
import type { Operation } from '../../model/operation.ts';
import type { Drill, OperationRequest } from '../../model/record.ts';
import type { ControlOptions } from './options.ts';

/** Where something of an id is. */
export type Located = { pair: Pair } & (
  | { at: 'request'; request: OperationRequest }
  | { at: 'drill'; drill: Drill }
  | { at: 'under-way'; operation: Operation }
  | { at: 'ended'; operation: Operation }
);

/** Further back nobody asks by id; and a search must not hold up the process that also probes. */
const everything = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, limit: 200 };

/** Looks for an operation, a request or a drill among all pairs. */
export async function locate(options: ControlOptions, id: string): Promise<Located | undefined> {
  const own = (pair: Pair) => id.startsWith(`${pair.name}-`);
  // An id begins with the name of its pair, so that it is nearly always found in the first look.
  const pairs = options.pairs.toSorted((left, right) => Number(own(right)) - Number(own(left)));
  for (const pair of pairs) {
    const found = await locateIn(options, pair, id);
    if (found) return found;
  }
  return undefined;
}

/** The record first: what it holds may be kept among the operations already, and is not over before it left the record. */
export async function locateIn({ store }: ControlOptions, pair: Pair, id: string): Promise<Located | undefined> {
  const record = await store.readPair(pair.name);
  if (record?.drill?.id === id) return { pair, at: 'drill', drill: record.drill };
  if (record?.request?.id === id) return { pair, at: 'request', request: record.request };
  if (record?.operation?.id === id) return { pair, at: 'under-way', operation: record.operation };
  const justEnded = record?.ended.find((operation) => operation.id === id);
  if (justEnded) return { pair, at: 'ended', operation: justEnded };
  const ended = await store.listOperations(pair.name, everything);
  const operation = ended.find((each) => each.id === id);
  return operation && { pair, at: 'ended', operation };
}
