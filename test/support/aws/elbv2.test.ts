import {
  type Action,
  AddTagsCommand,
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeRulesCommand,
  DescribeTagsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  ModifyListenerCommand,
  ModifyRuleCommand,
  type TargetGroupTuple,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Elbv2StandIn, startElbv2 } from './elbv2.ts';
import type { BalancerType } from './elbv2Actions.ts';

let elbv2: Elbv2StandIn;
let client: ElasticLoadBalancingV2Client;

const clientOf = (region: string, requestTimeout = 5_000) =>
  new ElasticLoadBalancingV2Client({
    region,
    endpoint: elbv2.url,
    maxAttempts: 1,
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example' },
    requestHandler: { requestTimeout, throwOnRequestTimeout: true },
  });

async function open(type: BalancerType): Promise<void> {
  elbv2 = await startElbv2(type);
  client = clientOf('eu-central-1');
}
async function close(): Promise<void> {
  client.destroy();
  await elbv2.close();
}
beforeEach(() => open('network'));
afterEach(close);

const modify = (DefaultActions?: Action[], ListenerArn = elbv2.listener) =>
  client.send(new ModifyListenerCommand({ ListenerArn, DefaultActions }));
const actions = async () => {
  const { Listeners } = await client.send(new DescribeListenersCommand({ ListenerArns: [elbv2.listener] }));
  return Listeners?.[0]?.DefaultActions;
};
const tuple = (name: keyof Elbv2StandIn['groups'], Weight?: number) => ({
  TargetGroupArn: elbv2.groups[name].arn,
  Weight,
});
const forward = (TargetGroups: TargetGroupTuple[], more: object = {}): Action => ({
  Type: 'forward',
  ForwardConfig: { TargetGroups, ...more },
});
const both = () => [tuple('beijing', 0), tuple('shanghai', 100)];

