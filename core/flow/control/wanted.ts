import { refusalWords } from '../../explain/control.ts';
import type { Pair } from '../../model/config.ts';
import type { GuardName } from '../../model/decision.ts';
import type { OperationWanted } from './control.ts';
import { refuse, requireGuard, requireReason, requireSite } from './refuse.ts';
import { isWithin } from './window.ts';

const farthestMs = 7 * 86_400_000;
const leastHoldMs = 1_000;
const longestHoldMs = 86_400_000;

/** An operation that a person wants, as far as it can be judged without knowing how things stand. */
export interface Checked {
  verb: OperationWanted['verb'];
  reason: string;
  overrides: GuardName[];
  notBeforeMs: number;
  to: string | null;
  holdMs: number;
}

/** @throws Refusal of kind `bad-input` or `not-found`, `outside-window` */
export function checkWanted(pair: Pair, wanted: OperationWanted, nowMs: number): Checked {
  const { verb, atMs, to, holdMs } = wanted;
  const reason = requireReason(wanted.reason);
  const overrides = [...new Set(wanted.overrides)].map(requireGuard);
  if (verb !== 'failover' && overrides.length > 0) refuse('bad-request', refusalWords.overrides(verb));
  if (verb !== 'drill' && holdMs !== null) refuse('bad-request', refusalWords.holdOfMove(verb));
  if (to !== null) requireSite(pair, to);
  const checked = { verb, reason, overrides, notBeforeMs: startOf(wanted, nowMs), to, holdMs: holdOf(pair, holdMs) };
  if (verb === 'drill') requireWindow(pair, atMs ?? nowMs);
  return checked;
}

function startOf({ verb, atMs }: OperationWanted, nowMs: number): number {
  if (atMs === null) return nowMs;
  if (verb === 'failover') refuse('bad-request', refusalWords.failoverAt());
  if (!(atMs > nowMs && atMs <= nowMs + farthestMs)) refuse('bad-time', refusalWords.badStart(farthestMs));
  return atMs;
}

function holdOf({ drill }: Pair, holdMs: number | null): number {
  if (holdMs === null) return drill.holdMs;
  if (!(holdMs >= leastHoldMs && holdMs <= longestHoldMs)) refuse('bad-time', refusalWords.badHold(longestHoldMs));
  return holdMs;
}

function requireWindow({ drill }: Pair, atMs: number): void {
  if (!isWithin(drill.windows, atMs)) refuse('outside-window', refusalWords.outsideWindow(drill.windows));
}
