import { describe, expect, test } from '@jest/globals';
import { majorityOf, route53Health } from '../../../core/model/targets/route53Health.ts';

const copyIn = (region: string) => ({ region, bucket: `switch-${region}`, key: 'warren/trading' });
const one = [copyIn('eu-west-1')];
const three = ['eu-west-1', 'eu-west-2', 'eu-west-3'].map(copyIn);
const values = { beijing: ['192.0.2.1', '192.0.2.2'], shanghai: ['198.51.100.1'] };
const sound = { record: 'amqp.example.com', copies: three };

function lines(config: object): string[] {
  const problems: string[] = [];
  route53Health.check(route53Health.schema.parse(config), ['beijing', 'shanghai'], (path, value, expected) =>
    problems.push(`${path}: got ${value}, expected ${expected}`),
  );
  return problems;
}

test('what need not be said has a default', () => {
  expect(route53Health.schema.parse(sound)).toEqual({ ...sound, type: 'A', resolvers: [], followsMs: 180_000 });
});

test.each<[string, object]>([
  ['one copy', { ...sound, copies: one }],
  ['three copies', sound],
  ['copies far from each other', { ...sound, copies: ['us-west-2', 'ap-northeast-3', 'il-central-1'].map(copyIn) }],
  ['resolvers with values', { ...sound, values, resolvers: ['ns-1.awsdns-01.org:53'], follows: '30s' }],
  [
    'host names',
    { ...sound, type: 'CNAME', values: { beijing: ['a.example.net'], shanghai: ['b.example.net'] }, follows: '1h' },
  ],
])('%s: no problem', (_, config) => {
  expect(lines(config)).toEqual([]);
});

test.each<[string, object, string[]]>([
  [
    'copies are an odd number',
    { ...sound, copies: three.slice(0, 2) },
    ['copies: got 2 copies, expected 1, 3 or 5: a majority of an even number is no safer'],
  ],
  [
    'each copy is in a Region of its own',
    { ...sound, copies: [copyIn('eu-west-1'), copyIn('eu-west-2'), { ...copyIn('eu-west-1'), bucket: 'other' }] },
    ['copies[2].region: got "eu-west-1", expected another value than that of copies[0].region'],
  ],
  [
    'no copy is in China, GovCloud or a partition of its own',
    { ...sound, copies: ['cn-north-1', 'us-gov-west-1', 'us-isob-east-1'].map(copyIn) },
    ['cn-north-1', 'us-gov-west-1', 'us-isob-east-1'].map(
      (region, index) =>
        `copies[${index}].region: got "${region}", expected a Region outside of China and GovCloud, which are not supported`,
    ),
  ],
  [
    'resolvers need values to compare with',
    { ...sound, resolvers: ['192.0.2.53:53'] },
    ['values: got nothing, expected values of both sites, because there are resolvers'],
  ],
  [
    'values fit the type, and both sites have them',
    { ...sound, values: { beijing: ['a.example.net'] } },
    [
      'values: got no values of shanghai, expected values of both sites',
      'values.beijing[0]: got "a.example.net", expected an IPv4 address, because the type is A',
    ],
  ],
  [
    'resolvers have ports',
    { ...sound, values, resolvers: ['a:0'] },
    ['resolvers[0]: got "a:0", expected a port between 1 and 65535'],
  ],
  ['name servers get time to follow', { ...sound, follows: '5s' }, ['follows: got "5s", expected from 30s to 1h']],
])('%s', (_, config, expected) => {
  expect(lines(config)).toEqual(expected);
});

describe('what a single key may be', () => {
  test.each<[string, object]>([
    ['no copies', { copies: [] }],
    ['a bucket with dots, which TLS does not like', { copies: [{ ...copyIn('eu-west-1'), bucket: 'switch.example' }] }],
    ['a bucket by its ARN', { copies: [{ ...copyIn('eu-west-1'), bucket: 'arn:aws:s3:::switch' }] }],
    ['a key that begins with a slash', { copies: [{ ...copyIn('eu-west-1'), key: '/trading' }] }],
    ['a key that a path would have to escape', { copies: [{ ...copyIn('eu-west-1'), key: 'a b' }] }],
    ['a key that no health check could ask for', { copies: [{ ...copyIn('eu-west-1'), key: 'k'.repeat(255) }] }],
    ['an availability zone', { copies: [copyIn('eu-west-1a')] }],
    ['a record of one label', { record: 'amqp' }],
    ['an unknown key', { zone: 'Z123' }],
  ])('%s is refused', (_, change) => {
    expect(route53Health.schema.safeParse({ ...sound, ...change }).success).toBe(false);
  });
});

test('two targets steer the same when the name is the same; A and AAAA are not', () => {
  const steers = (change: object) => route53Health.steers(route53Health.schema.parse({ ...sound, ...change }));
  expect(steers({ record: 'AMQP.example.com.' })).toBe(steers({ copies: one }));
  expect(steers({ type: 'AAAA' })).not.toBe(steers({}));
});

test('a majority is more than half', () => {
  expect([1, 3, 5].map((length) => majorityOf(Array(length)))).toEqual([1, 2, 3]);
});
