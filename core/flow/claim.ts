import { evaluateGuards, guardsForPerson } from '../decide/guards.ts';
import { guardSentence } from '../explain/guard.ts';
import { operationSentence, refusedSentence } from '../explain/operation.ts';
import type { Operation } from '../model/operation.ts';
import type { Approval, FailoverRequest, FleetRecord, PairRecord } from '../model/record.ts';
import type { Situation } from '../model/situation.ts';
import { approvalFor } from '../plan/plan.ts';
import { failoverSteps } from '../plan/steps.ts';
import { type Turn, tell } from './turn.ts';

/** What a failover is to be: from where to where, and the person behind it, if there is one. */
interface Wanted {
  from: string;
  to: string;
  request: FailoverRequest | null;
}

/**
 * Starts a failover: first, when it is nobody's wish, a slot of the fleet breaker, then one conditional write that raises
 * the epoch and sets the operation. `desired` stays as it is. A crash between the two leaves the slot spent, never the
 * reverse.
 * @throws VersionConflict when someone else wrote first; StoreUnavailable.
 */
export async function claimFailover(turn: Turn, situation: Situation, wanted: Wanted): Promise<PairRecord> {
  const { record, nowMs } = situation;
  const epoch = record.epoch + 1;
  const person = wanted.request ?? approvalFor(wanted, record, nowMs);
  if (!person && !(await takeSlot(turn, epoch, nowMs))) return record;
  const operation = newFailover(turn, situation, { ...wanted, epoch, person });
  const change = { epoch, operation, driftAnswer: null, approval: null, request: null };
  const claimed = await turn.ports.store.writePair({ ...record, ...change });
  tell(turn, 'operation', 'critical', operationSentence(operation), { operation });
  return claimed;
}

/**
 * Ends a person's request that a guard forbids: kept among the operations, as aborted, so that who asked learns of it.
 * @throws VersionConflict, StoreUnavailable
 */
export async function refuseRequest(turn: Turn, situation: Situation, request: FailoverRequest): Promise<void> {
  const { record } = situation;
  const operation = newFailover(turn, situation, { ...request, request, epoch: record.epoch, person: request });
  const against = guardsForPerson(evaluateGuards(situation, request.from, request.to), request.overrides)
    .filter(({ verdict }) => verdict !== 'pass')
    .map(({ guard, verdict }) => guardSentence(guard, verdict, situation, request.to));
  const outcome = refusedSentence(request, against);
  const timeline = { ...operation.timeline, endedAtMs: turn.ports.clock.nowMs() };
  const refused = { ...operation, phase: 'aborted' as const, steps: [], timeline, outcome };
  await turn.ports.store.saveOperation(refused);
  await turn.ports.store.writePair({ ...record, request: null });
  tell(turn, 'report', 'warning', outcome, { operation: refused });
}

/** @returns whether there was a slot left */
async function takeSlot({ ports, watch }: Turn, epoch: number, nowMs: number): Promise<boolean> {
  const pair = watch.pair.name;
  const fleet = await ports.store.readFleet();
  // A slot that an earlier try for this epoch left behind is used again: an epoch can be claimed only once.
  const isOwn = (taken: FleetRecord['slots'][number]) => taken.pair === pair && taken.epoch === epoch;
  const recent = fleet.slots.filter((taken) => taken.atMs > nowMs - watch.fleet.windowMs && !isOwn(taken));
  if (recent.length >= watch.fleet.maxFailovers) return false;
  await ports.store.writeFleet({ ...fleet, slots: [...recent, { pair, epoch, atMs: nowMs }] });
  return true;
}

function newFailover(
  { ports, watch }: Turn,
  situation: Situation,
  { from, to, request, epoch, person }: Wanted & { epoch: number; person: Approval | FailoverRequest | null },
): Operation {
  const nowMs = ports.clock.nowMs();
  const firstFailureMs = situation.health[from]?.firstFailureAtMs ?? null;
  const agoMs = firstFailureMs === null ? null : ports.clock.monotonicMs() - firstFailureMs;
  return {
    id: request?.id ?? `${watch.pair.name}-${epoch}`,
    pair: watch.pair.name,
    verb: 'failover',
    epoch,
    from,
    to,
    startedBy: person
      ? { kind: 'person', who: person.who, reason: person.reason }
      : { kind: 'automatic', who: watch.vantage, reason: `${from} is down` },
    overrides: request?.overrides ?? [],
    phase: 'claimed',
    holder: watch.holder,
    steps: failoverSteps(ports.targets.map(({ id }) => id)),
    timeline: {
      firstFailureAtMs: agoMs === null ? null : Math.round(nowMs - agoMs),
      decidedAtMs: situation.nowMs,
      claimedAtMs: nowMs,
      committedAtMs: null,
      flippedAtMs: null,
      endedAtMs: null,
    },
    fenced: 'unfenced',
    outcome: '',
  };
}

/** Gives the slot of an aborted operation back: nothing was moved. Best effort: a slot too many spent is the safe side. */
export async function releaseSlot({ ports }: Turn, operation: Operation): Promise<void> {
  try {
    const fleet: FleetRecord = await ports.store.readFleet();
    const slots = fleet.slots.filter(({ pair, epoch }) => pair !== operation.pair || epoch !== operation.epoch);
    if (slots.length !== fleet.slots.length) await ports.store.writeFleet({ ...fleet, slots });
  } catch {
    // The slot expires with its window.
  }
}
