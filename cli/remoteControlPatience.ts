import type { Clock } from '../core/flow/ports.ts';
import { RemoteFailure } from './remoteControlFailure.ts';

/** A reading that was refused because there were too many comes again this often. */
const refusalsMax = 5;
/** Who is told to come again later than this does not wait: that is for a person to decide. */
const waitMsMax = 10_000;
/** For as long a reading waits at most: with the limits of an API, those of eighty pairs. */
const patienceMs = 120_000;

/** Lets readings wait that an API has refused because there were too many. */
export interface Patience {
  /** @throws what `ask` throws, once it is not to be asked again */
  untilTaken<T>(ask: () => Promise<T>): Promise<T>;
  /** Nobody waits any longer. */
  end(): void;
}

/**
 * Whoever is refused comes again when the API has said, one after the other: all at once would be refused again.
 * @param onFirstWait when for the first time somebody waits
 */
export function createPatience(clock: Clock, onFirstWait: () => void): Patience {
  const ending = new AbortController();
  const { signal } = ending;
  /** When the last of those who wait comes again; null: nobody has waited yet. */
  let lastComesAtMs: number | null = null;

  /** @returns whether it waited */
  async function waited(error: unknown, sinceMs: number): Promise<boolean> {
    const waitMs = error instanceof RemoteFailure ? error.comeAgainInMs : null;
    if (waitMs === null || waitMs > waitMsMax) return false;
    const nowMs = clock.monotonicMs();
    const comesAtMs = Math.max(nowMs, lastComesAtMs ?? nowMs) + waitMs;
    if (comesAtMs - sinceMs > patienceMs) return false;
    if (lastComesAtMs === null) onFirstWait();
    lastComesAtMs = comesAtMs;
    await clock.sleep(comesAtMs - nowMs, signal);
    return !signal.aborted;
  }

  return {
    async untilTaken(ask) {
      const sinceMs = clock.monotonicMs();
      for (let refusals = 1; ; refusals += 1) {
        try {
          return await ask();
        } catch (error) {
          if (refusals === refusalsMax || !(await waited(error, sinceMs))) throw error;
        }
      }
    },
    end: () => ending.abort(),
  };
}
