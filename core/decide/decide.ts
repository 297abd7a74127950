import type { Judgement } from '../model/decision.ts';
import { activeSide, otherSite, type Situation } from '../model/situation.ts';
import { evaluateGuards } from './guards.ts';
import { rules } from './rules.ts';

/** What to do now: the first row of the rules table that matches. Pure. */
export function decide(situation: Situation): Judgement {
  const active = activeSide(situation.readings);
  const from = Object.hasOwn(situation.pair.sites, active) ? active : situation.record.desired;
  const to = from === null ? null : otherSite(situation.pair, from);
  const guards = from === null || to === null ? [] : evaluateGuards(situation, from, to);
  const rule = rules.find(({ when }) => when({ situation, active, guards }));
  if (!rule) throw new Error('the rules table is incomplete: its last row must always match');
  return { outcome: rule.outcome, reason: rule.reason, severity: rule.severity, from, to, guards };
}
