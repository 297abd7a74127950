import { createVirtualClock, type VirtualClock } from '../../adapters/memory/clock.ts';
import { createMemoryFencer, type MemoryFencer } from '../../adapters/memory/fencer.ts';
import { createMemoryProber, type MemoryProber } from '../../adapters/memory/prober.ts';
import { createMemoryStore } from '../../adapters/memory/store.ts';
import { createMemoryTarget, type MemoryTarget } from '../../adapters/memory/target.ts';
import type { Fencer, HookAnswer, Ports, Store, Target } from '../../core/flow/ports.ts';
import { watchPair } from '../../core/flow/watch.ts';
import { type Brokers, createBrokers, type OrderedManagement } from './brokers.ts';
import type { Event } from './events.ts';
import { createJudge, type Judge } from './judge.ts';
import { fencerFor, type Outside, storeFor, type Trouble, targetFor } from './ports.ts';
import { createProcess, type Host, type Process } from './process.ts';
import { createDice } from './random.ts';
import { type Trace, targetIds, vantageNames } from './trace.ts';

/** A wrong on purpose, around a port: to see whether the judge notices. */
export interface Mutation {
  target?: (inner: Target, world: World) => Target;
  fencer?: (inner: Fencer) => Fencer;
  store?: (inner: Store) => Store;
}

/** A process, and the eyes that are its own. */
export interface Life {
  process: Process;
  eyes: MemoryProber;
}

/** Everything a trace happens to. */
export interface World {
  trace: Trace;
  clock: VirtualClock;
  brokers: Brokers;
  ordered: OrderedManagement;
  targets: MemoryTarget[];
  fencer: MemoryFencer;
  judge: Judge;
  outside: Outside;
  trouble: Trouble;
  hook: HookAnswer;
  /** By vantage and reference. */
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
  /** What an administrator wants the limit of the application's user to be, by site. */
  adminLimits: Map<string, number | null>;
  /** Sites whose limit was set while a fence was there. */
  unclearLimits: Set<string>;
  /** Since when nothing but time keeps traffic on a lost side; null: something holds. */
  waitingSinceMs: number | null;
  note(kind: string, sentence: string): void;
}

export function createWorld(trace: Trace, mutation: Mutation = {}): World {
  const { pair } = trace;
  const clock = createVirtualClock();
  const brokers = createBrokers(pair);
  const dice = createDice(trace.seed, trace.number, 1);
  const targets = pair.targets.map((_, index) =>
    createMemoryTarget(targetIds[index] ?? `target-${index}`, pair.primary, {
      clock,
      sites: [pair.primary, pair.standby],
    }),
  );
  const sites = Object.entries(pair.sites).map(([site, { nodes, fenceUsers }]) => [
    site,
    { nodes: nodes.map(({ name }) => name), users: fenceUsers },
  ]);
  const fencer = createMemoryFencer({ clock, latencyMs: 5, sites: Object.fromEntries(sites) });
  const trouble: Trouble = {
    storeGone: new Map(),
    storeLatencyMs: 0,
    targetLatencyMs: 0,
    killSwitch: 0,
    lateLimits: 0,
    armed: [],
    lostAnswers: [],
  };
  // What is slow is no proof of carelessness: an operation makes a handful of calls between its evidence and its act.
  const allowanceMs = () => 8 * trouble.storeLatencyMs + 4 * trouble.targetLatencyMs;
  const judge = createJudge({ trace, clock, brokers, fencer, targets, allowanceMs });
  const outside: Outside = { clock, dice, judge, brokers, store: createMemoryStore(), targets, fencer, trouble };
  const told: string[] = [];
  const hosts = new Map(vantageNames(pair).map((name) => [name, { wallOffsetMs: dice.between(-300, 300) }]));
  return {
    trace,
    clock,
    brokers,
    ordered: new Map(),
    targets,
    fencer,
    judge,
    outside,
    trouble,
    hook: { answer: 'proceed', detail: '' },
    dark: new Map(),
    hosts,
    lives: [],
    told,
    mutation,
    log: [],
    endings: new Set(),
    adminLimits: new Map(),
    unclearLimits: new Set(),
    waitingSinceMs: null,
    note: (kind, sentence) =>
      void told.push(`${(clock.monotonicMs() / 1_000).toFixed(1).padStart(7)}  ${kind.padEnd(9)}  ${sentence}`),
  };
}

/** Starts one more Warren process at this vantage. */
export function startProcess(world: World, vantage: string): Life {
  const { trace, clock, hosts, lives } = world;
  const host = hosts.get(vantage) ?? { wallOffsetMs: 0 };
  const process = createProcess(clock, host, vantage, `process-${lives.length + 1}`);
  const eyes = createMemoryProber({ clock: process.clock, references: trace.pair.reference, latencyMs: 2 });
  const life = { process, eyes };
  lives.push(life);
  showWorld(world, life);
  const { pair, config } = trace;
  const watch = { pair, fleet: config.fleet, vantage, holder: process.holder, configHash: 'same' };
  watchPair(portsOf(world, life), watch, process.signal).catch((error) => {
    world.judge.violate('never-rejects', `${process.holder}: ${error instanceof Error ? error.stack : error}`);
  });
  return life;
}

function portsOf(world: World, { process, eyes }: Life): Ports {
  const { outside, trouble, mutation, targets } = world;
  const asIs = <T>(port: T) => port;
  const { target = asIs<Target>, fencer = asIs<Fencer>, store = asIs<Store> } = mutation;
  return {
    clock: process.clock,
    prober: eyes,
    targets: targets.map((each) => target(targetFor(outside, each, process), world)),
    fencer: fencer(fencerFor(outside, process)),
    hooks: { before: world.trace.pair.hooks.before ? () => process.through(() => askHook(world)) : null, after: null },
    store: store(storeFor(outside, process)),
    notifier: {
      notify: ({ kind, sentence, data }) => {
        const ended = data.operation as { id: string } | undefined;
        if (kind === 'report' && ended) world.judge.onReport(ended.id);
        const who = world.lives.length > 1 ? `${process.vantage} ${process.holder}: ` : '';
        world.note(kind, `${who}${sentence}`);
      },
    },
    random: () => outside.dice.next(),
    observeOnly: () => trouble.killSwitch > 0,
  };
}

async function askHook({ clock, hook }: World): Promise<HookAnswer> {
  await clock.sleep(hook.answer === 'silent' ? 2_000 : 20);
  return hook;
}

/** Lets this process see the world as it is from its vantage. */
export function showWorld({ trace, brokers, dark }: World, { process, eyes }: Life): void {
  brokers.show(eyes, process.vantage);
  for (const reference of trace.pair.reference) eyes.setReference(reference, (dark.get(process.vantage) ?? 0) === 0);
}

/** The process that stands for a vantage: the first that is alive. */
export function lifeAt({ lives }: World, vantage: string): Life | undefined {
  return lives.find(({ process }) => process.vantage === vantage && process.isAlive());
}
