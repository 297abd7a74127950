/** Counts by message number, one byte each. */
export interface Tally {
  /** Adds one; stops at 255. */
  add(number: number): void;
  of(number: number): number;
}

export function createTally(): Tally {
  let counts = new Uint8Array(1_024);
  return {
    add(number) {
      if (number >= counts.length) {
        const larger = new Uint8Array(Math.max(counts.length * 2, number + 1));
        larger.set(counts);
        counts = larger;
      }
      counts[number] = Math.min(255, (counts[number] ?? 0) + 1);
    },
    of: (number) => counts[number] ?? 0,
  };
}

/** The longest time between two moments of success, and when it began. */
export interface GapMeter {
  /** A success at this moment (wall-clock milliseconds). */
  mark(atMs: number): void;
  /** The longest gap so far; one that still lasts at `nowMs` counts. */
  longest(nowMs: number): { gapMs: number; beganAtMs: number | null; lasting: boolean };
}

export function createGapMeter(): GapMeter {
  let lastMs: number | null = null;
  let longestMs = 0;
  let beganAtMs: number | null = null;
  return {
    mark(atMs) {
      if (lastMs !== null && atMs - lastMs > longestMs) {
        longestMs = atMs - lastMs;
        beganAtMs = lastMs;
      }
      lastMs = atMs;
    },
    longest(nowMs) {
      const lastingMs = lastMs === null ? 0 : nowMs - lastMs;
      if (lastMs !== null && lastingMs > longestMs) return { gapMs: lastingMs, beganAtMs: lastMs, lasting: true };
      return { gapMs: longestMs, beganAtMs, lasting: false };
    },
  };
}
