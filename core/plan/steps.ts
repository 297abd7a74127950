import type { Step, StepName } from '../model/operation.ts';

/** The journal of a failover, before anything was done: point of no return, a flip of each target, proof, report. */
export function failoverSteps(targets: string[]): Step[] {
  return [newStep('commit'), ...targets.map((target) => newStep('flip', target)), newStep('verify'), newStep('report')];
}

/** A step that nothing was done of yet. */
export function newStep(name: StepName, target?: string): Step {
  const empty: Step = { name, status: 'pending', attempts: 0, startedAtMs: null, endedAtMs: null, detail: '' };
  return target === undefined ? empty : { ...empty, target };
}
