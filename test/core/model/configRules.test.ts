import { expect, test } from '@jest/globals';
import { configSchema, type Pair } from '../../../core/model/config.ts';
import { configProblems } from '../../../core/model/configRules.ts';

const site = (prefix: string, count: number, host: string) => ({
  nodes: Array.from({ length: count }, (_, index) => ({
    name: `rabbit@${prefix}${index + 1}`,
    amqp: `amqp://${host}.${index + 1}:5672`,
    management: `http://${host}.${index + 1}:15672`,
  })),
  probeCredentials: 'env:PROBE',
});

const sound = {
  name: 'trading',
  primary: 'beijing',
  standby: 'shanghai',
  sites: { beijing: site('bj', 3, '10.0.1'), shanghai: site('sh', 1, '10.0.2') },
  targets: [
    {
      haproxy: { address: '127.0.0.1:9999', backend: 'amqp', servers: { beijing: ['bj1', 'bj2'], shanghai: ['sh1'] } },
    },
  ],
};

function parse(change: object): Pair {
  const { pairs } = configSchema.parse({ version: 1, pairs: [{ ...sound, ...change }] });
  return pairs[0] as Pair;
}

const lines = (...pairs: (Pair | undefined)[]) =>
  configProblems(pairs).map(({ path, value, expected }) => `${path}: got ${value}, expected ${expected}`);

const haproxy = (change: object) => ({ targets: [{ haproxy: { ...sound.targets[0]?.haproxy, ...change } }] });
const { beijing, shanghai } = sound.sites;

test('a sound pair has no problem', () => {
  expect(lines(parse({}))).toEqual([]);
});

test.each<[string, object, string[]]>([
  [
    'primary and standby are different sites',
    { standby: 'beijing', sites: { beijing }, ...haproxy({ servers: { beijing: ['bj1'] } }) },
    ['standby: got "beijing", expected another site than the primary'],
  ],
  [
    'the roles name sites there are',
    { standby: 'tianjin', sites: { beijing }, ...haproxy({ servers: { beijing: ['bj1'] } }) },
    ['standby: got "tianjin", expected one of the sites: beijing'],
  ],
  [
    'there are no other sites',
    { sites: { ...sound.sites, tianjin: site('tj', 1, '10.0.3') } },
    [
      'sites.tianjin: got a site that is neither primary nor standby, expected only beijing and shanghai',
      'targets[0].haproxy.servers: got no servers of tianjin, expected servers of both sites',
    ],
  ],
  [
    'node names and addresses are used once, however they are spelt',
    {
      sites: {
        beijing: {
          ...beijing,
          nodes: [
            { name: 'a', amqp: 'amqp://Host' },
            { name: 'b', amqp: 'amqps://host' },
          ],
        },
        shanghai: { ...shanghai, nodes: [{ name: 'a', amqp: 'amqp://host:5672' }] },
      },
    },
    [
      'sites.shanghai.nodes[0].name: got "a", expected another value than that of sites.beijing.nodes[0].name',
      'sites.shanghai.nodes[0].amqp: got "host:5672", expected another value than that of sites.beijing.nodes[0].amqp',
    ],
  ],
  [
    'no site has fewer nodes than minNodes',
    { probe: { minNodes: 2 } },
    ['probe.minNodes: got 2, expected at most 1, the number of nodes of shanghai'],
  ],
  [
    'a fence needs an administrator and a management API',
    { sites: { beijing, shanghai: { ...shanghai, fenceUsers: ['app'], nodes: [{ name: 'x', amqp: 'amqp://x' }] } } },
    [
      'sites.shanghai.operatorCredentials: got nothing, expected an administrator, because fenceUsers are to be fenced',
      'sites.shanghai.nodes[0].management: got nothing, expected an address, because the fence is proven at each node',
    ],
  ],
  [
    'a quorum can be reached: without vantages there is one voter',
    { failover: { quorum: 2 } },
    ['failover.quorum: got 2, expected at most 1, the number of vantages'],
  ],
  [
    'vantages vote once',
    { vantages: ['a', 'b', 'a'], failover: { quorum: 3 } },
    ['vantages[2]: got "a", expected another value than that of vantages[0]'],
  ],
  [
    'the sides are different clusters',
    { sites: { beijing: { ...beijing, clusterName: 'one' }, shanghai: { ...shanghai, clusterName: 'one' } } },
    ['sites.shanghai.clusterName: got "one", expected another value than that of sites.beijing.clusterName'],
  ],
  [
    'nobody waits for a fence that cannot be set',
    { failover: { unfenced: 'wait' } },
    ['beijing', 'shanghai'].map(
      (site) =>
        `sites.${site}.fenceUsers: got nothing, expected at least one user, because \`failover.unfenced: wait\` asks for the fence`,
    ),
  ],
  [
    'no lag is compared without a source of lag',
    { failover: { maxLagMessages: 5 } },
    ['failover.maxLagMessages: got 5, expected nothing: no source of lag can be configured yet'],
  ],
  [
    'durations are sane',
    { probe: { timeout: '0s', recheck: '50ms', every: '2h' }, failover: { fenceBudget: '0s' } },
    [
      'probe.recheck: got 50ms, expected at least 100ms',
      'probe.every: got 2h, expected at most 1h',
      'probe.timeout: got 0s, expected at least 1ms',
      'failover.fenceBudget: got 0s, expected at least 1ms',
    ],
  ],
  [
    'a recheck is not rarer than a check',
    { probe: { recheck: '10s', fullEvery: '9s' } },
    [
      'probe.recheck: got 10s, expected at most probe.every, 5s',
      'probe.fullEvery: got 9s, expected at least probe.recheck',
    ],
  ],
  [
    'a target has servers of both sites, of no others, and each once',
    haproxy({ servers: { beijing: ['bj1', 'bj1'], tianjin: ['bj1'] } }),
    [
      'targets[0].haproxy.servers: got no servers of shanghai, expected servers of both sites',
      'targets[0].haproxy.servers.tianjin: got a site this pair does not have, expected beijing or shanghai',
      'targets[0].haproxy.servers.beijing[1]: got "bj1", expected another value than that of servers.beijing[0]',
      'targets[0].haproxy.servers.tianjin[0]: got "bj1", expected another value than that of servers.beijing[0]',
    ],
  ],
  [
    'names cannot smuggle another command into the runtime API, and ports exist',
    haproxy({ address: 'host:99999', backend: 'a;b', servers: { beijing: ['bj 1'], shanghai: ['sh1'] } }),
    [
      'targets[0].haproxy.address: got "host:99999", expected a port between 1 and 65535',
      'targets[0].haproxy.backend: got "a;b", expected a name of letters, digits and _ . : -',
      'targets[0].haproxy.servers.beijing[0]: got "bj 1", expected a name of letters, digits and _ . : -',
    ],
  ],
])('%s', (_, change, expected) => {
  expect(lines(parse(change))).toEqual(expected.map((line) => `pairs[0].${line}`));
});

