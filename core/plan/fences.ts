import { type FenceReading, isClosed, isOpen } from '../model/fence.ts';
import type { Fence, PairRecord, SavedLimits } from '../model/record.ts';

/**
 * What is done at a site, beside the loop: `look` changes nothing, `save` reads the limits that a fence will replace, `set` and
 * `release` write limits.
 */
export type FenceWork = 'look' | 'save' | 'set' | 'release';

/** What came of it. `limits` only from `save`; without a reading, or without limits, it failed for the reason given. */
export interface FenceResult {
  site: string;
  work: FenceWork;
  reading: FenceReading | null;
  limits: SavedLimits | null;
  problem: string;
}

/** How long a released fence is looked at again: a limit write may hang for 60 s at a broker with a hung peer, and then land. */
export const releaseWatchMs = 75_000;

/**
 * The fences as they should be, given where traffic goes. A fence is never on the side that is desired, nor on the side that
 * traffic goes to, but for the operation that is about to leave it; that of a planned move is lifted when its time is over.
 * One that never wrote a limit just goes away.
 */
export function withReleases(record: PairRecord, active: string, nowMs: number): PairRecord {
  const fences = Object.values(record.fences).flatMap((fence) => {
    const goes = mustGo(record, fence.site, active) || (fence.untilMs !== null && fence.untilMs <= nowMs);
    if (!goes || fence.state === 'releasing' || fence.state === 'released') return fence;
    return fence.savedLimits === null ? [] : { ...fence, state: 'releasing' as const, sinceMs: nowMs, detail: '' };
  });
  return changed(record, fences);
}

function mustGo({ desired, operation }: PairRecord, site: string, active: string): boolean {
  const underWay = operation !== null && operation.phase !== 'stalled';
  if (underWay && operation.from === site) return false;
  return site === desired || (site === active && !underWay);
}

/** The record after some work on fences; the same value when nothing that matters changed. */
export function withFenceResults(record: PairRecord, results: FenceResult[], nowMs: number): PairRecord {
  const fences = Object.values(record.fences).flatMap((fence) => {
    const own = results.filter(({ site }) => site === fence.site);
    return own.reduce<Fence[]>((now, result) => now.flatMap((last) => after(last, result, nowMs)), [fence]);
  });
  return changed(record, fences);
}

/** No fence: it is over. */
function after(fence: Fence, { work, reading, limits }: FenceResult, nowMs: number): Fence[] {
  const become = (state: Fence['state'], detail = ''): Fence[] =>
    state === fence.state ? [fence] : [{ ...fence, state, sinceMs: nowMs, detail }];
  if (work === 'save') return [limits && fence.savedLimits === null ? { ...fence, savedLimits: limits } : fence];
  if (!reading) return [fence];
  if (work === 'set') return fence.state === 'wanted' && isClosed(reading) ? become('set') : [fence];
  if (work === 'release') return fence.state === 'releasing' && isOpen(reading) ? become('released') : [fence];
  const closed = reading.nodes.find(({ verdict }) => verdict === 'closed');
  const open = reading.nodes.find(({ verdict }) => verdict === 'open');
  if (fence.state === 'set' && open) return become('wanted', `${open.node}: ${open.detail}`);
  if (fence.state !== 'released') return [fence];
  if (closed && !meantToBeShut(fence)) return become('releasing', `${closed.node} has the old limits again`);
  return nowMs - fence.sinceMs > releaseWatchMs ? [] : [fence];
}

/** The limits were 0 before us: that is how they are left. */
const meantToBeShut = ({ savedLimits }: Fence) => Object.values(savedLimits ?? {}).every((limit) => limit === 0);

/** The work that each fence calls for now. An operation that has not committed does its own. */
export function fenceWork({ fences, operation }: PairRecord): { site: string; work: FenceWork }[] {
  const own = operation?.phase === 'claimed' ? [operation.from, operation.to] : [];
  return Object.values(fences)
    .filter(({ site }) => !own.includes(site))
    .map(({ site, state, savedLimits }) => {
      if (state === 'releasing') return { site, work: 'release' };
      if (state === 'wanted') return { site, work: savedLimits === null ? 'save' : 'set' };
      return { site, work: 'look' };
    });
}

function changed(record: PairRecord, fences: Fence[]): PairRecord {
  const before = Object.values(record.fences);
  if (fences.length === before.length && fences.every((fence, index) => fence === before[index])) return record;
  return { ...record, fences: Object.fromEntries(fences.map((fence) => [fence.site, fence])) };
}

/** The record with one fence changed or added. */
export function withFence(record: PairRecord, fence: Fence): PairRecord {
  return { ...record, fences: { ...record.fences, [fence.site]: fence } };
}
