import { expirySentence } from '../explain/pause.ts';
import type { PairRecord } from '../model/record.ts';
import type { KnownState } from './memory.ts';
import { type Ports, StoreUnavailable, VersionConflict, type Watch } from './ports.ts';
import { tell } from './turn.ts';

/**
 * Ends pauses and maintenance whose time is over, and says so. Until that is stored they hold: a decision never depends on
 * whether their end was already noticed. What was observed meanwhile does not count.
 */
export async function endExpired(ports: Ports, watch: Watch, state: KnownState): Promise<KnownState> {
  const { record, storeProblem } = state;
  const over = storeProblem === null ? expired(record, ports.clock.nowMs()) : [];
  if (over.length === 0) return state;
  const maintenance = Object.fromEntries(Object.entries(record.maintenance).filter(([site]) => !over.includes(site)));
  const pause = over.includes(wholePair) ? null : record.pause;
  const evidenceGeneration = record.evidenceGeneration + 1;
  try {
    const written = await ports.store.writePair({ ...record, pause, maintenance, evidenceGeneration });
    if (record.pause && pause === null)
      tell({ ports, watch }, 'service', 'warning', expirySentence(null, record.pause));
    for (const [site, ended] of Object.entries(record.maintenance))
      if (over.includes(site)) tell({ ports, watch }, 'service', 'warning', expirySentence(site, ended));
    return { ...state, record: written };
  } catch (error) {
    if (error instanceof VersionConflict || error instanceof StoreUnavailable) return state;
    throw error;
  }
}

/** Site names are never empty, so this cannot be one. */
const wholePair = '';

function expired({ pause, maintenance }: PairRecord, nowMs: number): string[] {
  const sites = Object.entries(maintenance).filter(([, { untilMs }]) => untilMs <= nowMs);
  return [...(pause && pause.untilMs <= nowMs ? [wholePair] : []), ...sites.map(([site]) => site)];
}
