import type { GuardVerdict, Judgement, Mover } from '../model/decision.ts';
import type { OperationRequest, PairRecord } from '../model/record.ts';
import { activeSide, dueRequest, otherSite, type Situation } from '../model/situation.ts';
import { evaluateGuards, withoutOverrides } from './guards.ts';
import { rules } from './rules.ts';

/** What to do now: the first row of the rules table that matches. Pure. */
export function decide(situation: Situation): Judgement {
  const { record, pair, nowMs } = situation;
  const active = activeSide(situation.readings);
  const from = Object.hasOwn(pair.sites, active) ? active : record.desired;
  const to = from === null ? null : otherSite(pair, from);
  const guards = from === null || to === null ? [] : evaluateGuards(situation, { from, to, mover: 'automatic' });
  const request = dueRequest(record, nowMs);
  const requested = request && applies(request, record, active) ? requestGuards(situation, request) : null;
  const rule = rules.find(({ when }) => when({ situation, active, guards, requested }));
  if (!rule) throw new Error('the rules table is incomplete: its last row must always match');
  const { outcome, reason, severity } = rule;
  if (request && requested && rule.asks)
    return { outcome, reason, severity, from: request.from, to: request.to, guards: requested };
  return { outcome, reason, severity, from, to, guards };
}

/** A request leaves the side where traffic is, or takes the place of the stalled operation it names. */
function applies(request: OperationRequest, { operation }: PairRecord, active: string): boolean {
  if (request.supersedes === null) return request.from === active;
  return operation?.phase === 'stalled' && operation.epoch === request.supersedes;
}

/** What the guards say of what a person asked for, without those that were overridden. */
export function requestGuards(situation: Situation, request: OperationRequest): GuardVerdict[] {
  const { record } = situation;
  const { from, to, overrides, supersedes } = request;
  const move = { from, to, mover: moverOf(request, record) };
  if (supersedes === null) return withoutOverrides(evaluateGuards(situation, move), overrides);
  // The stalled operation gives way, and that its targets stand in between is what the new one mends.
  const freed = { ...situation, record: { ...record, operation: null } };
  return withoutOverrides(evaluateGuards(freed, move), [...overrides, 'targets-agree']);
}

/** The way there of a drill has guards of its own; the way back is like any other switchover. */
export function moverOf({ verb }: Pick<OperationRequest, 'verb'>, { drill }: PairRecord): Mover {
  return verb === 'switchover' && drill?.phase === 'there' ? 'drill' : verb;
}
