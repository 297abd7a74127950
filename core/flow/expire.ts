import { expirySentence } from '../explain/pause.ts';
import type { PairRecord } from '../model/record.ts';
import type { KnownState } from './memory.ts';
import { type Ports, StoreUnavailable, VersionConflict, type Watch } from './ports.ts';
import { tell } from './turn.ts';

/**
 * Ends what is over by now: pauses and maintenance, and says so, and what a person agreed to or asked for that nothing came
 * of. Until that is stored a pause holds: a decision never depends on whether its end was already noticed. What was
 * observed meanwhile does not count.
 */
export async function endExpired(ports: Ports, watch: Watch, state: KnownState): Promise<KnownState> {
  const { record, storeProblem } = state;
  const nowMs = ports.clock.nowMs();
  const isOver = (what: { untilMs: number } | null) => what !== null && what.untilMs <= nowMs;
  const sites = Object.entries(record.maintenance).filter(([, pause]) => isOver(pause));
  const held = isOver(record.pause) || sites.length > 0;
  if (storeProblem !== null || !(held || isOver(record.approval) || isOver(record.request))) return state;
  const over = sites.map(([site]) => site);
  const ended: PairRecord = {
    ...record,
    pause: isOver(record.pause) ? null : record.pause,
    maintenance: Object.fromEntries(Object.entries(record.maintenance).filter(([site]) => !over.includes(site))),
    approval: isOver(record.approval) ? null : record.approval,
    request: isOver(record.request) ? null : record.request,
    evidenceGeneration: record.evidenceGeneration + (held ? 1 : 0),
  };
  try {
    const written = await ports.store.writePair(ended);
    if (record.pause && !ended.pause) tell({ ports, watch }, 'service', 'warning', expirySentence(null, record.pause));
    for (const [site, pause] of sites) tell({ ports, watch }, 'service', 'warning', expirySentence(site, pause));
    return { ...state, record: written };
  } catch (error) {
    if (error instanceof VersionConflict || error instanceof StoreUnavailable) return state;
    throw error;
  }
}
