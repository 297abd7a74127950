import type { CommitVerdict, GuardVerdict } from '../model/decision.ts';
import type { Operation } from '../model/operation.ts';
import { activeSide, healthOf, type Situation } from '../model/situation.ts';
import { moverOf } from './decide.ts';
import { evaluateGuards, withoutOverrides } from './guards.ts';

/**
 * Re-evaluates everything on fresh observations, as if the operation had not been claimed: its own lock, its own slot of the
 * fleet breaker and what it lifted or set itself do not count against it.
 */
export function mayCommit(situation: Situation, operation: Operation): CommitVerdict {
  const guards = guardsNow(situation, operation);
  const active = activeSide(situation.readings);
  if (active === operation.to && operation.supersedes === null)
    return { answer: 'abort', because: 'traffic-already-moved', guards };
  return operation.verb === 'failover' ? mayFailOver(situation, operation, guards) : verdictOf(active, guards, []);
}

function guardsNow(situation: Situation, operation: Operation): GuardVerdict[] {
  const { pair, epoch, from, to, verb, startedBy, overrides, supersedes } = operation;
  const slots = situation.slots.filter((slot) => slot.pair !== pair || slot.epoch !== epoch);
  const record = { ...situation.record, operation: null };
  const person = startedBy.kind === 'person';
  const mover = person ? moverOf({ verb: verb === 'switchover' ? verb : 'failover' }, record) : 'automatic';
  const all = evaluateGuards({ ...situation, slots, record }, { from, to, mover, isLifted: true });
  return withoutOverrides(all, supersedes === null ? overrides : [...overrides, 'targets-agree']);
}

/** A failover also asks whether the active side came back. */
function mayFailOver(situation: Situation, { from, overrides }: Operation, guards: GuardVerdict[]): CommitVerdict {
  const health = healthOf(situation, from);
  // Who overrides the quorum says that the side is lost whatever it looks like from here.
  const agreed = overrides.includes('quorum');
  if (!agreed && (health === 'up' || health === 'degraded'))
    return { answer: 'abort', because: 'active-side-is-back', guards };
  // The quorum counts this prober's own verdict, which is still being formed while the side is suspect or unknown.
  const undecided = !agreed && health !== 'down';
  const verdict = verdictOf(activeSide(situation.readings), guards, undecided ? ['quorum'] : []);
  return undecided && verdict.answer === 'go' ? { answer: 'wait', guards } : verdict;
}

/** A target that cannot be read now may be readable in a moment. */
function verdictOf(active: string, guards: GuardVerdict[], open: GuardVerdict['guard'][]): CommitVerdict {
  const failed = guards.filter(({ guard, verdict }) => verdict === 'fail' && !open.includes(guard));
  if (failed.length > 0 && active !== 'unknown') return { answer: 'abort', because: 'guard', guards };
  return { answer: guards.some(({ verdict }) => verdict !== 'pass') ? 'wait' : 'go', guards };
}
