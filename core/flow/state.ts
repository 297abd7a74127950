import type { Pair } from '../model/config.ts';
import type { PairRecord } from '../model/record.ts';
import { forgottenRecord, isForgotten, newPairRecord } from '../model/record.ts';
import { activeSide, dueRequest } from '../model/situation.ts';
import type { TargetReading } from '../model/target.ts';
import { agreedMs } from './agreedClock.ts';
import type { KnownState, Memory } from './memory.ts';
import { type Ports, StoreUnavailable, type Watch } from './ports.ts';
import { hear } from './vantages.ts';

/**
 * The outside state a decision needs: the pair's record and the fleet's slots from the store, and what every target says.
 * Never rejects: a store that cannot be read is part of the answer, and forbids acting.
 * @param known the last known state, for what need not or cannot be read anew; null: everything is read
 */
export async function readState(
  ports: Ports,
  watch: Watch,
  memory: Pick<Memory, 'heard' | 'newest'>,
  known: KnownState | null = null,
  healthChanged = false,
): Promise<KnownState> {
  const readAtMs = ports.clock.monotonicMs();
  const keeps = known !== null && !healthChanged && mayKeepReadings(known, watch.pair, readAtMs);
  const readingsAtMs = keeps ? known.readingsAtMs : readAtMs;
  const readings = keeps ? Promise.resolve(known.readings) : Promise.all(ports.targets.map((target) => target.read()));
  try {
    const { name, vantages } = watch.pair;
    const [record, fleet, observations] = await Promise.all([
      ports.store.readPair(name),
      ports.store.readFleet(),
      vantages.length > 1 ? ports.store.listObservations(name) : [],
    ]);
    const others = hear(watch, memory.heard, observations, readAtMs);
    const current = await knownRecord(ports, name, record, newestOf(memory.newest, await readings));
    if (!isForgotten(current)) memory.newest = { epoch: current.epoch, version: current.version };
    const isOvertaken = keeps
      ? current.version !== known.record.version
      : await isMovedNow(ports, current, await readings);
    if (isOvertaken) return readState(ports, watch, memory);
    const { slots, pause } = fleet;
    return {
      record: current,
      slots,
      fleetPause: pause,
      others,
      readings: await readings,
      readAtMs,
      readingsAtMs,
      storeProblem: null,
    };
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
    const record: PairRecord = known?.record ?? newPairRecord(watch.pair.name);
    const slots = known?.slots ?? [];
    const fleetPause = known?.fleetPause ?? null;
    return {
      record,
      slots,
      fleetPause,
      others: [],
      readings: await readings,
      readAtMs,
      readingsAtMs,
      storeProblem: error.message,
    };
  }
}

/** Traffic is not where it was decided to be, and somebody wrote since that was read: it is being moved, not edited. */
async function isMovedNow({ store }: Ports, record: PairRecord, readings: TargetReading[]): Promise<boolean> {
  const { pair, version, desired, operation } = record;
  if (desired === null || operation !== null || activeSide(readings) === desired) return false;
  const now = await store.readPair(pair);
  return now !== undefined && now.version !== version;
}

/**
 * Votes are waited for each `recheck`, and for those nothing of a target need be known. Its API may take few requests (Route 53:
 * five a second for an account); whatever is about to be done reads it anew.
 */
function mayKeepReadings({ record, readings, readingsAtMs }: KnownState, { probe }: Pair, nowMs: number): boolean {
  const asked = [record.operation, record.request, record.driftAnswer, record.approval];
  return (
    nowMs - readingsAtMs < probe.everyMs &&
    activeSide(readings) === record.desired &&
    asked.every((waiting) => waiting === null)
  );
}

/** The record as the store has it, unless there was a newer epoch already: then the store was lost, or set back to a copy. */
async function knownRecord(
  { store }: Ports,
  pair: string,
  record: PairRecord | undefined,
  newest: Memory['newest'],
): Promise<PairRecord> {
  const isOld = ({ epoch, version }: PairRecord) =>
    epoch < newest.epoch || (epoch === newest.epoch && version < newest.version);
  if (record && !isOld(record)) return record;
  // Somebody may have claimed, and written a marker, since the record was read.
  const now = record && (await store.readPair(pair));
  if (now && !isOld(now)) return now;
  const left = now ?? newPairRecord(pair);
  return isOld(left) ? forgottenRecord(left, newest.epoch) : left;
}

/** As this process has seen it, or as a target is marked. */
function newestOf(seen: Memory['newest'], readings: TargetReading[]): Memory['newest'] {
  const marked = Math.max(
    0,
    ...readings.map((reading) => (reading.status === 'read' ? (reading.markerEpoch ?? 0) : 0)),
  );
  return marked > seen.epoch ? { epoch: marked, version: 0 } : seen;
}

/** Others' votes are waited for while the side where traffic should be is not well. */
function isVotedOn({ vantages }: Pair, { desired }: PairRecord, { health }: Memory): boolean {
  const looked = Object.values(health).filter(({ site }) => desired === null || site === desired);
  return vantages.length > 1 && looked.some(({ state }) => state !== 'up');
}

/** Whether this turn must read the state anew: it is old, something is under way, or the sites' health just changed. */
export function stateIsDue(ports: Ports, watch: Watch, memory: Memory, healthChanged: boolean): boolean {
  const { state } = memory;
  const { probe } = watch.pair;
  if (state === null || healthChanged) return true;
  const everyMs = isVotedOn(watch.pair, state.record, memory) ? probe.recheckMs : probe.everyMs;
  if (ports.clock.monotonicMs() - state.readAtMs >= everyMs) return true;
  const { operation, driftAnswer, approval, request } = state.record;
  if ([operation, driftAnswer, approval].some((waiting) => waiting !== null)) return true;
  return request !== null && dueRequest(state.record, agreedMs({ ports, watch, memory })) !== null;
}
