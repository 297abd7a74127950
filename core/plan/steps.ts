import type { Pair } from '../model/config.ts';
import type { Operation, Step, StepName } from '../model/operation.ts';
import type { PairRecord } from '../model/record.ts';

/** What the steps of a move depend on. */
export interface PlannedMove {
  pair: Pair;
  record: PairRecord;
  from: string;
  to: string;
  /** Ids of the targets. */
  targets: string[];
}

/** The journal of a move, before anything was done. */
export function plannedSteps({ pair, record, from, to, targets }: PlannedMove): Step[] {
  const hasFence = (site: string) => (pair.sites[site]?.fenceUsers.length ?? 0) > 0;
  const fenceOfDestination = record.fences[to];
  return [
    ...(pair.hooks.before ? [newStep('ask')] : []),
    ...(fenceOfDestination && fenceOfDestination.state !== 'released' ? [newStep('release')] : []),
    ...(hasFence(from) ? [newStep('fence')] : []),
    newStep('commit'),
    ...targets.map((target) => newStep('flip', target)),
    newStep('verify'),
    ...(hasFence(from) || hasFence(to) ? [newStep('settle')] : []),
    newStep('report'),
  ];
}

/** A step that nothing was done of yet. */
export function newStep(name: StepName, target?: string): Step {
  const empty: Step = { name, status: 'pending', attempts: 0, startedAtMs: null, endedAtMs: null, detail: '' };
  return target === undefined ? empty : { ...empty, target };
}

/** A target that left the configuration cannot be written any more, one that joined it must be. */
export function withPresentTargets(steps: Step[], targets: string[]): Step[] {
  const known = steps.map((step): Step => {
    const gone = step.name === 'flip' && step.status !== 'done' && !targets.includes(step.target ?? '');
    return gone ? { ...step, status: 'skipped', detail: 'no longer configured' } : step;
  });
  const added = targets.filter((target) => !steps.some((step) => step.name === 'flip' && step.target === target));
  const at = known.findIndex(({ name }) => name === 'verify');
  return [...known.slice(0, at), ...added.map((target) => newStep('flip', target)), ...known.slice(at)];
}

/** The record with its operation changed; as it is when there is none. */
export function withOperation(record: PairRecord, change: Partial<Operation>): PairRecord {
  return record.operation ? { ...record, operation: { ...record.operation, ...change } } : record;
}

/** The record with one step of its operation changed. */
export function withStep(record: PairRecord, name: StepName, change: Partial<Step>, target?: string): PairRecord {
  const steps = record.operation?.steps.map((step) =>
    step.name === name && step.target === target ? { ...step, ...change } : step,
  );
  return steps ? withOperation(record, { steps }) : record;
}

/** Before the point of no return nothing of an operation counts as done for a process that takes it over. */
export function withUnprovenAgain(record: PairRecord): PairRecord {
  const { operation } = record;
  if (operation?.phase !== 'claimed') return record;
  const steps = operation.steps.map((step) => ({ ...step, status: 'pending' as const, endedAtMs: null }));
  return withOperation(record, { steps });
}

/**
 * An operation that ends before its point of no return undoes what it did to fences: its own goes, and the one that it lifted at
 * the destination comes back.
 */
export function withFencesUndone(record: PairRecord, { from, to, epoch, steps }: Operation, nowMs: number): PairRecord {
  const fences = { ...record.fences };
  const own = fences[from];
  if (own?.epoch === epoch && own.savedLimits === null) delete fences[from];
  else if (own?.epoch === epoch) fences[from] = { ...own, state: 'releasing', sinceMs: nowMs, detail: '' };
  const lifted = fences[to];
  const touched = steps.some(({ name, attempts }) => name === 'release' && attempts > 0);
  if (lifted && touched && to !== record.desired) fences[to] = { ...lifted, state: 'wanted', sinceMs: nowMs };
  return { ...record, fences };
}

/** The side that was left by plan is not kept out of use for longer than stragglers need to find their way. */
export function withTimedFence(record: PairRecord, { verb, from }: Operation, untilMs: number): PairRecord {
  const fence = record.fences[from];
  if (!fence || verb === 'failover') return record;
  return { ...record, fences: { ...record.fences, [from]: { ...fence, untilMs } } };
}
