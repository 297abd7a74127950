import { createVirtualClock } from '../../adapters/memory/clock.ts';
import { createMemoryFencer } from '../../adapters/memory/fencer.ts';
import { createRecordingNotifier } from '../../adapters/memory/notifier.ts';
import { createMemoryProber } from '../../adapters/memory/prober.ts';
import { createMemoryStore, type MemoryStore } from '../../adapters/memory/store.ts';
import { createMemoryTarget } from '../../adapters/memory/target.ts';
import {
  type Fencer,
  type HookAnswer,
  type Notifier,
  type Ports,
  type Prober,
  type Store,
  StoreUnavailable,
  type Target,
  TargetError,
} from '../../core/flow/ports.ts';
import { watchPair } from '../../core/flow/watch.ts';
import { type Config, configSchema, type Pair } from '../../core/model/config.ts';
import { createGate } from './gate.ts';

/** What a test may say of the pair; everything else is the default of the configuration. */
export interface WorldOptions {
  probe?: Record<string, unknown>;
  failover?: Record<string, unknown>;
  fleet?: Record<string, unknown>;
  reference?: string[];
  vantages?: (string | { name: string; near: string })[];
  nodesPerSite?: number;
  /** Both sites have a user `app` that can be fenced. */
  fence?: boolean;
  /** A hook before the point of no return. */
  hook?: boolean;
  drill?: Record<string, unknown>;
  /** The target refuses a flip that is older than its last one. */
  marked?: boolean;
}

/** What is particular about one process. */
export interface ProcessOptions {
  vantage?: string;
  eyes?: Prober;
  configHash?: string;
  /** Who hears what it says; by default everybody. */
  notifier?: Notifier;
  decorate?: (ports: Ports) => Ports;
}

/** The configuration of the pair `demo`: beijing and shanghai, three nodes each, one target, acting on one vote. */
export function testConfig(options: WorldOptions = {}): Config {
  const nodes = (prefix: string, network: number) =>
    Array.from({ length: options.nodesPerSite ?? 3 }, (_, index) => ({
      name: `${prefix}${index + 1}`,
      amqp: `amqp://10.0.${network}.${index + 1}:5672`,
      management: `http://10.0.${network}.${index + 1}:15672`,
    }));
  const fence = options.fence ? { operatorCredentials: 'env:OPERATOR', fenceUsers: ['app'] } : {};
  return configSchema.parse({
    version: 1,
    fleet: options.fleet ?? {},
    pairs: [
      {
        name: 'demo',
        primary: 'beijing',
        standby: 'shanghai',
        sites: {
          beijing: { nodes: nodes('bj', 1), probeCredentials: 'env:PROBE', ...fence },
          shanghai: { nodes: nodes('sh', 2), probeCredentials: 'env:PROBE', ...fence },
        },
        reference: options.reference ?? [],
        vantages: options.vantages ?? [],
        probe: options.probe ?? {},
        failover: { mode: 'automatic', quorum: 1, ...options.failover },
        hooks: options.hook ? { before: { url: 'env:HOOK' } } : {},
        drill: options.drill ?? {},
        targets: [
          { haproxy: { address: '10.0.9.1:9999', backend: 'amqp', servers: { beijing: ['bj1'], shanghai: ['sh1'] } } },
        ],
      },
    ],
  });
}

/** A pair under virtual time, with everything outside the core in memory and open to mischief. */
export function createWorld(options: WorldOptions = {}) {
  const config = testConfig(options);
  const [pair] = config.pairs as [Pair];
  const clock = createVirtualClock();
  const prober = createMemoryProber({ clock, references: pair.reference });
  const target = createMemoryTarget('haproxy', 'beijing', {
    clock,
    sites: ['beijing', 'shanghai'],
    keepsMarker: options.marked ?? false,
  });
  const notifier = createRecordingNotifier();
  const store = createMemoryStore();
  const fencer = createMemoryFencer({
    clock,
    sites: Object.fromEntries(
      Object.entries(pair.sites).map(([site, { nodes, fenceUsers }]) => [
        site,
        { nodes: nodes.map(({ name }) => name), users: fenceUsers },
      ]),
    ),
  });
  let hookAnswer: HookAnswer = { answer: 'proceed', detail: '' };
  let killSwitch = false;
  let storeProblem: string | null = null;
  let flipProblem: string | null = null;
  let lives = 0;

  /** Starts a Warren process; `stop` ends it as kill -9 would: what it has not stored is gone. */
  function start(ownStore: MemoryStore = store.reopen(), own: ProcessOptions = {}) {
    const { vantage = 'test', eyes = prober, configHash = '', notifier: ears = notifier, decorate = asTheyAre } = own;
    lives += 1;
    const holder = `process-${lives}`;
    const aborter = new AbortController();
    const gate = createGate();
    let alive = true;
    let cutOff: string | null = null;
    const ports: Ports = {
      clock: gate.clock(clock),
      prober: gate.port(eyes),
      targets: [gate.target(unlessImpaired(target, () => flipProblem))],
      fencer: gate.port<Fencer>(fencer),
      hooks: { before: options.hook ? async () => hookAnswer : null, after: null },
      store: gate.port(unlessGone(ownStore, () => cutOff ?? storeProblem)),
      notifier: { notify: (event) => alive && ears.notify(event) },
      random: () => 0.5,
      observeOnly: () => killSwitch,
    };
    const watch = { pair, fleet: config.fleet, vantage, holder, configHash };
    const ended = watchPair(decorate(ports), watch, aborter.signal);
    ended.catch((error) => {
      if (alive) throw error;
    });
    return {
      ended,
      freeze: gate.freeze,
      freezeAtFlip: gate.freezeAtFlip,
      thaw: gate.thaw,
      /** It alone cannot reach the store; null: it can again. */
      cutOff(reason: string | null) {
        cutOff = reason;
      },
      async stop() {
        alive = false;
        aborter.abort();
        gate.thaw();
        await clock.settle();
        await ended.catch(() => {});
      },
    };
  }

  return {
    config,
    pair,
    clock,
    /** Another vantage's own view of the world. */
    createEyes: () => createMemoryProber({ clock, references: pair.reference }),
    prober,
    target,
    fencer,
    setHook: (answer: HookAnswer) => {
      hookAnswer = answer;
    },
    notifier,
    store,
    start,
    setKillSwitch: (on: boolean) => {
      killSwitch = on;
    },
    setStoreProblem: (problem: string | null) => {
      storeProblem = problem;
    },
    /** While there is a problem the target can be read, and not written. */
    setFlipProblem: (problem: string | null) => {
      flipProblem = problem;
    },
    record: () => store.readPair(pair.name),
  };
}

const asTheyAre = (ports: Ports) => ports;

/** A store that answers nothing while there is a problem. */
function unlessGone(store: Store, problem: () => string | null): Store {
  return new Proxy(store, {
    get(inner, method: keyof Store) {
      const work = inner[method] as (...parameters: unknown[]) => Promise<unknown>;
      return async (...parameters: unknown[]) => {
        const reason = problem();
        if (reason !== null) throw new StoreUnavailable(reason);
        return work(...parameters);
      };
    },
  });
}

/** A target that refuses every write while there is a problem. */
function unlessImpaired(target: Target, problem: () => string | null): Target {
  return {
    ...target,
    async flip(site, epoch) {
      const reason = problem();
      if (reason !== null) throw new TargetError(reason);
      return target.flip(site, epoch);
    },
  };
}

export type World = ReturnType<typeof createWorld>;
