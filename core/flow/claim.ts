import { operationSentence } from '../explain/operation.ts';
import type { Operation } from '../model/operation.ts';
import type { Approval, FleetRecord, PairRecord } from '../model/record.ts';
import type { Situation } from '../model/situation.ts';
import { approvalFor } from '../plan/plan.ts';
import { failoverSteps } from '../plan/steps.ts';
import { type Turn, tell } from './turn.ts';

/**
 * Starts a failover: first, when nobody approved it, a slot of the fleet breaker, then one conditional write that raises
 * the epoch and sets the operation. `desired` stays as it is. A crash between the two leaves the slot spent, never the
 * reverse.
 * @throws VersionConflict when someone else wrote first; StoreUnavailable.
 */
export async function claimFailover(turn: Turn, situation: Situation, from: string, to: string): Promise<PairRecord> {
  const { record, nowMs } = situation;
  const epoch = record.epoch + 1;
  const approval = approvalFor({ from, to }, record, nowMs);
  if (!approval && !(await takeSlot(turn, epoch, nowMs))) return record;
  const operation = newFailover(turn, situation, { from, to, epoch, approval });
  const change = { epoch, operation, driftAnswer: null, approval: null };
  const claimed = await turn.ports.store.writePair({ ...record, ...change });
  tell(turn, 'operation', 'critical', operationSentence(operation), { operation });
  return claimed;
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
  { from, to, epoch, approval }: { from: string; to: string; epoch: number; approval: Approval | null },
): Operation {
  const nowMs = ports.clock.nowMs();
  const firstFailureMs = situation.health[from]?.firstFailureAtMs ?? null;
  const agoMs = firstFailureMs === null ? null : ports.clock.monotonicMs() - firstFailureMs;
  return {
    id: `${watch.pair.name}-${epoch}`,
    pair: watch.pair.name,
    verb: 'failover',
    epoch,
    from,
    to,
    startedBy: approval
      ? { kind: 'person', who: approval.who, reason: approval.reason }
      : { kind: 'automatic', who: watch.vantage, reason: `${from} is down` },
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
