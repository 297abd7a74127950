import type { CommitVerdict } from '../model/decision.ts';
import type { Operation } from '../model/operation.ts';
import { activeSide, healthOf, type Situation } from '../model/situation.ts';
import { evaluateGuards, guardsForPerson } from './guards.ts';

/**
 * Re-evaluates everything on fresh observations, as if the operation had not been claimed: its own lock and its own slot
 * of the fleet breaker do not count against it.
 */
export function mayCommit(situation: Situation, operation: Operation): CommitVerdict {
  const { pair, epoch, from, to } = operation;
  const slots = situation.slots.filter((slot) => slot.pair !== pair || slot.epoch !== epoch);
  const unclaimed = { ...situation, slots, record: { ...situation.record, operation: null } };
  const all = evaluateGuards(unclaimed, from, to);
  const guards = operation.startedBy.kind === 'person' ? guardsForPerson(all, operation.overrides) : all;
  const health = healthOf(situation, from);
  const active = activeSide(situation.readings);
  // Who overrides the quorum says that the side is lost whatever it looks like from here.
  const agreed = operation.overrides.includes('quorum');
  if (!agreed && (health === 'up' || health === 'degraded'))
    return { answer: 'abort', because: 'active-side-is-back', guards };
  if (active === to) return { answer: 'abort', because: 'traffic-already-moved', guards };
  // The quorum counts this prober's own verdict, which is still being formed while the side is suspect or unknown.
  const undecided = !agreed && health !== 'down';
  const failed = guards.filter(({ guard, verdict }) => verdict === 'fail' && !(undecided && guard === 'quorum'));
  if (failed.length > 0 && active !== 'unknown') return { answer: 'abort', because: 'guard', guards };
  const open = undecided || guards.some(({ verdict }) => verdict !== 'pass');
  return { answer: open ? 'wait' : 'go', guards };
}
