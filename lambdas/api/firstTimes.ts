import type { Clock } from '../../core/flow/ports.ts';

/**
 * When a request that may be repeated was first seen. `for: 2h`, sent again under the same key because the answer was lost,
 * means the same two hours, and not another request.
 */
export interface FirstTimes {
  /** Wall-clock milliseconds: now, or when this key was first seen. */
  of(key: string | undefined): number;
}

const rememberedForMs = 86_400_000;
/** Beyond these the oldest is forgotten. */
const keysMax = 1_000;

export function createFirstTimes(clock: Clock): FirstTimes {
  const seen = new Map<string, number>();
  return {
    of(key) {
      const nowMs = clock.nowMs();
      if (key === undefined) return nowMs;
      const firstMs = seen.get(key) ?? nowMs;
      if (nowMs - firstMs > rememberedForMs) seen.delete(key);
      const atMs = seen.get(key) ?? nowMs;
      seen.set(key, atMs);
      if (seen.size > keysMax) seen.delete(seen.keys().next().value ?? '');
      return atMs;
    },
  };
}
