import type { PairRecord } from '../model/record.ts';
import type { Situation } from '../model/situation.ts';
import { selfDoubt } from '../observe/selfTrust.ts';
import { agreedMs } from './agreedClock.ts';
import type { Desks } from './desks.ts';
import type { KnownState, Memory } from './memory.ts';
import type { Ports, Watch } from './ports.ts';

/** Gathers what is known into the one value that a decision is made from. */
export function situationOf(
  ports: Ports,
  watch: Watch,
  { fences }: Desks,
  memory: Memory,
  state: KnownState,
  record: PairRecord = state.record,
): Situation {
  const { health, self, referencesVisible } = memory;
  return {
    pair: watch.pair,
    fleet: watch.fleet,
    vantage: watch.vantage,
    record,
    storeProblem: state.storeProblem,
    readings: state.readings,
    health,
    doubt: selfDoubt(health, { ...self, referencesVisible }),
    slots: state.slots,
    fleetPause: state.fleetPause,
    others: state.others,
    configHash: watch.configHash,
    fences: fences.readings(),
    nowMs: agreedMs({ ports, watch, memory }),
  };
}
