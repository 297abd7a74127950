import { describe, expect, test } from '@jest/globals';
import { elbv2, regionOf } from '../../../core/model/targets/elbv2.ts';

const arn = (resource: string, region = 'eu-central-1') =>
  `arn:aws:elasticloadbalancing:${region}:123456789012:${resource}`;
const listener = arn('listener/net/amqp/50dc6c495c0c9188/f2f7dc8efc522ab2');
const rule = arn('listener-rule/app/amqp/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee');
const group = (name: string, region?: string) => arn(`targetgroup/${name}/73e2d6bc24d8a067`, region);
const targetGroups = { beijing: group('bj'), shanghai: group('sh') };
const sound = { listener, targetGroups };

function lines(config: object): string[] {
  const problems: string[] = [];
  elbv2.check(elbv2.schema.parse(config), ['beijing', 'shanghai'], (path, value, expected) =>
    problems.push(`${path}: got ${value}, expected ${expected}`),
  );
  return problems;
}

test.each<[string, object]>([
  ['a listener of a network load balancer', sound],
  ['one of an application load balancer', { ...sound, listener: listener.replace('/net/', '/app/') }],
  ['a rule', { rule, targetGroups }],
  [
    'another partition',
    JSON.parse(
      JSON.stringify(sound).replaceAll('arn:aws:', 'arn:aws-us-gov:').replaceAll('eu-central-1', 'us-gov-west-1'),
    ),
  ],
])('%s: no problem', (_, config) => {
  expect(lines(config)).toEqual([]);
});

test.each<[string, object, string[]]>([
  [
    'listener and rule exclude each other',
    { ...sound, rule },
    ['rule: got a rule beside a listener, expected one of them'],
  ],
  ['one of them is needed', { targetGroups }, ['listener: got nothing, expected a listener or a rule']],
  [
    'both sites have a group, and no other site has',
    { listener, targetGroups: { beijing: group('bj'), tianjin: group('tj') } },
    [
      'targetGroups: got no targetGroups of shanghai, expected targetGroups of both sites',
      'targetGroups.tianjin: got a site this pair does not have, expected beijing or shanghai',
    ],
  ],
  [
    'groups are of the Region of the listener',
    { listener, targetGroups: { ...targetGroups, shanghai: group('sh', 'eu-west-1') } },
    [
      `targetGroups.shanghai: got "${group('sh', 'eu-west-1')}", expected a target group of the same Region and account as the listener`,
    ],
  ],
  [
    'and of its account',
    { rule, targetGroups: { ...targetGroups, shanghai: group('sh').replace('123456789012', '210987654321') } },
    [
      `targetGroups.shanghai: got "${group('sh').replace('123456789012', '210987654321')}", expected a target group of the same Region and account as the rule`,
    ],
  ],
  [
    'a group tells the sites apart',
    { listener, targetGroups: { beijing: group('bj'), shanghai: group('bj') } },
    [`targetGroups.shanghai: got "${group('bj')}", expected another value than that of targetGroups.beijing`],
  ],
])('%s', (_, config, expected) => {
  expect(lines(config)).toEqual(expected);
});

describe('what a single key may be', () => {
  test.each<[string, object]>([
    ['a name for a listener', { listener: 'amqp' }],
    ['a load balancer for a listener', { listener: arn('loadbalancer/net/amqp/50dc6c495c0c9188') }],
    ['a rule for a listener', { listener: rule }],
    ['a listener of a gateway load balancer', { listener: listener.replace('/net/', '/gwy/') }],
    ['a rule of a network load balancer', { listener: undefined, rule: rule.replace('/app/', '/net/') }],
    ['a listener for a rule', { listener: undefined, rule: listener }],
    ['a listener of another service', { listener: listener.replace('elasticloadbalancing', 'ec2') }],
    ['a listener for a target group', { targetGroups: { ...targetGroups, beijing: listener } }],
    ['an unknown key', { weight: 1 }],
  ])('%s is refused', (_, change) => {
    expect(elbv2.schema.safeParse({ ...sound, ...change }).success).toBe(false);
  });
});

test('it steers its listener or its rule, in the Region that the ARN names', () => {
  expect(elbv2.steers(elbv2.schema.parse(sound))).toBe(listener);
  expect(elbv2.steers(elbv2.schema.parse({ rule, targetGroups }))).toBe(rule);
  expect(regionOf(listener)).toBe('eu-central-1');
});
