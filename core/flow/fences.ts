import { fenceSentence } from '../explain/fence.ts';
import type { SiteHealth } from '../model/health.ts';
import type { PairRecord } from '../model/record.ts';
import { activeSide } from '../model/situation.ts';
import { fenceWork, withFenceResults, withReleases } from '../plan/fences.ts';
import type { FenceDesk } from './fenceDesk.ts';
import type { KnownState } from './memory.ts';
import { type Ports, StoreUnavailable, VersionConflict, type Watch } from './ports.ts';
import { tell } from './turn.ts';

/**
 * Keeps the fences as they should be, before anything else is done in a turn: our own fence leaves the side that traffic goes
 * to or should go to; any other is set as soon as its side can be reached, and again when somebody removed it. The work is done
 * beside the loop; here its results are stored and the next piece is started.
 */
export async function tendFences(
  ports: Ports,
  watch: Watch,
  desk: FenceDesk,
  health: Record<string, SiteHealth>,
  state: KnownState,
): Promise<KnownState> {
  const results = desk.take();
  lookRegularly(watch, desk, health);
  if (state.storeProblem !== null || Object.keys(state.record.fences).length === 0) return state;
  const nowMs = ports.clock.nowMs();
  const seen = withFenceResults(state.record, results, nowMs);
  const wanted = withReleases(seen, activeSide(state.readings), nowMs);
  const record = wanted === state.record ? wanted : await store(ports, watch, state.record, wanted);
  if (record === null) return state;
  if (!ports.observeOnly()) startWork(watch, desk, record);
  return { ...state, record };
}

/** Whether a side could be fenced is to be known before it must be. */
function lookRegularly({ pair }: Watch, desk: FenceDesk, health: Record<string, SiteHealth>): void {
  const { everyMs, fullEveryMs } = pair.probe;
  for (const [site, { fenceUsers }] of Object.entries(pair.sites))
    if (fenceUsers.length > 0) desk.start(site, 'look', null, health[site]?.state === 'up' ? fullEveryMs : everyMs);
}

/** @returns the record as stored; null: somebody else wrote, or the store failed; the next turn reads it anew */
async function store(ports: Ports, watch: Watch, before: PairRecord, after: PairRecord): Promise<PairRecord | null> {
  try {
    const written = await ports.store.writePair(after);
    for (const fence of Object.values(written.fences)) {
      if (before.fences[fence.site]?.state === fence.state) continue;
      const severity = fence.state === 'wanted' ? 'warning' : 'info';
      tell({ ports, watch }, 'fence', severity, fenceSentence(fence), { fence });
    }
    return written;
  } catch (error) {
    if (error instanceof VersionConflict || error instanceof StoreUnavailable) return null;
    throw error;
  }
}

function startWork({ pair }: Watch, desk: FenceDesk, record: PairRecord): void {
  const { recheckMs, fullEveryMs } = pair.probe;
  for (const { site, work } of fenceWork(record)) {
    const released = record.fences[site]?.state === 'released';
    const pauseMs = work === 'look' && !released ? fullEveryMs : recheckMs;
    if (pair.sites[site]?.fenceUsers.length) desk.start(site, work, record.fences[site]?.savedLimits ?? null, pauseMs);
  }
}