test('pairs have names and targets of their own, and a pair that did not parse keeps its place', () => {
  expect(lines(parse({}), undefined, parse({}))).toEqual([
    'pairs[2].name: got "trading", expected another value than that of pairs[0].name',
    'pairs[2].targets[0].haproxy: got "haproxy 127.0.0.1:9999/amqp", expected another value than that of pairs[0].targets[0].haproxy',
  ]);
  expect(lines(parse({}), parse({ name: 'billing', ...haproxy({ backend: 'billing' }) }))).toEqual([]);
});

test('applications of different pairs on one cluster are different users: the fence of one would shut out the other', () => {
  const fenced = (fenceUsers: string[]) => ({
    sites: {
      beijing: { ...beijing, operatorCredentials: 'env:OPERATOR', fenceUsers },
      shanghai: { ...shanghai, operatorCredentials: 'env:OPERATOR', fenceUsers: ['app'] },
    },
  });
  const elsewhere = (prefix: string) => ({ shanghai: site('x', 1, prefix) });
  const other = (fenceUsers: string[], sites = {}) =>
    parse({ name: 'orders', ...haproxy({ backend: 'orders' }), sites: { ...fenced(fenceUsers).sites, ...sites } });
  expect(lines(parse(fenced(['app', 'shop'])), other(['desk', 'shop'], elsewhere('10.0.9')))).toEqual([
    'pairs[1].sites.beijing.fenceUsers[1]: got "shop", expected a user of this pair alone: ' +
      'pairs[0].sites.beijing.fenceUsers[1] is the same one on the same cluster',
  ]);
  expect(lines(parse(fenced(['app'])), other(['desk'], elsewhere('10.0.9')))).toEqual([]);
});
