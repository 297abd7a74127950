import { requestGuards } from '../decide/decide.ts';
import { evaluateGuards } from '../decide/guards.ts';
import { guardSentence } from '../explain/guard.ts';
import { operationSentence, overtakenSentence, refusedSentence } from '../explain/operation.ts';
import type { GuardResult, GuardVerdict } from '../model/decision.ts';
import type { Operation } from '../model/operation.ts';
import type { Approval, FleetRecord, OperationRequest, PairRecord } from '../model/record.ts';
import type { Situation } from '../model/situation.ts';
import { approvalFor } from '../plan/plan.ts';
import { emptyOperation, endedRequest, withEnded } from '../plan/request.ts';
import { plannedSteps } from '../plan/steps.ts';
import { keepEnded } from './ended.ts';
import { isRecent, leaseMs } from './moment.ts';
import { VersionConflict } from './ports.ts';
import { heldUp } from './steps/step.ts';
import { type Turn, tell } from './turn.ts';

/** A store may be slow, but not so slow that a turn which just began still claims something then. */
const claimWithinMs = 2 * leaseMs;

/** What an operation is to be: from where to where, and the person behind it, if there is one. */
interface Wanted {
  from: string;
  to: string;
  request: OperationRequest | null;
}

/**
 * Starts an operation: first, when it is nobody's wish, a slot of the fleet breaker, then one conditional write that raises
 * the epoch and sets the operation. `desired` stays as it is. A crash between the two leaves the slot spent, never the
 * reverse. A stalled operation whose place it takes steps aside until this one has passed its point of no return.
 * @throws VersionConflict when someone else wrote first; StoreUnavailable.
 */
export async function claimOperation(turn: Turn, situation: Situation, wanted: Wanted): Promise<PairRecord> {
  const { record, nowMs } = situation;
  const epoch = record.epoch + 1;
  const person = wanted.request ?? approvalFor(wanted, record, nowMs);
  if (!person && !(await takeSlot(turn, epoch, nowMs))) return record;
  const operation = newOperation(turn, situation, { ...wanted, epoch, person });
  const change = { epoch, operation, superseded: record.operation, driftAnswer: null, approval: null, request: null };
  // The version alone says too little: in a store that was lost and begun anew, versions have been there before.
  const now = await turn.ports.store.readPair(record.pair);
  if (now?.epoch !== record.epoch || now.version !== record.version)
    throw new VersionConflict(`${record.pair} was changed by someone else`);
  // What this process saw before it stood still says nothing of now.
  if (!isRecent(turn.ports.clock, turn.memory.began, claimWithinMs)) throw heldUp();
  const claimed = await turn.ports.store.writePair({ ...withOvertaken(turn, record, operation), ...change });
  await keepEnded(turn, claimed);
  tell(turn, 'operation', operation.verb === 'failover' ? 'critical' : 'warning', operationSentence(operation), {
    operation,
  });
  return claimed;
}

/** What a person asked for, and was not done yet when something else had to be, has ended with that. */
function withOvertaken({ ports }: Turn, record: PairRecord, by: Operation): PairRecord {
  const { request } = record;
  if (!request || request.id === by.id) return record;
  return withEnded(record, endedRequest(request, record, ports.clock.nowMs(), overtakenSentence(request, by)));
}

/**
 * Ends a person's request that a guard forbids: kept among the operations, as aborted, so that who asked learns of it.
 * @throws VersionConflict, StoreUnavailable
 */
export async function refuseRequest(turn: Turn, situation: Situation, request: OperationRequest): Promise<void> {
  const { record, nowMs } = situation;
  const guards = explained(situation, requestGuards(situation, request), request.to);
  const against = guards.filter(({ verdict }) => verdict !== 'pass').map(({ sentence }) => sentence);
  const outcome = refusedSentence(request, against);
  const refused = { ...endedRequest(request, record, nowMs, outcome), guards };
  await keepEnded(turn, await turn.ports.store.writePair({ ...withEnded(record, refused), request: null }));
  tell(turn, 'report', 'warning', outcome, { operation: refused });
}

/** @returns whether there was a slot left */
async function takeSlot({ ports, watch }: Turn, epoch: number, nowMs: number): Promise<boolean> {
  const pair = watch.pair.name;
  const fleet = await ports.store.readFleet();
  // What was decided by is up to `every` old.
  if (fleet.pause) throw new VersionConflict('all pairs were paused by someone else');
  // A slot that an earlier try for this epoch left behind is used again: an epoch can be claimed only once.
  const isOwn = (taken: FleetRecord['slots'][number]) => taken.pair === pair && taken.epoch === epoch;
  const recent = fleet.slots.filter((taken) => taken.atMs > nowMs - watch.fleet.windowMs && !isOwn(taken));
  if (recent.length >= watch.fleet.maxFailovers) return false;
  // It counts from when its claim is made at the latest: what is slow must not make the window of the next one shorter.
  const atMs = nowMs + claimWithinMs;
  await ports.store.writeFleet({ ...fleet, slots: [...recent, { pair, epoch, atMs }] });
  return true;
}

function newOperation(
  turn: Turn,
  situation: Situation,
  { from, to, request, epoch, person }: Wanted & { epoch: number; person: Approval | OperationRequest | null },
): Operation {
  const { ports, watch } = turn;
  const { pair, record } = situation;
  const targets = ports.targets.map(({ id }) => id);
  const guards = request
    ? requestGuards(situation, request)
    : evaluateGuards(situation, { from, to, mover: 'automatic' });
  return {
    ...emptyOperation(pair.name, epoch, { from, to }),
    id: request?.id ?? `${pair.name}-${epoch}`,
    verb: request?.verb ?? 'failover',
    startedBy: person
      ? { kind: 'person', who: person.who, reason: person.reason }
      : { kind: 'automatic', who: watch.vantage, reason: `${from} is down` },
    overrides: request?.overrides ?? [],
    supersedes: request?.supersedes ?? null,
    guards: explained(situation, guards, to),
    holder: watch.holder,
    steps: plannedSteps({ pair, record, from, to, targets }),
    timeline: timelineOf(turn, situation, from),
  };
}

function explained(situation: Situation, guards: GuardVerdict[], to: string): GuardResult[] {
  return guards.map(({ guard, verdict }) => ({
    guard,
    verdict,
    sentence: guardSentence(guard, verdict, situation, to),
  }));
}

function timelineOf({ ports }: Turn, situation: Situation, from: string): Operation['timeline'] {
  const nowMs = ports.clock.nowMs();
  const firstFailureMs = situation.health[from]?.firstFailureAtMs ?? null;
  const agoMs = firstFailureMs === null ? null : ports.clock.monotonicMs() - firstFailureMs;
  return {
    firstFailureAtMs: agoMs === null ? null : Math.round(nowMs - agoMs),
    decidedAtMs: situation.nowMs,
    claimedAtMs: nowMs,
    committedAtMs: null,
    flippedAtMs: null,
    endedAtMs: null,
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
