import type { Event } from '../../bench/simulation/events.ts';
import { runTrace } from '../../bench/simulation/run.ts';
import { createTrace, type Trace } from '../../bench/simulation/trace.ts';
import type { Mutation } from '../../bench/simulation/world.ts';
import type { Store } from '../../core/flow/ports.ts';
import type { PairRecord } from '../../core/model/record.ts';

export const seed = 1;

/** A trace whose policy lets a failover happen by itself, with a story of its own. */
export function story(events: Event[], accepts: (trace: Trace) => boolean = () => true): Trace {
  for (let number = 0; number < 2_000; number += 1) {
    const trace = createTrace(seed, number);
    const [{ failover, vantages, hooks } = {}, ...others] = trace.config.pairs;
    const isPlain = failover?.mode === 'automatic' && failover.unfenced === 'allow' && !hooks?.before;
    if (isPlain && vantages?.length === 0 && others.length === 0 && accepts(trace))
      return { ...trace, events, runs: 'long', wrongClock: null, lengthMs: 120_000 };
  }
  throw new Error('no trace has such a policy');
}

export const nodes = [1, 2, 3, 4, 5].map((number) => `bj${number}`);
export const standbyNodes = nodes.map((node) => node.replace('bj', 'sh'));
export const lost = { kind: 'fault', site: 'beijing', nodes, class: 'refused', seenBy: null } as const;
export const hasFence = ({ config }: Trace) => (config.pairs[0]?.sites.beijing?.fenceUsers.length ?? 0) > 0;

/** The promises that a trace breaks. */
export const broken = async (trace: Trace, mutation: Mutation = {}) =>
  (await runTrace(trace, mutation)).violations.map(({ invariant }) => invariant);

/** Nothing may move: the fleet has moved often enough. */
export const neverMoves: Mutation = {
  store: (inner: Store) => ({
    ...inner,
    async readFleet() {
      const slots = Array.from({ length: 10 }, () => ({ pair: 'other', epoch: 1, atMs: Number.MAX_SAFE_INTEGER }));
      return { ...(await inner.readFleet()), slots };
    },
  }),
};

/** Stores something else than it was told to, and does not say so. */
export const storing = (change: (record: PairRecord) => PairRecord): Mutation => ({
  store: (inner: Store) => ({
    ...inner,
    async writePair(record) {
      const { version } = await inner.writePair(change(record));
      return { ...record, version };
    },
  }),
});

/** No flip is ever written down before it is begun. */
export const losesIntents: Mutation = storing(withoutIntents);

function withoutIntents(record: PairRecord): PairRecord {
  const { operation } = record;
  if (!operation) return record;
  const steps = operation.steps.map((step) =>
    step.name === 'flip' && step.status === 'running' ? { ...step, status: 'pending' as const } : step,
  );
  return { ...record, operation: { ...operation, steps } };
}
