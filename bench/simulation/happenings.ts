import type { Config } from '../../core/model/config.ts';
import { cut, fault, hungNode, lasting, majority } from './brokerHappenings.ts';
import { type Happening, personActs, readables, storeWrites } from './events.ts';
import { sites, targetNames, vantageNames } from './policy.ts';
import type { Dice } from './random.ts';

/** How often each happens at any moment. */
const kinds: Record<Happening['kind'], number> = {
  fault: 14,
  minority: 1,
  drained: 2,
  'hung-node': 3,
  cut: 2,
  network: 2,
  broken: 2,
  'references-dark': 2,
  'store-gone': 3,
  'store-slow': 2,
  'store-answer-lost': 5,
  'target-unreadable': 2,
  'target-fails': 3,
  'target-late': 2,
  'target-slow': 2,
  'target-restarts': 3,
  'target-edited': 1,
  management: 3,
  limit: 1,
  'limits-land-late': 2,
  'limits-lag': 2,
  'read-fails': 4,
  dead: 2,
  // Only where runs are scheduled.
  'runs-missed': 0,
  'runs-doubled': 0,
  killed: 4,
  frozen: 5,
  'clock-jumps': 2,
  hook: 1,
  'kill-switch': 1,
  'second-process': 3,
  reconfigured: 2,
  'store-lost': 1,
  person: 12,
};

/** Something that happens. @param among what may, and how often */
export function happening(
  dice: Dice,
  config: Config,
  among: Partial<Record<Happening['kind'], number>> = kinds,
): Happening {
  const kind = dice.weighted(among as typeof kinds);
  const pair = dice.pick(config.pairs);
  const site = dice.pick(sites);
  const nodes = pair.sites[site]?.nodes.map(({ name }) => name) ?? [];
  const vantage = dice.pick(vantageNames(pair));
  const target = dice.pick(targetNames(pair));
  const forMs = lasting(dice);
  const atWrite = {
    nth: dice.chance(0.7) ? Math.ceil(12 * dice.next() ** 2) : null,
    phase: dice.pick(['before', 'after'] as const),
  };
  switch (kind) {
    case 'fault':
      return fault(dice, pair, site);
    case 'minority':
      return { kind, site, ...majority(nodes), forMs };
    case 'drained': {
      const drained = dice.chance(0.3) ? nodes : [dice.pick(nodes)];
      return { kind, site, nodes: drained, management: dice.pick(['answers', 'closed']), forMs };
    }
    case 'hung-node':
      return hungNode(dice, site, nodes);
    case 'cut':
      return cut(dice, pair, site);
    case 'network': {
      const latencyMs = dice.between(0, Math.round(1.3 * pair.probe.timeoutMs));
      return { kind, vantage, site, latencyMs, lossShare: dice.pick([0, 0.05, 0.3, 0.7]), forMs };
    }
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
      const method = dice.chance(0.6) ? 'writePair' : dice.pick(storeWrites);
      const isConditional = method === 'writePair' || method === 'writeFleet';
      const error = isConditional ? dice.pick(['unavailable', 'conflict'] as const) : 'unavailable';
      return { kind, vantage, method, error, tookEffect: dice.chance(0.7), nth: dice.between(1, 12) };
    }
    case 'target-unreadable':
      return { kind, target, vantage: dice.chance(0.5) ? vantage : null, forMs };
    case 'target-late':
      return { kind, target, afterMs: dice.between(500, 10_000) };
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
      return { kind, pair: pair.name, site, value: dice.pick([null, 50, 100]) };
    case 'read-fails': {
      const lateMs = dice.chance(0.5) ? dice.between(200, 4_000) : null;
      return { kind, vantage, what: dice.pick(readables), lateMs, nth: Math.ceil(6 * dice.next()) };
    }
    case 'dead':
      return { kind, vantage, forMs: dice.between(60_000, 360_000) };
    case 'runs-missed':
    case 'runs-doubled':
      return { kind, vantage, forMs: 60_000 * dice.between(1, 5) };
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
    case 'limits-lag': {
      const behind = nodes.filter(() => dice.chance(0.5));
      return { kind, site, nodes: behind.length > 0 ? behind : nodes, lagMs: dice.between(300, 20_000), forMs };
    }
    case 'kill-switch':
      return { kind, forMs: Math.min(forMs, 30_000) };
    case 'reconfigured':
      return { kind, vantage, mode: dice.pick(['observe', 'approve', 'automatic']), forMs };
    case 'store-lost':
      return { kind };
    case 'person':
      return { kind, act: dice.pick(personActs), pair: pair.name, site, forMs: dice.between(5_000, 60_000) };
  }
}

/** What makes trouble for an operation under way. */
export const unlucky: Partial<Record<Happening['kind'], number>> = {
  fault: 4,
  drained: 1,
  'hung-node': 2,
  cut: 1,
  network: 1,
  'store-gone': 1,
  'store-slow': 1,
  'store-answer-lost': 3,
  'target-fails': 2,
  'target-late': 1,
  'target-slow': 1,
  'target-restarts': 1,
  management: 2,
  'limits-land-late': 2,
  'limits-lag': 2,
  'clock-jumps': 1,
  'read-fails': 4,
  dead: 1,
  killed: 4,
  frozen: 6,
  'second-process': 4,
  'kill-switch': 1,
  reconfigured: 1,
  'store-lost': 1,
  person: 2,
};
