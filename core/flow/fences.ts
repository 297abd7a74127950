import { fenceSentence } from '../explain/fence.ts';
import type { SiteHealth } from '../model/health.ts';
import type { Fence, PairRecord } from '../model/record.ts';
import { activeSide } from '../model/situation.ts';
import { type FenceAge, fenceWork, withFenceResults, withReleases } from '../plan/fences.ts';
import { agreedMs, surelyMs } from './agreedClock.ts';
import type { FenceDesk } from './fenceDesk.ts';
import type { KnownState, Memory } from './memory.ts';
import { isRecent, lastedMs, momentOf } from './moment.ts';
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
  memory: Memory,
  state: KnownState,
): Promise<KnownState> {
  const { health } = memory;
  const results = desk.take();
  lookRegularly(watch, desk, health);
  if (state.storeProblem !== null || Object.keys(state.record.fences).length === 0) return state;
  const nowMs = agreedMs({ ports, watch, memory });
  noteFences(ports, memory, state.record);
  const seen = withFenceResults(state.record, results, nowMs, (fence) => ageOf(ports, watch, memory, fence));
  const traffic = {
    active: activeSide(state.readings),
    comesBack: mayRepair(ports, watch) && isSetBackSoon(state, health),
  };
  const wanted = withReleases(seen, traffic, surelyMs({ ports, watch, memory }));
  const record = wanted === state.record ? wanted : await store(ports, watch, state.record, wanted);
  // Somebody else wrote: everything is to be read anew.
  if (record === null) return { ...state, readAtMs: Number.NEGATIVE_INFINITY };
  noteFences(ports, memory, record);
  await startWork(ports, watch, desk, record);
  return { ...state, record };
}

/** Since when this process knows what a fence has become. Changes `memory`. */
function noteFences({ clock }: Ports, memory: Memory, { fences }: PairRecord): void {
  for (const { site, epoch, state, sinceMs } of Object.values(fences)) {
    const key = `${epoch} ${state} ${sinceMs}`;
    if (memory.fences[site]?.key !== key) memory.fences[site] = { key, known: momentOf(clock) };
  }
}

/** It is what it is for longer than this process knows of it. */
function ageOf(ports: Ports, watch: Watch, memory: Memory, { site, sinceMs }: Fence): FenceAge {
  const { known } = memory.fences[site] ?? { known: momentOf(ports.clock) };
  const nowMs = agreedMs({ ports, watch, memory });
  return { knownSinceMs: known.monotonicMs, lastedMs: lastedMs(ports.clock, sinceMs, nowMs, known) };
}

/** Whether a side could be fenced is to be known before it must be. */
function lookRegularly({ pair }: Watch, desk: FenceDesk, health: Record<string, SiteHealth>): void {
  const { everyMs, fullEveryMs } = pair.probe;
  for (const [site, { fenceUsers: users }] of Object.entries(pair.sites)) {
    const pauseMs = health[site]?.state === 'up' ? fullEveryMs : everyMs;
    if (users.length > 0) desk.start({ site, work: 'look', users, limits: {} }, pauseMs);
  }
}

/** Elsewhere it is only said what would be done, and traffic stays where it is. */
function mayRepair(ports: Ports, { pair }: Watch): boolean {
  return pair.failover.mode !== 'observe' && !ports.observeOnly();
}

/** A target that was restarted is repaired in this turn or soon: traffic is not where it is for long. */
function isSetBackSoon({ record, readings, fleetPause }: KnownState, health: Record<string, SiteHealth>): boolean {
  const { desired, writes, operation, pause } = record;
  if (operation || pause || fleetPause || desired === null) return false;
  const deviating = readings.filter((reading) => reading.status === 'read' && reading.active !== desired);
  const restarted = deviating.every(
    (reading) => reading.status === 'read' && writes[reading.target]?.instance !== reading.instance,
  );
  return deviating.length > 0 && restarted && ['up', 'degraded'].includes(health[desired]?.state ?? '');
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

/**
 * Limits are written only right after the record was read once more: a process that was frozen since it read it knows an old
 * story. The kill switch stops whatever would shut anybody out, and nothing that lets them in again.
 */
async function startWork(ports: Ports, { pair }: Watch, desk: FenceDesk, record: PairRecord): Promise<void> {
  const { recheckMs, fullEveryMs } = pair.probe;
  for (const task of fenceWork(record, pair)) {
    const released = record.fences[task.site]?.state === 'released';
    const pauseMs = task.work === 'look' && !released ? fullEveryMs : recheckMs;
    const writes = task.work === 'set' || task.work === 'release';
    if (!desk.mayStart(task, pauseMs) || (writes && !(await isCurrent(ports, record)))) continue;
    // Asked last: the switch may have been turned while the store was read.
    if (task.work === 'set' && ports.observeOnly()) continue;
    desk.start(task, pauseMs);
  }
}

async function isCurrent({ store, clock }: Ports, { pair, version }: PairRecord): Promise<boolean> {
  const askedAt = momentOf(clock);
  try {
    const now = await store.readPair(pair);
    return now?.version === version && isRecent(clock, askedAt);
  } catch (error) {
    if (error instanceof StoreUnavailable) return false;
    throw error;
  }
}
