import type { Clock } from '../../core/flow/ports.ts';
import { keptForFlips, requestsPerSecondMax } from './rates.ts';

/** A second's worth of requests, for all targets of one process: flips take what they need, and readings what they leave. */
export interface Pace {
  /** A request goes now that waits for nobody, such as one of a flip: readings wait the longer. */
  spend(): void;
  /** Waits until a reading may go. After `mostMs` it goes all the same: refused is no worse than never asked. */
  turn(mostMs: number): Promise<void>;
  /** Route 53 has refused a request because of the rate: others of the account have spent what seemed to be there. */
  empty(): void;
}

/** @param perSecond how many requests a second there are */
export function createPace(clock: Clock, perSecond = requestsPerSecondMax): Pace {
  let left = perSecond;
  let countedAtMs = clock.monotonicMs();

  function count(): void {
    const nowMs = clock.monotonicMs();
    left = Math.min(perSecond, left + ((nowMs - countedAtMs) * perSecond) / 1_000);
    countedAtMs = nowMs;
  }

  function spend(): void {
    count();
    // A debt of more than a second would punish readings for a burst that Route 53 has forgotten.
    left = Math.max(left - 1, -perSecond);
  }

  return {
    spend,
    async turn(mostMs) {
      const endsAtMs = clock.monotonicMs() + mostMs;
      for (;;) {
        count();
        const missingMs = ((keptForFlips + 1 - left) * 1_000) / perSecond;
        const waitMs = Math.min(missingMs, endsAtMs - clock.monotonicMs());
        if (waitMs <= 0) return spend();
        await clock.sleep(Math.ceil(waitMs));
      }
    },
    empty() {
      count();
      left = Math.min(left, 0);
    },
  };
}
