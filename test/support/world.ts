import { createVirtualClock } from '../../adapters/memory/clock.ts';
import { createMemoryFencer } from '../../adapters/memory/fencer.ts';
import { createRecordingNotifier } from '../../adapters/memory/notifier.ts';
import { createMemoryProber } from '../../adapters/memory/prober.ts';
import { createMemoryStore, type MemoryStore } from '../../adapters/memory/store.ts';
import { createMemoryTarget } from '../../adapters/memory/target.ts';
import { type HookAnswer, type Ports, type Store, StoreUnavailable } from '../../core/flow/ports.ts';
import { watchPair } from '../../core/flow/watch.ts';
import { type Config, configSchema, type Pair } from '../../core/model/config.ts';

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
  const target = createMemoryTarget('haproxy', 'beijing', { clock, sites: ['beijing', 'shanghai'] });
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
  let lives = 0;

  /** Starts a Warren process; `stop` ends it as kill -9 would: what it has not stored is gone. */
  function start(ownStore: MemoryStore = store.reopen(), { vantage = 'test', eyes = prober, configHash = '' } = {}) {
    lives += 1;
    const holder = `process-${lives}`;
    const aborter = new AbortController();
    let alive = true;
    const ports: Ports = {
      clock: { ...clock, sleep: (ms, signal) => clock.sleep(ms, signal) },
      prober: eyes,
      targets: [target],
      fencer,
      hooks: { before: options.hook ? async () => hookAnswer : null, after: null },
      store: unlessGone(ownStore, () => storeProblem),
      notifier: { notify: (event) => alive && notifier.notify(event) },
      random: () => 0.5,
      observeOnly: () => killSwitch,
    };
    const watch = { pair, fleet: config.fleet, vantage, holder, configHash };
    const ended = watchPair(ports, watch, aborter.signal);
    ended.catch((error) => {
      if (alive) throw error;
    });
    return {
      ended,
      async stop() {
        alive = false;
        aborter.abort();
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
    record: () => store.readPair(pair.name),
  };
}

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

export type World = ReturnType<typeof createWorld>;
