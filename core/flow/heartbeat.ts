import { lateLimitMs } from '../observe/selfTrust.ts';
import type { Clock } from './ports.ts';

/** Often enough that a standstill which counts cannot hide between two beats. */
const beatMs = 1_000;

/** The process was held up: its last beat before that (monotonic), and by how much the next was late. */
export interface Standstill {
  sinceMs: number;
  lateByMs: number;
}

/** Notices that this process stood still, wherever it was: the loop itself only knows for how long it meant to sleep. */
export interface Heartbeat {
  /** The last time that it did; null: it never has. */
  standstill(): Standstill | null;
}

/** Beats until the signal aborts. */
export function startHeartbeat(clock: Clock, signal: AbortSignal): Heartbeat {
  let standstill: Standstill | null = null;
  async function beat(): Promise<void> {
    while (!signal.aborted) {
      const sinceMs = clock.monotonicMs();
      await clock.sleep(beatMs, signal);
      const lateByMs = clock.monotonicMs() - sinceMs - beatMs;
      if (lateByMs > lateLimitMs) standstill = { sinceMs, lateByMs };
    }
  }
  void beat();
  return { standstill: () => standstill };
}
