import { withdrawnSentence } from '../explain/operation.ts';
import { expirySentence } from '../explain/pause.ts';
import type { PairRecord } from '../model/record.ts';
import { isHeldUp } from '../observe/selfTrust.ts';
import { endedRequest, withEnded } from '../plan/request.ts';
import { surelyMs } from './agreedClock.ts';
import type { KnownState, Memory } from './memory.ts';
import { type Ports, StoreUnavailable, VersionConflict, type Watch } from './ports.ts';
import { tell } from './turn.ts';

/**
 * Ends what is over by now: pauses and maintenance, and says so, and what a person agreed to or asked for that nothing came
 * of. Until that is stored a pause holds: a decision never depends on whether its end was already noticed. What was
 * observed meanwhile does not count.
 */
export async function endExpired(ports: Ports, watch: Watch, memory: Memory, state: KnownState): Promise<KnownState> {
  // A clock that was just set is believed in the next turn.
  if (state.storeProblem !== null || isHeldUp(memory.self)) return state;
  const nowMs = surelyMs({ ports, watch, memory });
  try {
    return await endOwn(ports, watch, await endFleetPause(ports, watch, state, nowMs), nowMs);
  } catch (error) {
    if (error instanceof VersionConflict || error instanceof StoreUnavailable) return state;
    throw error;
  }
}

async function endOwn(ports: Ports, watch: Watch, state: KnownState, nowMs: number): Promise<KnownState> {
  const { record } = state;
  const sites = Object.entries(record.maintenance).filter(([, pause]) => isOver(pause, nowMs));
  const ended = withoutWhatIsOver(record, nowMs);
  if (ended === record) return state;
  const { request } = record;
  const withdrawn = request && !ended.request ? [endedRequest(request, record, nowMs, withdrawnSentence(request))] : [];
  const written = await ports.store.writePair(withEnded(ended, ...withdrawn));
  if (record.pause && !ended.pause) tell({ ports, watch }, 'service', 'warning', expirySentence(null, record.pause));
  for (const [site, pause] of sites) tell({ ports, watch }, 'service', 'warning', expirySentence(site, pause));
  if (request && !ended.request) tell({ ports, watch }, 'report', 'warning', withdrawnSentence(request));
  return { ...state, record: written };
}

function withoutWhatIsOver(record: PairRecord, nowMs: number): PairRecord {
  const sites = Object.entries(record.maintenance);
  const held = sites.filter(([, pause]) => !isOver(pause, nowMs));
  const resumes = isOver(record.pause, nowMs) || held.length < sites.length;
  if (!resumes && !isOver(record.approval, nowMs) && !isOver(record.request, nowMs)) return record;
  return {
    ...record,
    pause: isOver(record.pause, nowMs) ? null : record.pause,
    maintenance: Object.fromEntries(held),
    approval: isOver(record.approval, nowMs) ? null : record.approval,
    request: isOver(record.request, nowMs) ? null : record.request,
    evidenceGeneration: record.evidenceGeneration + (resumes ? 1 : 0),
  };
}

/** Whoever notices first ends the pause of all pairs, and says so; each watch gathers fresh evidence when it sees that. */
async function endFleetPause(ports: Ports, watch: Watch, state: KnownState, nowMs: number): Promise<KnownState> {
  const { fleetPause } = state;
  if (!fleetPause || !isOver(fleetPause, nowMs)) return state;
  const fleet = await ports.store.readFleet();
  // Somebody may have made it longer meanwhile.
  if (fleet.pause && !isOver(fleet.pause, nowMs)) return { ...state, fleetPause: fleet.pause };
  if (fleet.pause) {
    await ports.store.writeFleet({ ...fleet, pause: null });
    tell({ ports, watch }, 'service', 'warning', expirySentence('all pairs', fleet.pause));
  }
  return { ...state, fleetPause: null };
}

const isOver = (what: { untilMs: number } | null, nowMs: number) => what !== null && what.untilMs <= nowMs;
