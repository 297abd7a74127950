import type { Operation, Step, StepName } from '../model/operation.ts';
import type { PairRecord } from '../model/record.ts';

/** The journal of a failover, before anything was done: point of no return, a flip of each target, proof, report. */
export function failoverSteps(targets: string[]): Step[] {
  return [newStep('commit'), ...targets.map((target) => newStep('flip', target)), newStep('verify'), newStep('report')];
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
