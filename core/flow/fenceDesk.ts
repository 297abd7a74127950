import type { Pair } from '../model/config.ts';
import type { FenceReading } from '../model/fence.ts';
import type { FenceResult, FenceTask, FenceWork } from '../plan/fences.ts';
import { type Clock, FenceError, type Fencer } from './ports.ts';

/** Longest time that work beside the loop takes; an operation that must write the same limits waits for it. */
const budgetMaxMs = 3_000;

/**
 * Where work on fences is started and its results collected, beside the loop like probes: a dead site must not delay what is
 * done about the living one. One piece of work at a time for each site.
 */
export interface FenceDesk {
  /** Starts the work unless some is under way at this site, or the same was started less than `pauseMs` ago. */
  start(task: FenceTask, pauseMs: number): void;
  /** Whether `start` would start it now. */
  mayStart(task: FenceTask, pauseMs: number): boolean;
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

  async function run({ site, work, users, limits }: FenceTask): Promise<void> {
    const started = { startedAtMs: clock.nowMs(), startedMonotonicMs: clock.monotonicMs() };
    const result: FenceResult = { site, work, ...started, reading: null, limits: null, problem: '' };
    if (work === 'look') result.reading = await fencer.look(site, users, lookMs);
    else if (work === 'set') result.reading = await fencer.set(site, users, setMs);
    else if (work === 'release') result.reading = await fencer.release(site, limits, setMs);
    else {
      try {
        result.limits = await fencer.readLimits(site, users, lookMs);
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

  const mayStart = ({ site, work }: FenceTask, pauseMs: number) =>
    !underWay.has(site) &&
    clock.monotonicMs() - (startedAtMs.get(`${work} ${site}`) ?? Number.NEGATIVE_INFINITY) >= pauseMs;

  return {
    mayStart,
    start(task, pauseMs) {
      if (!mayStart(task, pauseMs)) return;
      startedAtMs.set(`${task.work} ${task.site}`, clock.monotonicMs());
      underWay.set(task.site, { work: task.work, ends: run(task) });
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