describe('the stand-in of Elastic Load Balancing, asked by the unmodified SDK,', () => {
  test('takes a weighted forward as a whole, and tells it', async () => {
    const { Listeners } = await modify([forward(both())]);
    const TargetGroupStickinessConfig = { Enabled: false };
    const told = [forward(both(), { TargetGroupStickinessConfig })];
    expect(Listeners).toMatchObject([{ ListenerArn: elbv2.listener, Protocol: 'TCP', DefaultActions: told }]);
    expect(await actions()).toEqual(told);
    expect(elbv2.states).toEqual([
      {
        arn: elbv2.listener,
        groups: [
          { arn: elbv2.groups.beijing.arn, weight: 0 },
          { arn: elbv2.groups.shanghai.arn, weight: 100 },
        ],
      },
    ]);
  });

  test('tells a single group in both forms, whichever it was given in', async () => {
    const arn = elbv2.groups.shanghai.arn;
    const told = [{ TargetGroupArn: arn, ForwardConfig: { TargetGroups: [{ TargetGroupArn: arn, Weight: 1 }] } }];
    await modify([{ Type: 'forward', TargetGroupArn: arn }]);
    expect(await actions()).toMatchObject(told);
    await modify([forward([{ TargetGroupArn: arn }])]);
    expect(await actions()).toMatchObject(told);
    await modify([{ ...forward([{ TargetGroupArn: arn }]), TargetGroupArn: arn }]);
    expect(await actions()).toMatchObject(told);
  });

  test.each([undefined, []])('keeps the actions when none are given (%j)', async (none) => {
    await modify([forward(both())]);
    await modify(none);
    expect(await actions()).toMatchObject([forward(both())]);
    expect(elbv2.states).toHaveLength(1);
  });

  test.each<[string, () => Action[], string, string | RegExp]>([
    [
      'a weight above 999',
      () => [forward([tuple('beijing', 1_000), tuple('shanghai', 0)])],
      'ValidationError',
      'The weight for each target group must be between 0 and 999, inclusive',
    ],
    ['a negative weight', () => [forward([tuple('beijing', -1)])], 'ValidationError', /between 0 and 999/],
    [
      'no weight beside another',
      () => [forward([tuple('beijing', 1), tuple('shanghai')])],
      'ValidationError',
      /weight/,
    ],
    [
      'six target groups',
      () => [forward(Array.from({ length: 6 }, () => tuple('beijing', 1)))],
      'ValidationError',
      'A forward action has at most 5 target groups',
    ],
    [
      'the same target group twice',
      () => [forward([tuple('beijing', 1), tuple('beijing', 2)])],
      'ValidationError',
      'A target group is specified more than once',
    ],
    [
      'a target group that does not exist',
      () => [forward([{ TargetGroupArn: elbv2.groups.beijing.arn.replace('/bj/', '/gone/'), Weight: 1 }])],
      'TargetGroupNotFoundException',
      /not found$/,
    ],
    [
      'what is no ARN',
      () => [forward([{ TargetGroupArn: 'bj', Weight: 1 }])],
      'ValidationError',
      "'bj' is not a valid target group ARN",
    ],
    [
      'a target group of another protocol',
      () => [forward([tuple('odd', 1)])],
      'IncompatibleProtocolsException',
      "Listener protocol 'TCP' is not supported with a target group with protocol 'UDP'",
    ],
    [
      'one group in one form, and another in the other',
      () => [{ ...forward([tuple('beijing', 1)]), TargetGroupArn: elbv2.groups.shanghai.arn }],
      'ValidationError',
      /only for one and the same target group$/,
    ],
    [
      'both forms of several groups',
      () => [{ ...forward(both()), TargetGroupArn: elbv2.groups.shanghai.arn }],
      'ValidationError',
      /only for one and the same target group$/,
    ],
    ['a forward to nowhere', () => [{ Type: 'forward' }], 'ValidationError', 'A forward action needs a target group'],
    [
      'a fixed response of a network load balancer',
      () => [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '503' } }],
      'InvalidLoadBalancerActionException',
      /need an application load balancer$/,
    ],
    [
      'how long stickiness lasts, of a network load balancer',
      () => [forward(both(), { TargetGroupStickinessConfig: { Enabled: true, DurationSeconds: 60 } })],
      'ValidationError',
      'DurationSeconds is for application load balancers',
    ],
  ])('refuses %s, and changes nothing', async (_, wrong, name, message) => {
    const before = await actions();
    await expect(modify(wrong())).rejects.toMatchObject({
      name,
      message: expect.stringMatching(message),
      $metadata: { httpStatusCode: 400 },
    });
    expect(await actions()).toEqual(before);
    expect(elbv2.states).toEqual([]);
  });

  test('takes what is just within the limits', async () => {
    await modify([forward([tuple('beijing', 999), tuple('shanghai', 0), tuple('spare', 1)])]);
    await modify([forward(both(), { TargetGroupStickinessConfig: { Enabled: true } })]);
    expect(elbv2.states).toHaveLength(2);
  });

  test('refuses a listener that does not exist, and what is no listener', async () => {
    const gone = elbv2.listener.replace('/amqp/', '/gone/');
    await expect(modify([], gone)).rejects.toMatchObject({
      name: 'ListenerNotFoundException',
      message: 'One or more listeners not found',
    });
    await expect(client.send(new DescribeListenersCommand({ ListenerArns: [gone] }))).rejects.toMatchObject({
      name: 'ListenerNotFoundException',
    });
    await expect(modify([], 'amqp')).rejects.toThrow("'amqp' is not a valid listener ARN");
  });

  test('refuses every other operation, and parameters that it does not know', async () => {
    await expect(client.send(new DescribeLoadBalancersCommand())).rejects.toMatchObject({
      name: 'NotImplemented',
      message: 'The stand-in does not know DescribeLoadBalancers.',
      $metadata: { httpStatusCode: 501 },
    });
    await expect(
      client.send(new ModifyListenerCommand({ ListenerArn: elbv2.listener, Port: 5671 })),
    ).rejects.toMatchObject({ $metadata: { httpStatusCode: 501 } });
  });
});

