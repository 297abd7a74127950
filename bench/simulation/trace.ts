import { type Config, configSchema, type Pair } from '../../core/model/config.ts';
import type { FailureClass } from '../../core/model/probe.ts';
import { type Event, type Happening, personActs } from './events.ts';
import { createDice, type Dice } from './random.ts';

/** One story: who watches what under which policy, and what happens when. Determined by the seed and its number. */
export interface Trace {
  seed: number;
  number: number;
  config: Config;
  pair: Pair;
  events: Event[];
  /** Until then things happen; after it everything is healed, and everybody quiet. */
  lengthMs: number;
}

export const sites = ['beijing', 'shanghai'] as const;
export const targetIds = ['haproxy', 'dns'] as const;

/** @param number which trace of this seed */
export function createTrace(seed: number, number: number): Trace {
  const dice = createDice(seed, number);
  const config = createConfig(dice);
  const [pair] = config.pairs as [Pair];
  const lengthMs = dice.between(2, 8) * 60_000;
  const count = dice.between(1, dice.chance(0.3) ? 25 : 10);
  const events = Array.from({ length: count }, () => ({
    ...happening(dice, pair),
    atMs: dice.between(5_000, lengthMs),
  }));
  for (let disasters = dice.between(0, 2); disasters > 0; disasters -= 1)
    events.push(...disaster(dice, pair, lengthMs));
  return { seed, number, config, pair, lengthMs, events: events.sort((one, other) => one.atMs - other.atMs) };
}

function createConfig(dice: Dice): Config {
  const [nodes, vantages] = [dice.between(1, 3), dice.between(1, 3)];
  const fence = dice.chance(0.6);
  const site = (prefix: string, network: number) => ({
    nodes: Array.from({ length: nodes }, (_, index) => ({
      name: `${prefix}${index + 1}`,
      amqp: `amqp://10.0.${network}.${index + 1}:5672`,
      management: `http://10.0.${network}.${index + 1}:15672`,
    })),
    probeCredentials: 'env:PROBE',
    ...(fence ? { operatorCredentials: 'env:OPERATOR', fenceUsers: ['app'] } : {}),
  });
  const haproxy = { backend: 'amqp', servers: { beijing: ['bj1'], shanghai: ['sh1'] } };
  return configSchema.parse({
    version: 1,
    fleet: { maxFailovers: dice.pick([1, 3, 10]), window: '10m' },
    pairs: [
      {
        name: 'demo',
        primary: 'beijing',
        standby: 'shanghai',
        sites: { beijing: site('bj', 1), shanghai: site('sh', 2) },
        reference: dice.chance(0.5) ? ['tcp://10.9.9.9:53'] : [],
        vantages: vantagesOf(dice, vantages),
        probe: probePolicy(dice),
        failover: failoverPolicy(dice, fence, vantages),
        hooks: dice.chance(0.2) ? { before: { url: 'env:HOOK', whenSilent: dice.pick(['proceed', 'refuse']) } } : {},
        drill: { hold: dice.pick(['5s', '20s']) },
        targets: targetIds
          .slice(0, dice.chance(0.3) ? 2 : 1)
          .map((_, index) => ({ haproxy: { address: `10.0.9.${index + 1}:9999`, ...haproxy } })),
      },
    ],
  });
}

function vantagesOf(dice: Dice, count: number): unknown[] {
  if (count === 1) return [];
  return Array.from({ length: count }, (_, index) => {
    const name = `vantage-${index + 1}`;
    return index > 0 && dice.chance(0.2) ? { name, near: dice.pick(sites) } : name;
  });
}

function probePolicy(dice: Dice): Record<string, unknown> {
  return {
    fullEvery: dice.pick(['10s', '30s']),
    recheck: dice.pick(['1s', '2s']),
    timeout: dice.pick(['1s', '2s']),
    alarmsAfter: dice.pick(['10s', '30s']),
    metadataStalledAfter: '20s',
    rise: dice.pick([2, 5]),
  };
}

function failoverPolicy(dice: Dice, fence: boolean, vantages: number): Record<string, unknown> {
  return {
    mode: dice.weighted({ automatic: 18, approve: 1, observe: 1 }),
    quorum: vantages === 1 || dice.chance(0.2) ? 1 : 'majority',
    cooldown: dice.pick(['0s', '10s', '60s']),
    unfenced: fence && dice.chance(0.3) ? 'wait' : 'allow',
    fenceFor: dice.pick(['10s', '60s']),
  };
}

const kinds: Record<Happening['kind'], number> = {
  fault: 14,
  broken: 2,
  'references-dark': 2,
  'store-gone': 3,
  'store-slow': 2,
  'store-answer-lost': 4,
  'target-unreadable': 2,
  'target-fails': 3,
  'target-slow': 2,
  'target-restarts': 3,
  'target-edited': 1,
  management: 3,
  limit: 1,
  'limits-land-late': 2,
  killed: 4,
  frozen: 5,
  'clock-jumps': 2,
  hook: 1,
  'kill-switch': 1,
  'second-process': 3,
  person: 12,
};

const classes: Partial<Record<FailureClass, number>> = {
  refused: 8,
  unreachable: 6,
  hung: 5,
  'publish-stalled': 3,
  'no-quorum': 1,
  alarm: 3,
  'metadata-stalled': 2,
  auth: 2,
  tls: 1,
  'not-allowed': 1,
  draining: 1,
  'management-only': 1,
  partitioned: 1,
};

