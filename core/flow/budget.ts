import type { Clock } from './ports.ts';

/** What is left of the time that one read or one flip may take. */
export interface Budget {
  leftMs(): number;
  /**
   * Does some work under a signal that aborts after `ms`, or once nothing is left; then it is not waited for any longer.
   * @throws OutOfTime, and whatever the work throws
   */
  within<T>(ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<T>;
  /** Waits, unless less than that is left. @returns whether it did */
  pause(ms: number): Promise<boolean>;
  /** A share of what is left, for what is worth no more than that. */
  part(ms: number): Budget;
}

/** Work was given up because its time was over. What it did outside is not known. */
export class OutOfTime extends Error {
  override readonly name = 'OutOfTime';
}

/** Starts the time of one read or one flip, by the monotonic clock. */
export function startBudget(clock: Clock, totalMs: number): Budget {
  const endsAtMs = clock.monotonicMs() + totalMs;
  const leftMs = () => Math.max(0, endsAtMs - clock.monotonicMs());

  async function within<T>(ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const mostMs = Math.round(Math.min(ms, leftMs()));
    const [done, over] = [new AbortController(), new AbortController()];
    const working = work(over.signal);
    const late = clock.sleep(mostMs, done.signal).then(() => {
      over.abort();
      throw new OutOfTime(`within ${mostMs} ms`);
    });
    // The one that comes second has no listener.
    for (const promise of [working, late]) promise.catch(() => {});
    try {
      return await Promise.race([working, late]);
    } finally {
      done.abort();
    }
  }

  async function pause(ms: number): Promise<boolean> {
    if (leftMs() < ms) return false;
    await clock.sleep(ms);
    return true;
  }

  return { leftMs, within, pause, part: (ms) => startBudget(clock, Math.min(ms, leftMs())) };
}