describe('an application load balancer', () => {
  beforeEach(async () => {
    await close();
    await open('application');
  });

  const login = (config: object): Action => ({
    Type: 'authenticate-oidc',
    Order: 1,
    AuthenticateOidcConfig: {
      Issuer: 'https://id.example.com',
      AuthorizationEndpoint: 'https://id.example.com/a',
      TokenEndpoint: 'https://id.example.com/t',
      UserInfoEndpoint: 'https://id.example.com/u',
      ClientId: 'warren',
      ...config,
    },
  });
  const last = () => ({ ...forward(both()), Order: 2 });
  const modifyRule = (RuleArn: string | null, Actions: Action[]) =>
    client.send(new ModifyRuleCommand({ RuleArn: RuleArn ?? '', Actions }));

  test('a rule is modified by itself, the default rule only with its listener', async () => {
    await modifyRule(elbv2.rule, [forward(both())]);
    const { Rules } = await client.send(new DescribeRulesCommand({ RuleArns: [elbv2.rule ?? ''] }));
    expect(Rules).toMatchObject([{ RuleArn: elbv2.rule, IsDefault: false, Actions: [forward(both())] }]);
    expect(await actions()).toMatchObject([{ TargetGroupArn: elbv2.groups.beijing.arn }]);
    await expect(modifyRule(elbv2.defaultRule, [forward(both())])).rejects.toMatchObject({
      name: 'OperationNotPermittedException',
    });
    await expect(modifyRule(`${elbv2.rule}0`, [])).rejects.toMatchObject({ name: 'RuleNotFoundException' });
  });

  test('a group without a weight weighs 1', async () => {
    await modify([forward([tuple('beijing'), tuple('shanghai', 5)])]);
    expect(await actions()).toMatchObject([{ ForwardConfig: { TargetGroups: [{ Weight: 1 }, { Weight: 5 }] } }]);
  });

  test.each<[string, () => Action[], RegExp]>([
    ['two that end', () => [{ ...forward(both()), Order: 1 }, last()], /Exactly one forward/],
    ['none that ends', () => [login({ ClientSecret: 'x' })], /Exactly one forward/],
    ['one that ends too early', () => [{ ...login({ ClientSecret: 'x' }), Order: 3 }, last()], /performed last/],
    [
      'several without an order',
      () => [{ ...login({ ClientSecret: 'x' }), Order: undefined }, forward(both())],
      /Order/,
    ],
    ['a login without its secret', () => [login({}), last()], /ClientSecret is required/],
    ['keeping a secret that is not there', () => [login({ UseExistingClientSecret: true }), last()], /ClientSecret/],
    [
      'stickiness without its duration',
      () => [forward(both(), { TargetGroupStickinessConfig: { Enabled: true } })],
      /DurationSeconds must be between 1 and 604800/,
    ],
  ])('refuses %s', async (_, wrong, message) => {
    await expect(modify(wrong())).rejects.toThrow(message);
    expect(elbv2.states).toEqual([]);
  });

  test('a secret is never told, and can be kept', async () => {
    await modify([login({ ClientSecret: 'secret' }), last()]);
    await modify([login({ UseExistingClientSecret: true }), last()]);
    expect(JSON.stringify(await actions())).not.toMatch(/secret/i);
    expect(await actions()).toMatchObject([
      { Type: 'authenticate-oidc', Order: 1 },
      { Type: 'forward', Order: 2 },
    ]);
  });
});

describe('target health', () => {
  const health = async (TargetGroupArn: string) => {
    const { TargetHealthDescriptions = [] } = await client.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
    return TargetHealthDescriptions.map(({ Target, TargetHealth }) => ({ ...Target, ...TargetHealth }));
  };

  test('is what was ordered, for each target by its address and port', async () => {
    elbv2.groups.beijing.targets = [
      { id: '10.0.1.1', port: 5671, state: 'healthy' },
      { id: '10.0.1.1', port: 5672, state: 'draining', reason: 'Target.DeregistrationInProgress' },
    ];
    expect(await health(elbv2.groups.beijing.arn)).toEqual([
      { Id: '10.0.1.1', Port: 5671, State: 'healthy' },
      { Id: '10.0.1.1', Port: 5672, State: 'draining', Reason: 'Target.DeregistrationInProgress' },
    ]);
  });

  test('of a group that nothing forwards to is unused; one with weight 0 is checked', async () => {
    const unused = { State: 'unused', Reason: 'Target.NotInUse' };
    expect(await health(elbv2.groups.shanghai.arn)).toMatchObject([unused, unused]);
    await modify([forward([tuple('beijing', 100), tuple('shanghai', 0)])]);
    expect(await health(elbv2.groups.shanghai.arn)).toMatchObject([{ State: 'healthy' }, { State: 'healthy' }]);
  });

  test('of a group that does not exist is refused', async () => {
    await expect(health(`${elbv2.groups.beijing.arn}0`)).rejects.toMatchObject({
      name: 'TargetGroupNotFoundException',
    });
  });
});

