import type { VirtualClock } from '../../adapters/memory/clock.ts';
import type { MemoryFencer } from '../../adapters/memory/fencer.ts';
import type { MemoryStore } from '../../adapters/memory/store.ts';
import type { MemoryTarget } from '../../adapters/memory/target.ts';
import type { Pair } from '../../core/model/config.ts';
import type { Pause } from '../../core/model/record.ts';
import type { Brokers } from './brokers.ts';
import type { StoreWrite } from './events.ts';
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
  impairments: Impairment[];
  /** By vantage and target: how many events say that it cannot be reached from there. */
  targetCuts: Map<string, number>;
  /** Flips that are to land late, in this order. */
  lateFlips: { target: string; afterMs: number }[];
}

/** The answer to a write that gets lost. */
export interface LostAnswer {
  vantage: string;
  method: StoreWrite;
  nth: number;
  tookEffect: boolean;
  error: 'unavailable' | 'conflict';
}
