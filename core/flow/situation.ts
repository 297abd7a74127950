import type { PairRecord } from '../model/record.ts';
import type { Situation } from '../model/situation.ts';
import { selfDoubt } from '../observe/selfTrust.ts';
import type { ProbeDesk } from './desk.ts';
import type { KnownState, Memory } from './memory.ts';
import type { Ports, Watch } from './ports.ts';

/** Gathers what is known into the one value that a decision is made from. */
export function situationOf(
  ports: Ports,
  watch: Watch,
  desk: ProbeDesk,
  memory: Memory,
  state: KnownState,
  record: PairRecord = state.record,
): Situation {
  const nowMs = ports.clock.nowMs();
  const monotonicMs = ports.clock.monotonicMs();
  const { lastTurn, health } = memory;
  const clockJumpMs = lastTurn ? nowMs - lastTurn.wallMs - (monotonicMs - lastTurn.monotonicMs) : 0;
  const referencesVisible = desk.references().map(({ visible }) => visible);
  return {
    pair: watch.pair,
    fleet: watch.fleet,
    vantage: watch.vantage,
    record,
    storeProblem: state.storeProblem,
    readings: state.readings,
    health,
    doubt: selfDoubt(health, { referencesVisible, clockJumpMs, lateByMs: memory.lateByMs }),
    slots: state.slots,
    nowMs,
  };
}
