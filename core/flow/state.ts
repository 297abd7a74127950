import type { PairRecord } from '../model/record.ts';
import { newPairRecord } from '../model/record.ts';
import { dueRequest } from '../model/situation.ts';
import type { KnownState, Memory } from './memory.ts';
import { type Clock, type Ports, StoreUnavailable, type Watch } from './ports.ts';

/**
 * The outside state a decision needs: the pair's record and the fleet's slots from the store, and what every target says.
 * Never rejects: a store that cannot be read is part of the answer, and forbids acting.
 */
export async function readState(ports: Ports, watch: Watch, known: KnownState | null): Promise<KnownState> {
  const readAtMs = ports.clock.monotonicMs();
  const readings = Promise.all(ports.targets.map((target) => target.read()));
  try {
    const [record, fleet] = await Promise.all([ports.store.readPair(watch.pair.name), ports.store.readFleet()]);
    const current = record ?? newPairRecord(watch.pair.name);
    const { slots, pause } = fleet;
    return { record: current, slots, fleetPause: pause, readings: await readings, readAtMs, storeProblem: null };
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
    const record: PairRecord = known?.record ?? newPairRecord(watch.pair.name);
    const slots = known?.slots ?? [];
    const fleetPause = known?.fleetPause ?? null;
    return { record, slots, fleetPause, readings: await readings, readAtMs, storeProblem: error.message };
  }
}

/** Whether this turn must read the state anew: it is old, something is under way, or the sites' health just changed. */
export function stateIsDue(memory: Memory, everyMs: number, healthChanged: boolean, clock: Clock): boolean {
  const { state } = memory;
  if (state === null || healthChanged || clock.monotonicMs() - state.readAtMs >= everyMs) return true;
  const { operation, driftAnswer, approval } = state.record;
  const request = dueRequest(state.record, clock.nowMs());
  return [operation, driftAnswer, approval, request].some((waiting) => waiting !== null);
}
