import { describe, expect, test } from '@jest/globals';
import { route53 } from '../../../core/model/targets/route53.ts';

const values = { beijing: ['192.0.2.1', '192.0.2.2'], shanghai: ['198.51.100.1'] };
const aliases = {
  beijing: { zone: 'ZELB', name: 'bj.elb.example.net' },
  shanghai: { zone: 'ZELB', name: 'sh.elb.example.net' },
};
const sound = { zone: 'Z123', record: 'amqp.example.com', values };
const healthChecks = { beijing: '11111111-aaaa', shanghai: '22222222-bbbb' };

function lines(config: object): string[] {
  const problems: string[] = [];
  route53.check(route53.schema.parse(config), ['beijing', 'shanghai'], (path, value, expected) =>
    problems.push(`${path}: got ${value}, expected ${expected}`),
  );
  return problems;
}

test('what need not be said has a default', () => {
  expect(route53.schema.parse(sound)).toEqual({
    ...sound,
    type: 'A',
    routing: 'simple',
    ttlMs: undefined,
    resolvers: [],
  });
});

test.each<[string, object]>([
  ['values', sound],
  ['aliases', { ...sound, values: undefined, aliases }],
  ['IPv6 addresses', { ...sound, type: 'AAAA', values: { beijing: ['2001:db8::1'], shanghai: ['2001:db8::2'] } }],
  ['host names', { ...sound, type: 'CNAME', values: { beijing: ['a.example.net.'], shanghai: ['b.example.net'] } }],
  ['a TTL of a second, or of a day', { ...sound, ttl: '1d' }],
  ['failover routing with health checks', { ...sound, routing: 'failover', healthChecks }],
  ['weighted routing', { ...sound, routing: 'weighted', ttl: '1s' }],
  ['resolvers', { ...sound, resolvers: ['ns-1.awsdns-01.org:53', '192.0.2.53:53', '[2001:db8::53]:5353'] }],
])('%s: no problem', (_, config) => {
  expect(lines(config)).toEqual([]);
});

test.each<[string, object, string[]]>([
  [
    'values and aliases exclude each other',
    { ...sound, aliases },
    ['aliases: got aliases beside values, expected one of them'],
  ],
  [
    'one of them is needed',
    { ...sound, values: undefined },
    ['values: got nothing, expected values or aliases of both sites'],
  ],
  [
    'both sites have values, and no other site has',
    { ...sound, values: { beijing: ['192.0.2.1'], tianjin: ['192.0.2.9'] } },
    [
      'values: got no values of shanghai, expected values of both sites',
      'values.tianjin: got a site this pair does not have, expected beijing or shanghai',
    ],
  ],
  [
    'values fit the type',
    { ...sound, values: { beijing: ['bj.example.net', '2001:db8::1'], shanghai: ['198.51.100.256'] } },
    [
      'values.beijing[0]: got "bj.example.net", expected an IPv4 address, because the type is A',
      'values.beijing[1]: got "2001:db8::1", expected an IPv4 address, because the type is A',
      'values.shanghai[0]: got "198.51.100.256", expected an IPv4 address, because the type is A',
    ],
  ],
  [
    'an AAAA record has IPv6 addresses',
    { ...sound, type: 'AAAA', values: { beijing: ['192.0.2.1'], shanghai: ['::1'] } },
    ['values.beijing[0]: got "192.0.2.1", expected an IPv6 address, because the type is AAAA'],
  ],
  [
    'a CNAME has one name, and another one than its own',
    {
      ...sound,
      type: 'CNAME',
      values: { beijing: ['a.example.net', 'b.example.net'], shanghai: ['AMQP.example.com.'] },
    },
    [
      'values.beijing: got 2 names, expected one: a CNAME has a single value',
      'values.shanghai[0]: got "AMQP.example.com.", expected another name than the record',
    ],
  ],
  [
    'a value tells the sites apart',
    { ...sound, values: { beijing: ['192.0.2.1'], shanghai: ['192.0.2.1'] } },
    ['values.shanghai[0]: got "192.0.2.1", expected another value than that of values.beijing[0]'],
  ],
  [
    'an alias tells the sites apart, and has no TTL',
    {
      ...sound,
      values: undefined,
      ttl: '30s',
      aliases: { beijing: aliases.beijing, shanghai: { zone: 'ZELB', name: 'BJ.elb.example.net.' } },
    },
    [
      'aliases.shanghai.name: got "bj.elb.example.net", expected another value than that of aliases.beijing.name',
      'ttl: got 30s, expected nothing: an alias has the TTL of what it leads to',
    ],
  ],
  ['a TTL is at least a second', { ...sound, ttl: '500ms' }, ['ttl: got 500ms, expected at least 1s']],
  ['a TTL is at most a day', { ...sound, ttl: '2d' }, ['ttl: got 2d, expected at most 1d']],
  ['a TTL has whole seconds', { ...sound, ttl: '1500ms' }, ['ttl: got 1500ms, expected whole seconds']],
  [
    'failover routing needs health checks',
    { ...sound, routing: 'failover' },
    ['healthChecks: got nothing, expected the health checks of both sites, because the routing is failover'],
  ],
  [
    'failover routing needs those of both sites',
    { ...sound, routing: 'failover', healthChecks: { beijing: '1' } },
    ['healthChecks: got no healthChecks of shanghai, expected healthChecks of both sites'],
  ],
  [
    'no other routing has health checks',
    { ...sound, routing: 'weighted', healthChecks },
    ['healthChecks: got health checks, expected nothing: weighted routing has none'],
  ],
  [
    'resolvers have ports, and are asked once',
    { ...sound, resolvers: ['a:0', 'b:53', 'B:53'] },
    [
      'resolvers[0]: got "a:0", expected a port between 1 and 65535',
      'resolvers[2]: got "b:53", expected another value than that of resolvers[1]',
    ],
  ],
])('%s', (_, config, expected) => {
  expect(lines(config)).toEqual(expected);
});

describe('what a single key may be', () => {
  test.each<[string, object]>([
    ['a zone by its path', { zone: '/hostedzone/Z123' }],
    ['a record of one label', { record: 'amqp' }],
    ['a record with a space', { record: 'a b.example.com' }],
    ['a wildcard', { record: '*.example.com' }],
    ['a label of 64', { record: `${'a'.repeat(64)}.example.com` }],
    ['a name that leaves no room for the marker', { record: `${Array(60).fill('abc').join('.')}.example.com` }],
    ['no values', { values: { beijing: [], shanghai: ['192.0.2.1'] } }],
    ['a resolver without a port', { resolvers: ['192.0.2.53'] }],
    ['an unknown key', { weight: 1 }],
  ])('%s is refused', (_, change) => {
    expect(route53.schema.safeParse({ ...sound, ...change }).success).toBe(false);
  });
});

test('two targets steer the same when zone and name are the same; A and AAAA are not', () => {
  const steers = (change: object) => route53.steers(route53.schema.parse({ ...sound, ...change }));
  expect(steers({ record: 'AMQP.example.com.' })).toBe(steers({}));
  expect(steers({ type: 'CNAME' })).toBe(steers({}));
  expect(steers({ type: 'AAAA' })).not.toBe(steers({}));
});
