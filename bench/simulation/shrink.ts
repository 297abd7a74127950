import type { Violation } from './judge.ts';
import { runTrace } from './run.ts';
import type { Trace } from './trace.ts';
import type { Mutation } from './world.ts';

/** Leaves out one event after the other for as long as the same promise is still broken. */
export async function shrink(trace: Trace, { invariant }: Violation, mutation: Mutation = {}): Promise<Trace> {
  let smallest = trace;
  for (let index = trace.events.length - 1; index >= 0; index -= 1) {
    const events = smallest.events.filter((_, at) => at !== index);
    const candidate = { ...smallest, events };
    const { violations } = await runTrace(candidate, mutation);
    if (violations.some((violation) => violation.invariant === invariant)) smallest = candidate;
  }
  return smallest;
}