describe('tags', () => {
  const add = (tags: Record<string, string>, arn = elbv2.listener) =>
    client.send(
      new AddTagsCommand({ ResourceArns: [arn], Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) }),
    );
  const tags = async () => {
    const { TagDescriptions } = await client.send(new DescribeTagsCommand({ ResourceArns: [elbv2.listener] }));
    return Object.fromEntries(TagDescriptions?.[0]?.Tags?.map(({ Key, Value }) => [Key, Value]) ?? []);
  };
  const many = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`key${index}`, 'value']));

  test('are added and replaced, up to 50', async () => {
    await add(many(50));
    await add({ key0: '7 shanghai trading' });
    expect(await tags()).toMatchObject({ key0: '7 shanghai trading', key49: 'value' });
    await expect(add({ another: 'value' })).rejects.toMatchObject({ name: 'TooManyTagsException' });
  });

  test.each<[string, Record<string, string>]>([
    ['a key of 129', { ['k'.repeat(129)]: 'value' }],
    ['an empty key', { '': 'value' }],
    ['a value of 257', { key: 'v'.repeat(257) }],
    ['a character that tags do not have', { key: 'a;b' }],
    ['a reserved key', { 'aws:epoch': '7' }],
    ['no tags', {}],
  ])('refuse %s', async (_, wrong) => {
    await expect(add(wrong)).rejects.toMatchObject({ name: 'ValidationError' });
    expect(await tags()).toEqual({});
  });

  test('refuse a key twice, resources that do not exist, and more than 20 of them', async () => {
    const Tags = [
      { Key: 'a', Value: '1' },
      { Key: 'a', Value: '2' },
    ];
    await expect(client.send(new AddTagsCommand({ ResourceArns: [elbv2.listener], Tags }))).rejects.toMatchObject({
      name: 'DuplicateTagKeysException',
    });
    await expect(add({ a: '1' }, `${elbv2.listener}0`)).rejects.toMatchObject({ name: 'ListenerNotFoundException' });
    const ResourceArns = Array.from({ length: 21 }, () => elbv2.listener);
    await expect(client.send(new DescribeTagsCommand({ ResourceArns }))).rejects.toThrow('At most 20 resources');
  });
});

describe('it is reached like the service', () => {
  test('refuses a signature for another Region', async () => {
    client.destroy();
    client = clientOf('us-east-1');
    await expect(actions()).rejects.toMatchObject({ name: 'SignatureDoesNotMatch' });
  });

  test.each([
    ['a request that is not signed', 'Action=DescribeTags&Version=2015-12-01', 'MissingAuthenticationToken'],
    ['another version of the API', 'Action=DescribeTags&Version=2012-06-01', 'NoSuchVersion'],
    ['a form that asks for nothing', 'Version=2015-12-01', 'MissingAction'],
  ])('refuses %s', async (_, body, code) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const response = await fetch(elbv2.url, { method: 'POST', body, headers });
    expect(await response.text()).toContain(`<Code>${code}</Code>`);
    expect(response.status).toBeGreaterThanOrEqual(400);
  });

  test('refuses what is no form', async () => {
    const response = await fetch(elbv2.url, { method: 'POST', body: '{}' });
    expect(await response.text()).toContain('<Code>MalformedQueryString</Code>');
  });

  test.each([
    ['throttle', { name: 'Throttling', $metadata: { httpStatusCode: 400 } }],
    ['error', { name: 'InternalFailure', $metadata: { httpStatusCode: 500 } }],
    ['forbid', { name: 'AccessDenied', $metadata: { httpStatusCode: 403 } }],
    ['expired', { name: 'ExpiredToken', $metadata: { httpStatusCode: 403 } }],
    ['unavailable', { name: 'HealthUnavailableException', $metadata: { httpStatusCode: 500 } }],
    ['drop', { message: expect.stringContaining('socket hang up') }],
  ] as const)('plays the fault "%s" as often as it is ordered, and changes nothing then', async (fault, expected) => {
    elbv2.order('ModifyListener', fault, 2);
    for (let time = 0; time < 2; time += 1) await expect(modify([forward(both())])).rejects.toMatchObject(expected);
    expect(elbv2.states).toEqual([]);
    await modify([forward(both())]);
    expect(elbv2.states).toHaveLength(1);
    expect(elbv2.requests).toHaveLength(3);
  });

  test('can make a change and drop the connection', async () => {
    elbv2.order('ModifyListener', 'take-and-drop');
    await expect(modify([forward(both())])).rejects.toThrow('socket hang up');
    expect(elbv2.states).toHaveLength(1);
  });

  test('can be slow, wait for something, and say nothing at all', async () => {
    client.destroy();
    client = clientOf('eu-central-1', 200);
    elbv2.delayMs = 20;
    elbv2.order('DescribeListeners', async () =>
      elbv2.edit(elbv2.listener, [{ Type: 'forward', TargetGroupArn: elbv2.groups.spare.arn }]),
    );
    expect(await actions()).toMatchObject([{ TargetGroupArn: elbv2.groups.spare.arn }]);
    elbv2.order('DescribeListeners', 'hang');
    await expect(actions()).rejects.toMatchObject({ name: 'TimeoutError' });
    elbv2.isHung = true;
    await expect(modify()).rejects.toMatchObject({ name: 'TimeoutError' });
  });
});
