import { systemClock } from '../../adapters/system/clock.ts';

/** What came of it, an error too, and how long that took. */
export async function timed<T>(work: () => Promise<T>): Promise<{ outcome: T | Error; tookMs: number }> {
  const startedAtMs = systemClock.monotonicMs();
  const outcome = await work().catch((error: Error) => error);
  return { outcome, tookMs: systemClock.monotonicMs() - startedAtMs };
}