function happening(dice: Dice, pair: Pair, among: Partial<Record<Happening['kind'], number>> = kinds): Happening {
  const kind = dice.weighted(among as typeof kinds);
  const site = dice.pick(sites);
  const nodes = pair.sites[site]?.nodes.map(({ name }) => name) ?? [];
  const vantage = dice.pick(vantageNames(pair));
  const target = dice.pick(targetIds.slice(0, pair.targets.length));
  const forMs = lasting(dice);
  const atWrite = {
    nth: dice.chance(0.7) ? Math.ceil(12 * dice.next() ** 2) : null,
    phase: dice.pick(['before', 'after'] as const),
  };
  switch (kind) {
    case 'fault':
      return fault(dice, pair, site);
    case 'broken':
      return { kind, site, node: dice.pick(nodes) };
    case 'references-dark':
    case 'second-process':
      return { kind, vantage, forMs };
    case 'store-gone':
      return { kind, vantage: dice.chance(0.5) ? vantage : null, forMs: Math.min(forMs, 30_000) };
    case 'store-slow':
      return { kind, latencyMs: dice.between(50, 1_200), forMs };
    case 'store-answer-lost': {
      const error = dice.pick(['unavailable', 'conflict'] as const);
      return { kind, vantage, error, tookEffect: dice.chance(0.7), nth: dice.between(1, 12) };
    }
    case 'target-unreadable':
      return { kind, target, forMs };
    case 'target-fails':
      return { kind, target, times: dice.between(1, 3), tookEffect: dice.chance(0.5) };
    case 'target-slow':
      return { kind, latencyMs: dice.between(50, 2_000), forMs };
    case 'target-restarts':
      return { kind, target };
    case 'target-edited':
      return { kind, target, active: dice.pick([...sites, 'split', 'none']) };
    case 'management': {
      const state = dice.pick(['down', 'silent'] as const);
      return { kind, site, node: dice.pick(nodes), state, takesWrites: dice.chance(0.4), forMs };
    }
    case 'limit':
      return { kind, site, value: dice.pick([null, 50, 100]) };
    case 'killed':
      return { kind, vantage, ...atWrite, forMs: Math.min(forMs, 30_000) };
    case 'frozen':
      return { kind, vantage, ...atWrite, suspended: dice.chance(0.3), forMs };
    case 'clock-jumps':
      return { kind, vantage, byMs: dice.pick([-3_600_000, -5_000, 5_000, 600_000]) };
    case 'hook':
      return { kind, answer: dice.pick(['refuse', 'silent'] as const), forMs };
    case 'limits-land-late':
      return { kind, forMs };
    case 'kill-switch':
      return { kind, forMs: Math.min(forMs, 30_000) };
    case 'person':
      return { kind, act: dice.pick(personActs), site, forMs: dice.between(5_000, 60_000) };
  }
}

function fault(dice: Dice, pair: Pair, site: string): Happening {
  const nodes = pair.sites[site]?.nodes.map(({ name }) => name) ?? [];
  const vantages = vantageNames(pair);
  const isCut = dice.chance(0.3);
  const seenBy = isCut ? vantages.filter(() => dice.chance(0.5)) : null;
  return {
    kind: 'fault',
    site,
    nodes: dice.chance(0.6) ? nodes : [dice.pick(nodes)],
    class: isCut
      ? dice.pick(['unreachable', 'refused', 'hung'])
      : dice.weighted(classes as Record<FailureClass, number>),
    seenBy: seenBy?.length === 0 ? [dice.pick(vantages)] : seenBy,
    forMs: lasting(dice),
  };
}

/** A side is lost, or a person moves traffic, in a moment in which something else is going on as well. */
function disaster(dice: Dice, pair: Pair, lengthMs: number): Event[] {
  const site = dice.pick(sites);
  const nodes = pair.sites[site]?.nodes.map(({ name }) => name) ?? [];
  const atMs = dice.between(15_000, lengthMs - 30_000);
  const lost: Happening = {
    kind: 'fault',
    site,
    nodes,
    class: dice.pick(['refused', 'unreachable', 'hung', 'publish-stalled']),
    seenBy: null,
    forMs: dice.chance(0.3) ? dice.between(1_000, 20_000) : dice.between(60_000, 300_000),
  };
  const act = dice.pick(['switchover', 'failover-overridden', 'drill'] as const);
  const moved: Happening = { kind: 'person', act, site, forMs: 30_000 };
  const events: Event[] = [{ ...(dice.chance(0.7) ? lost : moved), atMs }];
  for (let extras = dice.between(0, 4); extras > 0; extras -= 1)
    events.push({ ...happening(dice, pair, unlucky), atMs: atMs + dice.between(-8_000, 20_000) });
  return events;
}

/** What makes trouble for an operation under way. */
const unlucky: Partial<Record<Happening['kind'], number>> = {
  fault: 4,
  'store-gone': 1,
  'store-slow': 1,
  'store-answer-lost': 3,
  'target-fails': 2,
  'target-slow': 1,
  'target-restarts': 1,
  management: 2,
  'limits-land-late': 2,
  'clock-jumps': 1,
  killed: 4,
  frozen: 6,
  'second-process': 4,
  'kill-switch': 1,
  person: 2,
};

/** Mostly short, sometimes long. */
const lasting = (dice: Dice) => Math.round(300 * 1_000 ** dice.next());

/** The only prober has a name too. */
export function vantageNames({ vantages }: Pair): string[] {
  return vantages.length > 0 ? vantages.map(({ name }) => name) : ['local'];
}
