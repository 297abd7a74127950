import type { VirtualClock } from '../../adapters/memory/clock.ts';
import type { Clock } from '../../core/flow/ports.ts';
import type { FailoverMode, Phase } from './events.ts';
import { plainSignal } from './turns.ts';

/** A host with clocks of its own; what happens to them outlives its processes. */
export interface Host {
  wallOffsetMs: number;
  /** The mode that its configuration says, and since when; null: what the trace says. */
  mode: FailoverMode | null;
  reconfiguredAtMs: number;
  /** Since when no reference can be seen from it; null: they can. */
  darkSinceMs: number | null;
  /** When that last ended, after having lasted for so long; null: it never has. */
  lastDark: { forMs: number; endedAtMs: number } | null;
  /** When its wall clock was last set, and by how much. */
  lastJump: { atMs: number; byMs: number } | null;
  /** When the store last took what it told the other vantages; null: never. */
  spokeAtMs: number | null;
  /** How many events say that it is gone; that its scheduled runs are not started; that each of them is started twice. */
  deaths: number;
  missesRuns: number;
  doublesRuns: number;
}

/** A host to which nothing has happened yet, but for what is given. */
export const newHost = (change: Partial<Host> = {}): Host => ({
  wallOffsetMs: 0,
  mode: null,
  reconfiguredAtMs: 0,
  darkSinceMs: null,
  lastDark: null,
  lastJump: null,
  spokeAtMs: null,
  deaths: 0,
  missesRuns: 0,
  doublesRuns: 0,
  ...change,
});

/** Something that happens to a process at one of its writes of the pair's record, or at a read while something is under way. */
export interface Armed {
  vantage: string;
  nth: number;
  at: Phase | 'read';
  strike(process: Process): void;
}

/** For how long a process stood still, and until when. */
export interface Standstill {
  forMs: number;
  endedAtMs: number;
}

/** A Warren process as the operating system sees it: it can be killed and held up wherever it waits. */
export interface Process {
  readonly vantage: string;
  readonly host: Host;
  readonly holder: string;
  /** As it was configured when it was started; null: as the trace says. */
  readonly mode: FailoverMode | null;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Does outside work, which goes on whatever becomes of the process, and lets the process go on when it may. */
  through<T>(work: () => Promise<T>): Promise<T>;
  /** Its time is over: it ends the turn that is under way, and is gone soon after. */
  stop(): void;
  /** kill -9: it never goes on from where it waits. */
  kill(): void;
  /** It stands still for so long. `suspended`: with its whole host, and the monotonic clock stands still as well. */
  freeze(forMs: number, suspended: boolean): void;
  thaw(): void;
  isAlive(): boolean;
  isFrozen(): boolean;
  /** When it last stood still, and for how long; null: it never did. */
  lastStandstill(): Standstill | null;
}

/** How long a scheduled run may take to end. */
const endsWithinMs = 4_000;

export function createProcess(world: VirtualClock, host: Host, vantage: string, holder: string): Process {
  const aborter = new AbortController();
  let alive = true;
  let stopped = false;
  let frozenUntilMs = 0;
  let suspendedFrom: number | null = null;
  let lostMs = 0;
  let standsSinceMs: number | null = null;
  let lastStandstill: Standstill | null = null;
  let thawed = new AbortController();

  const wake = () => {
    const nowMs = world.monotonicMs();
    if (standsSinceMs !== null) lastStandstill = { forMs: nowMs - standsSinceMs, endedAtMs: nowMs };
    standsSinceMs = null;
    if (suspendedFrom !== null) lostMs += world.monotonicMs() - suspendedFrom;
    suspendedFrom = null;
  };
  async function gate(): Promise<void> {
    while (alive && frozenUntilMs > world.monotonicMs())
      await world.sleep(frozenUntilMs - world.monotonicMs(), thawed.signal);
    if (!alive) await new Promise(() => {});
    wake();
  }
  async function through<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } finally {
      if (!alive || standsSinceMs !== null) await gate();
    }
  }

  return {
    vantage,
    host,
    holder,
    mode: host.mode,
    signal: aborter.signal,
    clock: {
      nowMs: () => world.nowMs() + host.wallOffsetMs,
      monotonicMs: () => world.monotonicMs() - lostMs,
      sleep: (ms, signal) => through(() => world.sleep(ms, plainSignal(signal))),
    },
    through,
    stop() {
      stopped = true;
      aborter.abort('its time is over');
      void world.sleep(endsWithinMs).then(() => {
        alive = false;
      });
    },
    kill() {
      alive = false;
    },
    freeze(forMs, suspended) {
      frozenUntilMs = Math.max(frozenUntilMs, world.monotonicMs() + forMs);
      standsSinceMs ??= world.monotonicMs();
      if (suspended) suspendedFrom ??= world.monotonicMs();
    },
    thaw() {
      frozenUntilMs = 0;
      thawed.abort();
      thawed = new AbortController();
    },
    isAlive: () => alive && !stopped,
    lastStandstill: () => lastStandstill,
    isFrozen: () => frozenUntilMs > world.monotonicMs(),
  };
}
