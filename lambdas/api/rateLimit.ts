import type { Clock } from '../../core/flow/ports.ts';

/** Counts requests per key: so many at once, and as many again over a minute. */
export interface RateLimiter {
  /** Takes one. @returns 0, or after how many seconds to come again */
  take(key: string): number;
}

const minuteMs = 60_000;
/** Keys beyond these are forgotten, the one that was not seen for longest first. */
const keysMax = 10_000;

export function createRateLimiter(perMinute: number, clock: Clock): RateLimiter {
  const buckets = new Map<string, { left: number; atMs: number }>();
  const refill = (left: number, elapsedMs: number) => Math.min(perMinute, left + (elapsedMs * perMinute) / minuteMs);

  return {
    take(key) {
      const nowMs = clock.monotonicMs();
      const bucket = buckets.get(key) ?? { left: perMinute, atMs: nowMs };
      const left = refill(bucket.left, nowMs - bucket.atMs);
      buckets.delete(key);
      buckets.set(key, { left: left < 1 ? left : left - 1, atMs: nowMs });
      if (buckets.size > keysMax) buckets.delete(buckets.keys().next().value ?? '');
      return left < 1 ? Math.ceil(((1 - left) * minuteMs) / perMinute / 1_000) : 0;
    },
  };
}
