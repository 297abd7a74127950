import type { Clock } from '../../core/flow/ports.ts';

/** A clock that stands still until it is moved by hand. */
export interface VirtualClock extends Clock {
  /**
   * Moves both clocks forward, waking sleepers in the order they are due. What each wakes runs until it waits again,
   * so sleepers added on the way are woken too when they fall due.
   */
  advance(ms: number): Promise<void>;
  /** Lets everything that can run without time passing run. */
  settle(): Promise<void>;
  /** Jumps the wall clock alone (either way), as when somebody sets the time. */
  setWallClock(nowMs: number): void;
  /** Milliseconds until the next sleeper is due; null when nobody sleeps. */
  nextDueInMs(): number | null;
}

interface Sleeper {
  dueMs: number;
  wake: () => void;
}

/**
 * Node takes from its queue of ticks only when no promise callback is left to run. No turn of the event loop is needed, which is a
 * good part of what a simulation costs; and none is taken, so whoever waits for a socket or a file waits for ever.
 */
export const settlePromises = () => new Promise<void>((resolve) => process.nextTick(resolve));

/** All promise callbacks run before the next macrotask, and sockets get their turn. */
const settleAll = () => new Promise<void>((resolve) => setImmediate(resolve));

/**
 * @param startWallMs the wall clock at the beginning; the monotonic clock begins at 0
 * @param settle resolves when nothing can run any more without time passing
 */
export function createVirtualClock(startWallMs = Date.UTC(2026, 0, 1), settle = settleAll): VirtualClock {
  const sleepers = new Set<Sleeper>();
  let elapsedMs = 0;
  let wallOffsetMs = startWallMs;

  // Sets keep insertion order, so of several due at the same moment the first to fall asleep wakes first.
  const next = (): Sleeper | undefined => {
    let earliest: Sleeper | undefined;
    for (const sleeper of sleepers) if (!earliest || sleeper.dueMs < earliest.dueMs) earliest = sleeper;
    return earliest;
  };

  async function advance(ms: number): Promise<void> {
    const untilMs = elapsedMs + ms;
    await settle();
    for (let sleeper = next(); sleeper && sleeper.dueMs <= untilMs; sleeper = next()) {
      elapsedMs = sleeper.dueMs;
      sleeper.wake();
      await settle();
    }
    elapsedMs = untilMs;
  }

  return {
    nowMs: () => wallOffsetMs + elapsedMs,
    monotonicMs: () => elapsedMs,
    sleep: (ms, signal) => sleepIn(sleepers, elapsedMs + Math.max(0, ms), signal),
    advance,
    settle,
    setWallClock: (nowMs) => {
      wallOffsetMs = nowMs - elapsedMs;
    },
    nextDueInMs: () => {
      const sleeper = next();
      return sleeper ? sleeper.dueMs - elapsedMs : null;
    },
  };
}

function sleepIn(sleepers: Set<Sleeper>, dueMs: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const wake = () => {
      sleepers.delete(sleeper);
      signal?.removeEventListener('abort', wake);
      resolve();
    };
    const sleeper = { dueMs, wake };
    sleepers.add(sleeper);
    signal?.addEventListener('abort', wake);
  });
}
