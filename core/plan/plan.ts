import type { Judgement, Withheld } from '../model/decision.ts';
import type { Operation } from '../model/operation.ts';
import type { Approval, OperationRequest, PairRecord } from '../model/record.ts';
import { deviatingReadings, type Situation } from '../model/situation.ts';

/** What is to be done now. A value: planning does nothing. */
export type Plan =
  | { act: 'nothing'; withheld: Withheld | null }
  | { act: 'adopt'; site: string }
  /** `requested`: a person asked for it, so no mode withholds it. */
  | { act: 'repair'; site: string; targets: string[]; requested: boolean }
  /** `request`: a person asked for it, so no mode withholds it. */
  | { act: 'start'; from: string; to: string; request: OperationRequest | null }
  | { act: 'refuse'; request: OperationRequest }
  | { act: 'advance' }
  /** The mode, or the kill switch, does not allow this operation any more, and traffic was not moved. */
  | { act: 'abandon'; because: 'mode' | 'kill-switch' };

const nothing: Plan = { act: 'nothing', withheld: null };

/** The plan that a decision calls for, before any mode looks at it. */
export function planFor(judgement: Judgement, situation: Situation): Plan {
  const { desired, request } = situation.record;
  const asked = judgement.reason === 'requested' || judgement.reason === 'superseding' ? request : null;
  switch (judgement.outcome) {
    case 'adopt':
      return judgement.from === null ? nothing : { act: 'adopt', site: judgement.from };
    case 'repair':
      if (desired === null) return nothing;
      return {
        act: 'repair',
        site: desired,
        targets: deviatingReadings(situation).map(({ target }) => target),
        requested: situation.record.driftAnswer?.choice === 'restore',
      };
    case 'failover':
      if (judgement.from === null || judgement.to === null) return nothing;
      return { act: 'start', from: judgement.from, to: judgement.to, request: asked };
    case 'refuse':
      return situation.record.request ? { act: 'refuse', request: situation.record.request } : nothing;
    case 'advance':
      return { act: 'advance' };
    case 'hold':
    case 'blocked':
      return nothing;
  }
}

/**
 * Modes are filters on the plan. `observe` lets through what only writes down what is there, and what is past its point
 * of no return; `approve` also a repair of what was decided, and a move that a person approved; the kill switch stops
 * every act.
 */
export function filterByMode(plan: Plan, { pair, record, nowMs }: Situation, killSwitch: boolean): Plan {
  const { mode } = pair.failover;
  if (plan.act === 'nothing' || plan.act === 'adopt' || plan.act === 'refuse') return plan;
  // Given up rather than left: it may have shut applications out already.
  if (killSwitch && plan.act === 'advance' && record.operation?.phase === 'claimed')
    return { act: 'abandon', because: 'kill-switch' };
  if (killSwitch) return { act: 'nothing', withheld: 'kill-switch' };
  if (plan.act === 'advance')
    return mode !== 'automatic' && isUncommittedAutomatic(record.operation)
      ? { act: 'abandon', because: 'mode' }
      : plan;
  if ((plan.act === 'repair' && plan.requested) || (plan.act === 'start' && plan.request)) return plan;
  if (mode === 'observe') return { act: 'nothing', withheld: 'observe-mode' };
  if (mode === 'approve' && plan.act === 'start' && !approvalFor(plan, record, nowMs))
    return { act: 'nothing', withheld: 'approval-needed' };
  return plan;
}

/** The approval that allows this move now, or null. */
export function approvalFor(
  { from, to }: { from: string; to: string },
  { approval }: PairRecord,
  nowMs: number,
): Approval | null {
  return approval && approval.from === from && approval.to === to && approval.untilMs > nowMs ? approval : null;
}

const isUncommittedAutomatic = (operation: Operation | null) =>
  operation?.phase === 'claimed' && operation.startedBy.kind === 'automatic';
