import type { Pair } from '../model/config.ts';
import type { FenceReading } from '../model/fence.ts';
import type { SavedLimits } from '../model/record.ts';
import type { FenceResult, FenceWork } from '../plan/fences.ts';
import { type Clock, FenceError, type Fencer } from './ports.ts';

/** Longest time that work beside the loop takes; an operation that must write the same limits waits for it. */
const budgetMaxMs = 3_000;

/**
 * Where work on fences is started and its results collected, beside the loop like probes: a dead site must not delay what is
 * done about the living one. One piece of work at a time for each site.
 */
export interface FenceDesk {
  /** Starts the work unless some is under way at this site, or the same was started less than `pauseMs` ago. */
  start(site: string, work: FenceWork, savedLimits: SavedLimits | null, pauseMs: number): void;
  /** Resolves when nothing that writes limits is under way at the site; bounded. */
  idle(site: string): Promise<void>;
  /** What came of it since the last call. */
  take(): FenceResult[];
  /** The newest reading of each site. */
  readings(): Record<string, FenceReading>;
}

export function openFenceDesk(pair: Pair, fencer: Fencer, clock: Clock, wake: () => void): FenceDesk {
  const underWay = new Map<string, { work: FenceWork; ends: Promise<void> }>();
  const startedAtMs = new Map<string, number>();
  const readings: Record<string, FenceReading> = {};
  let results: FenceResult[] = [];
  const setMs = Math.min(pair.failover.fenceBudgetMs, budgetMaxMs);
  const lookMs = Math.min(pair.probe.timeoutMs, budgetMaxMs);

  async function run(site: string, work: FenceWork, savedLimits: SavedLimits | null): Promise<void> {
    const result: FenceResult = { site, work, reading: null, limits: null, problem: '' };
    if (work === 'look') result.reading = await fencer.look(site, lookMs);
    else if (work === 'set') result.reading = await fencer.set(site, setMs);
    else if (work === 'release') result.reading = await fencer.release(site, savedLimits ?? {}, setMs);
    else {
      try {
        result.limits = await fencer.readLimits(site, lookMs);
      } catch (error) {
        if (!(error instanceof FenceError)) throw error;
        result.problem = error.message;
      }
    }
    if (result.reading) readings[site] = result.reading;
    results.push(result);
    underWay.delete(site);
    wake();
  }

  return {
    start(site, work, savedLimits, pauseMs) {
      const key = `${work} ${site}`;
      const nowMs = clock.monotonicMs();
      if (underWay.has(site) || nowMs - (startedAtMs.get(key) ?? Number.NEGATIVE_INFINITY) < pauseMs) return;
      startedAtMs.set(key, nowMs);
      underWay.set(site, { work, ends: run(site, work, savedLimits) });
    },
    async idle(site) {
      const { work, ends } = underWay.get(site) ?? {};
      if (work === 'set' || work === 'release') await ends;
    },
    take() {
      const taken = results;
      results = [];
      return taken;
    },
    readings: () => readings,
  };
}
