import type { Clock } from './ports.ts';

/** An operation whose record has not changed for this long, by the observer's own clock, may be taken over. */
export const leaseMs = 5_000;

/** A process that has just begun to watch has seen too little to go by what was before it. */
const leastOwnMs = 15_000;

/** A moment on both clocks of one host. */
export interface Moment {
  monotonicMs: number;
  wallMs: number;
}

export function momentOf(clock: Clock): Moment {
  return { monotonicMs: clock.monotonicMs(), wallMs: clock.nowMs() };
}

/**
 * For how long something has lasted, where a process may live for less than that: as this process saw it, and as wall clocks say
 * since others wrote that it began. Those may be wrong, so that only half of it counts; and one that was set since this process
 * knows of it says nothing of the time in between.
 * @param beganMs by the wall clock of who wrote it
 * @param agreedNowMs what time it is by most vantages
 * @param known when this process first knew of it
 */
export function lastedMs(clock: Clock, beganMs: number, agreedNowMs: number, known: Moment): number {
  const ownMs = clock.monotonicMs() - known.monotonicMs;
  if (ownMs < leastOwnMs) return ownMs;
  const saidMs = Math.min(agreedNowMs, known.wallMs + ownMs) - beganMs;
  return Math.max(ownMs, saidMs / 2);
}

/**
 * Whether what was proven, or seen, at that moment may still be acted on. A process that was held up since (SIGSTOP, a paused
 * machine) may have been overtaken, and the world may have changed: it does nothing, and reads everything anew. A suspended host
 * may only notice by its wall clock; a wall clock that is stepped costs one more try.
 */
export function isRecent(clock: Clock, { monotonicMs, wallMs }: Moment, longestMs = leaseMs / 2): boolean {
  return clock.monotonicMs() - monotonicMs <= longestMs && Math.abs(clock.nowMs() - wallMs) <= longestMs;
}
