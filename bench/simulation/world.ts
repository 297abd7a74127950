import { createVirtualClock, settlePromises, type VirtualClock } from '../../adapters/memory/clock.ts';
import { createMemoryFencer } from '../../adapters/memory/fencer.ts';
import type { MemoryProber } from '../../adapters/memory/prober.ts';
import { createMemoryStore, type MemoryStore } from '../../adapters/memory/store.ts';
import { createMemoryTarget } from '../../adapters/memory/target.ts';
import { toleranceMs } from '../../core/flow/agreedClock.ts';
import type { Fencer, HookAnswer, Notifier, Prober, Store, Target } from '../../core/flow/ports.ts';
import type { Pair } from '../../core/model/config.ts';
import { type Brokers, createBrokers, type OrderedManagement } from './brokers.ts';
import { type Clients, createClients } from './clients.ts';
import type { Event } from './events.ts';
import { createFenceTruth } from './fenceTruth.ts';
import { createJudge, type Violation } from './judge.ts';
import type { FleetFacts, Outside, Trouble } from './outside.ts';
import { createPauseLedger } from './pauses.ts';
import { targetNames, vantageNames } from './policy.ts';
import { type Host, newHost, type Process } from './process.ts';
import { createDice, type Dice } from './random.ts';
import type { Trace } from './trace.ts';

/** A wrong on purpose, around a port: to see whether the judge notices. */
export interface Mutation {
  target?: (inner: Target, world: World) => Target;
  prober?: (inner: Prober, world: World) => Prober;
  fencer?: (inner: Fencer) => Fencer;
  store?: (inner: Store) => Store;
  notifier?: (inner: Notifier) => Notifier;
}

/** A process, and its own eyes for each pair. */
export interface Life {
  process: Process;
  eyes: MemoryProber[];
  /** When each of its loops has ended: never, where it was killed. */
  ended: Promise<unknown>;
}

/** One pair: its own outside, and what is known about it that Warren need not know. */
export interface Watched extends Outside {
  clients: Clients;
  /** What an administrator wants the limit of the application's user to be, by site. */
  adminLimits: Map<string, number | null>;
  /** Sites whose limit nobody can know: it was set while a fence was there, or the store was lost meanwhile. */
  unclearLimits: Set<string>;
  /** Since when nothing but time keeps traffic on a lost side; null: something holds. */
  waitingSinceMs: number | null;
  /** What slows a decision down without being wrong. */
  allowanceMs(): number;
}

/** Everything a trace happens to. */
export interface World {
  trace: Trace;
  dice: Dice;
  clock: VirtualClock;
  brokers: Brokers;
  ordered: OrderedManagement;
  store: MemoryStore;
  watched: Watched[];
  fleet: FleetFacts;
  violations: Violation[];
  trouble: Trouble;
  hook: HookAnswer;
  /** By vantage. */
  dark: Map<string, number>;
  hosts: Map<string, Host>;
  lives: Life[];
  /** What Warren said, and what happened, in the words of a transcript. */
  told: string[];
  mutation: Mutation;
  /** What happened, from when to when. */
  log: { event: Event; fromMs: number; toMs: number }[];
  /** Each ends one thing that lasts. */
  endings: Set<() => void>;
  /** Turns of the loop, all processes and pairs together. */
  turns: number;
  note(kind: string, sentence: string): void;
}

export function createWorld(trace: Trace, mutation: Mutation = {}): World {
  const [first] = trace.config.pairs as [Pair];
  const clock = createVirtualClock(undefined, settlePromises);
  const dice = createDice(trace.seed, trace.number, 1);
  const told: string[] = [];
  const hosts = new Map(vantageNames(first).map((name) => [name, newHost({ wallOffsetMs: dice.between(-300, 300) })]));
  const wrong = hosts.get(trace.wrongClock?.vantage ?? '');
  if (wrong) wrong.wallOffsetMs += trace.wrongClock?.byMs ?? 0;
  const world: World = {
    trace,
    dice,
    clock,
    // The pairs share their clusters.
    brokers: createBrokers(first),
    ordered: new Map(),
    store: createMemoryStore(),
    watched: [],
    fleet: { pause: null, ledger: createPauseLedger(clock, hosts, Math.max(...trace.config.pairs.map(toleranceMs))) },
    violations: [],
    trouble: noTrouble(),
    hook: { answer: 'proceed', detail: '' },
    dark: new Map(),
    hosts,
    lives: [],
    told,
    mutation,
    log: [],
    endings: new Set(),
    turns: 0,
    note: (kind, sentence) =>
      void told.push(`${(clock.monotonicMs() / 1_000).toFixed(1).padStart(7)}  ${kind.padEnd(9)}  ${sentence}`),
  };
  world.watched = trace.config.pairs.map((pair) => watchedOf(world, pair, dice));
  return world;
}

function noTrouble(): Trouble {
  return {
    storeGone: new Map(),
    storeLatencyMs: 0,
    targetLatencyMs: 0,
    killSwitch: 0,
    lateLimits: 0,
    armed: [],
    lostAnswers: [],
    failingReads: [],
    lateReads: [],
    impairments: [],
    targetCuts: new Map(),
    lateFlips: [],
  };
}

/** A turn that began while something was slow may end this much later. */
const turnWithinMs = 12_000;

/** How slow it is or was lately, all that make it so together. */
function lateMs({ log, clock }: World, kind: 'store-slow' | 'target-slow'): number {
  const sinceMs = clock.monotonicMs() - turnWithinMs;
  const slow = log.flatMap(({ event, toMs }) => (event.kind === kind && toMs >= sinceMs ? [event.latencyMs] : []));
  return slow.reduce((sum, latencyMs) => sum + latencyMs, 0);
}

function watchedOf(world: World, pair: Pair, dice: Outside['dice']): Watched {
  const { clock, brokers, trouble, store, violations, hosts, fleet } = world;
  const targets = targetNames(pair).map((name) =>
    createMemoryTarget(name, pair.primary, {
      clock,
      sites: [pair.primary, pair.standby],
      keepsMarker: name.endsWith('dns'),
    }),
  );
  const sites = Object.entries(pair.sites).map(([site, { nodes, fenceUsers }]) => [
    site,
    { nodes: nodes.map(({ name }) => name), users: fenceUsers },
  ]);
  const fencer = createMemoryFencer({ clock, latencyMs: 5, sites: Object.fromEntries(sites) });
  // What is slow is no proof of carelessness: an operation makes a handful of calls between its evidence and its act.
  const allowanceMs = () => {
    const networkMs = Math.max(0, ...trouble.impairments.map(({ latencyMs }) => latencyMs));
    const late = trouble.lateReads.filter(({ endedAtMs }) => endedAtMs >= clock.monotonicMs() - turnWithinMs);
    const readMs = late.reduce((sum, each) => sum + each.lateMs, 0);
    return 8 * lateMs(world, 'store-slow') + 4 * lateMs(world, 'target-slow') + 2 * networkMs + readMs;
  };
  const isAlive = (holder: string) => world.lives.some(({ process }) => process.holder === holder && process.isAlive());
  const fenceTruth = createFenceTruth(world, pair, fencer);
  const seen = { pair, hosts, fleet, clock, brokers, fencer, fenceTruth, targets };
  const judge = createJudge({ ...seen, violations, isAlive, allowanceMs });
  const outside: Outside = { pair, clock, dice, judge, brokers, store, targets, fencer, trouble, fleet };
  const clients = createClients(createDice(world.trace.seed, world.trace.number, 2));
  return { ...outside, clients, adminLimits: new Map(), unclearLimits: new Set(), waitingSinceMs: null, allowanceMs };
}
