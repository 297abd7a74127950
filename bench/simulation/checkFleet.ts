import type { Broken } from './checkRecord.ts';
import type { World } from './world.ts';

/** Hosts agree on the time no better than this, and slots are in wall-clock time. */
const skewMs = 1_000;

/** No more pairs have moved by themselves within a window than the fleet breaker lets. Asked once, of the whole trace. */
export function checkFleet({ trace, watched, log }: World): Broken[] {
  // Who sets a clock, or loses the store, changes what the window is, or what was done in it.
  if (trace.wrongClock || log.some(({ event }) => event.kind === 'clock-jumps' || event.kind === 'store-lost'))
    return [];
  const { maxFailovers, windowMs } = trace.config.fleet;
  const claimedMs = watched
    .flatMap(({ judge }) => judge.moves)
    .filter(({ committedAtMs }) => committedAtMs !== null)
    .map(({ claimedAtMs }) => claimedAtMs);
  for (const endMs of claimedMs) {
    const count = claimedMs.filter((atMs) => atMs <= endMs && endMs - atMs < windowMs - skewMs).length;
    if (count > maxFailovers) return [{ invariant: 'fleet-breaker', detail: `${count} moved, of ${maxFailovers}` }];
  }
  return [];
}
