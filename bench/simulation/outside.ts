import type { VirtualClock } from '../../adapters/memory/clock.ts';
import type { MemoryFencer } from '../../adapters/memory/fencer.ts';
import type { MemoryStore } from '../../adapters/memory/store.ts';
import type { MemoryTarget } from '../../adapters/memory/target.ts';
import type { Pair } from '../../core/model/config.ts';
import type { Pause } from '../../core/model/record.ts';
import type { Brokers } from './brokers.ts';
import type { Readable, StoreWrite } from './events.ts';
import type { Judge } from './judge.ts';
import type { Impairment } from './network.ts';
import type { PauseLedger } from './pauses.ts';
import type { Armed } from './process.ts';
import type { Dice } from './random.ts';

/** What the ports of every process share: the true outside of one pair, and what is wrong with the ways to it. */
export interface Outside {
  pair: Pair;
  clock: VirtualClock;
  dice: Dice;
  judge: Judge;
  brokers: Brokers;
  store: MemoryStore;
  targets: MemoryTarget[];
  fencer: MemoryFencer;
  trouble: Trouble;
  /** What all pairs share. */
  fleet: FleetFacts;
}

/** What is said of all pairs at once. */
export interface FleetFacts {
  /** As the store says. */
  pause: Pause | null;
  ledger: PauseLedger;
}

/** The name of a pause of all pairs in its ledger. */
export const allPairs = 'all pairs';

/** What is wrong with the ways to the outside now. */
export interface Trouble {
  /** By vantage, or null: for everybody; how many events say so. */
  storeGone: Map<string | null, number>;
  storeLatencyMs: number;
  targetLatencyMs: number;
  killSwitch: number;
  /** Limit writes land once more, up to a minute later: a peer of the broker hangs. */
  lateLimits: number;
  armed: Armed[];
  lostAnswers: LostAnswer[];
  failingReads: FailingRead[];
  /** Reads that were late: by how much, and until when. */
  lateReads: { lateMs: number; endedAtMs: number }[];
  impairments: Impairment[];
  /** By vantage and target: how many events say that it cannot be reached from there. */
  targetCuts: Map<string, number>;
  /** Flips that are to land late, in this order. */
  lateFlips: { target: string; afterMs: number }[];
}

/** A read that fails, or is late. */
export interface FailingRead {
  vantage: string;
  what: Readable;
  /** Null: it fails. */
  lateMs: number | null;
  nth: number;
  /** It has happened. */
  over(): void;
}

/** The answer to a write that gets lost. */
export interface LostAnswer {
  vantage: string;
  method: StoreWrite;
  nth: number;
  tookEffect: boolean;
  error: 'unavailable' | 'conflict';
  /** It has happened. */
  over(): void;
}

/** The next of them that this is about, once it is its turn: it is none of them any more. */
export function takeNext<T extends { nth: number }>(waiting: T[], isAbout: (each: T) => boolean): T | null {
  for (const each of waiting.filter(isAbout)) {
    each.nth -= 1;
    if (each.nth > 0) continue;
    waiting.splice(waiting.indexOf(each), 1);
    return each;
  }
  return null;
}
