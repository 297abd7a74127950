import { operationSentence } from '../explain/operation.ts';
import type { Operation } from '../model/operation.ts';
import type { FleetRecord, PairRecord } from '../model/record.ts';
import type { Situation } from '../model/situation.ts';
import { failoverSteps } from '../plan/steps.ts';
import { type Turn, tell } from './turn.ts';

/**
 * Starts an automatic failover: first a slot of the fleet breaker, then one conditional write that raises the epoch and
 * sets the operation. `desired` stays as it is. A crash between the two leaves the slot spent, never the reverse.
 * @throws VersionConflict when someone else wrote first; StoreUnavailable.
 */
export async function claimFailover(turn: Turn, situation: Situation, from: string, to: string): Promise<PairRecord> {
  const { ports, watch } = turn;
  const { record } = situation;
  const epoch = record.epoch + 1;
  const fleet = await ports.store.readFleet();
  // A slot that an earlier try for this epoch left behind is used again: an epoch can be claimed only once.
  const isOwn = (taken: FleetRecord['slots'][number]) => taken.pair === watch.pair.name && taken.epoch === epoch;
  const recent = fleet.slots.filter((taken) => taken.atMs > situation.nowMs - watch.fleet.windowMs && !isOwn(taken));
  if (recent.length >= watch.fleet.maxFailovers) return record;
  const slot = { pair: watch.pair.name, epoch, atMs: situation.nowMs };
  await ports.store.writeFleet({ ...fleet, slots: [...recent, slot] });
  const operation = newFailover(turn, situation, from, to, epoch);
  const claimed = await ports.store.writePair({ ...record, epoch, operation, driftAnswer: null });
  tell(turn, 'operation', 'critical', operationSentence(operation), { operation });
  return claimed;
}

function newFailover({ ports, watch }: Turn, situation: Situation, from: string, to: string, epoch: number): Operation {
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
    startedBy: { kind: 'automatic', who: watch.vantage, reason: `${from} is down` },
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
