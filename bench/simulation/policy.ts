import { type Config, configSchema, type Pair } from '../../core/model/config.ts';
import type { Dice } from './random.ts';

/** The two data centers of every trace. */
export const sites = ['beijing', 'shanghai'] as const;

/** Where the clients of a pair connect, if that is looked at from outside. */
export const endpointUrl = 'amqp://amqp.example.com:5672';

const pairNames = ['demo', 'orders', 'quotes'] as const;
const prefixes = { beijing: 'bj', shanghai: 'sh' } as const;
const networks = { beijing: 1, shanghai: 2 } as const;

/**
 * Who watches what under which policy: one to three pairs on the same two clusters, watched from the same vantages, each with
 * targets and a policy of its own.
 */
export function createConfig(dice: Dice): Config {
  const nodes = Number(dice.weighted({ 1: 5, 2: 3, 3: 5, 5: 1 }));
  const count = Number(dice.weighted({ 1: 12, 2: 4, 3: 6, 4: 1, 5: 1 }));
  const fence = dice.chance(0.6);
  const shared = {
    primary: sites[0],
    standby: sites[1],
    reference: dice.pick([[], ['tcp://10.9.9.9:53'], ['tcp://10.9.9.9:53', 'https://neutral.example.com']]),
    vantages: vantagesOf(dice, count),
    probe: probePolicy(dice, nodes),
  };
  const pairs = Number(dice.weighted({ 1: 12, 2: 3, 3: 1 }));
  return configSchema.parse({
    version: 1,
    fleet: { maxFailovers: Number(dice.weighted({ 1: 4, 2: 2, 10: 1 })), window: dice.pick(['1m', '10m']) },
    pairs: Array.from({ length: pairs }, (_, index) => {
      const name = pairNames[index] as string;
      const own = sites.map((site) => [site, siteOf(site, nodes, fence ? fenceUserOf({ name }) : null)]);
      return { ...shared, sites: Object.fromEntries(own), ...pairOf(dice, index, fence, count) };
    }),
  });
}

/** Whose names a vantage list says; the only prober has a name too. */
export function vantageNames({ vantages }: Pair): string[] {
  return vantages.length > 0 ? vantages.map(({ name }) => name) : ['local'];
}

/** Of the targets of a pair, in their order. */
export function targetNames({ name, targets }: Pair): string[] {
  return targets.map((_, index) => `${name}-${index === 0 ? 'haproxy' : 'dns'}`);
}

/** The user of a pair's applications. Pairs that share a cluster must not share it: the fence of one would shut out the other. */
export const fenceUserOf = ({ name }: Pick<Pair, 'name'>) => `app-${name}`;

function siteOf(site: (typeof sites)[number], nodes: number, fenceUser: string | null): Record<string, unknown> {
  return {
    nodes: Array.from({ length: nodes }, (_, index) => ({
      name: `${prefixes[site]}${index + 1}`,
      amqp: `amqp://10.0.${networks[site]}.${index + 1}:5672`,
      management: `http://10.0.${networks[site]}.${index + 1}:15672`,
    })),
    clusterName: site,
    probeCredentials: 'env:PROBE',
    ...(fenceUser ? { operatorCredentials: 'env:OPERATOR', fenceUsers: [fenceUser] } : {}),
  };
}

function pairOf(dice: Dice, index: number, fence: boolean, vantages: number): Record<string, unknown> {
  const servers = { beijing: ['bj1'], shanghai: ['sh1'] };
  return {
    name: pairNames[index],
    failover: failoverPolicy(dice, fence, vantages),
    ...(dice.chance(0.25) ? { endpoint: endpointUrl } : {}),
    hooks: dice.chance(0.2) ? { before: { url: 'env:HOOK', whenSilent: dice.pick(['proceed', 'refuse']) } } : {},
    drill: { hold: dice.pick(['5s', '20s']) },
    targets: Array.from({ length: dice.chance(0.3) ? 2 : 1 }, (_, target) => ({
      haproxy: { address: `10.0.9.${2 * index + target + 1}:9999`, backend: 'amqp', servers },
    })),
  };
}

function vantagesOf(dice: Dice, count: number): unknown[] {
  if (count === 1) return [];
  return Array.from({ length: count }, (_, index) => {
    const name = `vantage-${index + 1}`;
    return index > 0 && dice.chance(0.2) ? { name, near: dice.pick(sites) } : name;
  });
}

function probePolicy(dice: Dice, nodes: number): Record<string, unknown> {
  return {
    fullEvery: dice.pick(['10s', '30s']),
    recheck: dice.weighted({ '1s': 1, '2s': 2 }),
    timeout: dice.pick(['1s', '2s']),
    every: dice.weighted({ '2s': 1, '5s': 4, '10s': 1 }),
    // At once; and longer than a process lives, where it lives for a minute.
    alarmsAfter: dice.weighted({ '0s': 1, '10s': 3, '30s': 3, '90s': 3 }),
    metadataStalledAfter: dice.weighted({ '0s': 1, '20s': 3, '90s': 3 }),
    fall: Number(dice.weighted({ 1: 1, 2: 2, 3: 5, 5: 2 })),
    rise: dice.pick([2, 5, 8]),
    minNodes: dice.chance(0.7) ? 1 : dice.between(1, nodes),
  };
}

function failoverPolicy(dice: Dice, fence: boolean, vantages: number): Record<string, unknown> {
  return {
    mode: dice.weighted({ automatic: 18, approve: 1, observe: 1 }),
    quorum: vantages === 1 || dice.chance(0.2) ? 1 : dice.chance(0.2) ? dice.between(2, vantages) : 'majority',
    cooldown: dice.weighted({ '0s': 3, '10s': 3, '60s': 3, '1h': 1 }),
    unfenced: fence && dice.chance(0.3) ? 'wait' : 'allow',
    fenceBudget: dice.weighted({ '500ms': 1, '2s': 4, '3s': 1 }),
    fenceFor: dice.pick(['10s', '60s']),
  };
}
