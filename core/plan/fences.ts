import type { Pair } from '../model/config.ts';
import { type FenceReading, isClosed, isOpen } from '../model/fence.ts';
import type { Fence, PairRecord, SavedLimits } from '../model/record.ts';

/**
 * What is done at a site, beside the loop: `look` changes nothing, `save` reads the limits that a fence will replace, `set` and
 * `release` write limits.
 */
export type FenceWork = 'look' | 'save' | 'set' | 'release';

/** A piece of it: which users it is about, and the limits to be put back. */
export interface FenceTask {
  site: string;
  work: FenceWork;
  users: readonly string[];
  limits: SavedLimits;
}

/** What came of it. `limits` only from `save`; without a reading, or without limits, it failed for the reason given. */
export interface FenceResult {
  site: string;
  work: FenceWork;
  /** Wall-clock milliseconds. */
  startedAtMs: number;
  /** The same on the monotonic clock. */
  startedMonotonicMs: number;
  reading: FenceReading | null;
  limits: SavedLimits | null;
  problem: string;
}

/** How long a released fence is looked at again: a limit write may hang for 60 s at a broker with a hung peer, and then land. */
export const releaseWatchMs = 75_000;

/** Where the targets send traffic; and whether that is about to be set back to what was decided. */
export interface Traffic {
  active: string;
  comesBack: boolean;
}

/**
 * The fences as they should be, given where traffic goes. A fence is never on the side that is desired, nor on the side that
 * traffic goes to, but for the operation that is about to leave it; that of a planned move is lifted when its time is over.
 * One that never wrote a limit just goes away.
 */
export function withReleases(record: PairRecord, traffic: Traffic, nowMs: number): PairRecord {
  const fences = Object.values(record.fences).flatMap((fence) => {
    const goes = mustGo(record, fence.site, traffic) || (fence.untilMs !== null && fence.untilMs <= nowMs);
    if (!goes || fence.state === 'releasing' || fence.state === 'released') return fence;
    return fence.savedLimits === null ? [] : { ...fence, state: 'releasing' as const, sinceMs: nowMs, detail: '' };
  });
  return changed(record, fences);
}

function mustGo({ desired, operation }: PairRecord, site: string, { active, comesBack }: Traffic): boolean {
  if (operation !== null && operation.phase !== 'stalled') return operation.from !== site && site === desired;
  // Stalled half-way: nobody knows when its targets will be written.
  if (operation !== null && operation.from === site) return active !== operation.to;
  return site === desired || (site === active && !comesBack);
}

/**
 * The record after some work on fences; the same value when nothing that matters changed.
 * @param releasedForMs for how long it has been watched that a fence is released
 */
export function withFenceResults(
  record: PairRecord,
  results: FenceResult[],
  nowMs: number,
  releasedForMs: (fence: Fence) => number,
): PairRecord {
  const fences = Object.values(record.fences).flatMap((fence) => {
    const own = results.filter(({ site }) => site === fence.site);
    return own.reduce<Fence[]>(
      (now, result) => now.flatMap((last) => after(last, result, nowMs, releasedForMs)),
      [fence],
    );
  });
  return changed(record, fences);
}

/** No fence: it is over. */
function after(fence: Fence, result: FenceResult, nowMs: number, releasedForMs: (fence: Fence) => number): Fence[] {
  const { work, reading, limits, startedAtMs } = result;
  const become = (state: Fence['state'], detail = ''): Fence[] =>
    state === fence.state ? [fence] : [{ ...fence, state, sinceMs: nowMs, detail }];
  if (work === 'save') return [limits ? withMissingLimits(fence, limits, nowMs) : fence];
  if (!reading) return [fence];
  if (work === 'set') return fence.state === 'wanted' && isClosed(reading) ? become('set') : [fence];
  if (work === 'release') return fence.state === 'releasing' && isOpen(reading) ? become('released') : [fence];
  // A look that began before the fence became what it is says nothing about it; one before a clock was set back does.
  if (startedAtMs < fence.sinceMs && fence.sinceMs <= nowMs) return [fence];
  const open = reading.nodes.find(({ verdict }) => verdict === 'open' || verdict === 'partly');
  if (fence.state === 'set' && open) return become('wanted', `${open.node}: ${open.detail}`);
  if (fence.state !== 'released') return [fence];
  const shut = reading.nodes.find(({ verdict }) => verdict === 'closed' || verdict === 'partly');
  if (shut && watchedUsers(fence).length > 0) return become('releasing', `${shut.node} has limits of the fence again`);
  return releasedForMs(fence) > releaseWatchMs ? [] : [fence];
}

/** Limits are saved once. Users that joined the configuration since are added, and then have to be shut out too. */
function withMissingLimits(fence: Fence, limits: SavedLimits, nowMs: number): Fence {
  const { state, savedLimits } = fence;
  if (state !== 'wanted' && state !== 'set') return fence;
  return { ...fence, savedLimits: { ...limits, ...savedLimits }, state: 'wanted', sinceMs: nowMs };
}

/** Those whose limits were 0 before us are left so: that they are refused is no fence. */
export function watchedUsers({ savedLimits }: Fence): string[] {
  return Object.entries(savedLimits ?? {}).flatMap(([user, limit]) => (limit === 0 ? [] : [user]));
}

/** The work that each fence calls for now. An operation that has not committed does its own. */
export function fenceWork({ fences, operation }: PairRecord, { sites }: Pick<Pair, 'sites'>): FenceTask[] {
  const own = operation?.phase === 'claimed' ? [operation.from, operation.to] : [];
  return Object.values(fences)
    .filter(({ site }) => !own.includes(site) && Object.hasOwn(sites, site))
    .map((fence) => taskOf(fence, sites[fence.site]?.fenceUsers ?? []));
}

function taskOf(fence: Fence, configured: readonly string[]): FenceTask {
  const { site, state, savedLimits } = fence;
  const limits = savedLimits ?? {};
  const missing = configured.filter((user) => !Object.hasOwn(limits, user));
  if (state === 'releasing') return { site, work: 'release', users: Object.keys(limits), limits };
  if (state === 'released') return { site, work: 'look', users: watchedUsers(fence), limits };
  if (missing.length > 0) return { site, work: 'save', users: missing, limits };
  return { site, work: state === 'wanted' ? 'set' : 'look', users: Object.keys(limits), limits };
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
