import { Resolver } from 'node:dns/promises';
import {
  type Change,
  ChangeResourceRecordSetsCommand,
  GetChangeCommand,
  ListHostedZonesCommand,
  ListResourceRecordSetsCommand,
  type ListResourceRecordSetsCommandInput,
  type ResourceRecordSet,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Route53Options, type Route53StandIn, startRoute53 } from './route53.ts';

let route53: Route53StandIn;
let client: Route53Client;
let nowMs: number;

async function open(options: Route53Options = {}, region = 'us-east-1'): Promise<void> {
  nowMs = 0;
  route53 = await startRoute53({ requestsPerSecond: 1_000, healthChecks: ['aaaa'], nowMs: () => nowMs, ...options });
  const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example' };
  client = new Route53Client({ region, endpoint: route53.url, maxAttempts: 1, credentials });
}
async function close(): Promise<void> {
  client.destroy();
  await route53.close();
}
beforeEach(() => open());
afterEach(close);

const change = (...Changes: Change[]) =>
  client.send(new ChangeResourceRecordSetsCommand({ HostedZoneId: route53.zone, ChangeBatch: { Changes } }));
const list = (part: Partial<ListResourceRecordSetsCommandInput> = {}) =>
  client.send(new ListResourceRecordSetsCommand({ HostedZoneId: route53.zone, ...part }));

const set = (part: Partial<ResourceRecordSet> = {}, ...values: string[]): ResourceRecordSet => ({
  Name: 'a.example.com',
  Type: 'A',
  TTL: 60,
  ResourceRecords: (values.length > 0 ? values : ['192.0.2.1']).map((Value) => ({ Value })),
  ...part,
});
const alias = (part: Partial<ResourceRecordSet> = {}): ResourceRecordSet => ({
  Name: 'a.example.com',
  Type: 'A',
  AliasTarget: { HostedZoneId: 'ZELB', DNSName: 'b.elb.example.net', EvaluateTargetHealth: false },
  ...part,
});
const create = (record: ResourceRecordSet): Change => ({ Action: 'CREATE', ResourceRecordSet: record });
const remove = (record: ResourceRecordSet): Change => ({ Action: 'DELETE', ResourceRecordSet: record });
const upsert = (record: ResourceRecordSet): Change => ({ Action: 'UPSERT', ResourceRecordSet: record });
const weighted = (SetIdentifier: string, Weight: number, part: Partial<ResourceRecordSet> = {}) =>
  set({ SetIdentifier, Weight, ...part });
const values = () =>
  route53.sets().map((each) => `${each.name} ${each.type} ${each.values?.join(' ') ?? each.alias?.name}`);

describe('a batch', () => {
  test('is made as a whole', async () => {
    await change(create(set()), create(set({ Name: 'b.example.com', Type: 'TXT' }, '"one"')));
    expect(values()).toEqual(['a.example.com. A 192.0.2.1', 'b.example.com. TXT "one"']);
    expect(route53.states).toHaveLength(1);
  });

  test.each<[string, Change]>([
    ['a DELETE of what is not there', remove(set({ Name: 'c.example.com' }))],
    ['a CREATE of what is there', create(set({}, '192.0.2.9'))],
    ['a name of another zone', create(set({ Name: 'evilexample.com' }))],
  ])('is refused as a whole for %s', async (_, wrong) => {
    await change(create(set()));
    await expect(change(create(set({ Name: 'b.example.com' })), wrong)).rejects.toMatchObject({
      name: 'InvalidChangeBatch',
    });
    expect(values()).toEqual(['a.example.com. A 192.0.2.1']);
    expect(route53.states).toHaveLength(1);
  });

  test('replaces by DELETE and CREATE of the same set, and by UPSERT', async () => {
    await change(create(set()));
    await change(remove(set()), create(set({ TTL: 5 }, '192.0.2.2')));
    await change(upsert(set({}, '192.0.2.3')), upsert(set({ Name: 'b.example.com' })));
    expect(values()).toEqual(['a.example.com. A 192.0.2.3', 'b.example.com. A 192.0.2.1']);
    await change(remove(set({}, '192.0.2.3')));
    await change(create(set({}, '192.0.2.3')));
  });

  test.each<[string, Change[]]>([
    ['CREATE and DELETE', [create(set()), remove(set())]],
    ['CREATE twice', [create(set()), create(set())]],
    ['UPSERT twice', [upsert(set()), upsert(set())]],
  ])('does not name a set twice by %s', async (_, changes) => {
    await expect(change(...changes)).rejects.toThrow(
      "[The request contains an invalid set of changes for a resource record set 'A a.example.com.']",
    );
  });

  test('has at least one change, and at most 1,000 values, those of an UPSERT counted twice', async () => {
    await expect(change()).rejects.toMatchObject({ name: 'InvalidInput' });
    const many = (count: number) => Array.from({ length: count }, (_, index) => set({ Name: `n${index}.example.com` }));
    await expect(change(...many(501).map(upsert))).rejects.toThrow(/limit exceeded/);
    await change(...many(1_000).map(create));
  });

  test.each([
    ['no XML', '{}'],
    ['an element that is not closed', '<ChangeResourceRecordSetsRequest><ChangeBatch>'],
    ['another document', '<Other><ChangeBatch/></Other>'],
  ])('that is %s is refused', async (_, body) => {
    const authorization = 'AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/route53/aws4_request, Signature=0';
    const url = `${route53.url}/2013-04-01/hostedzone/${route53.zone}/rrset/`;
    const response = await fetch(url, { method: 'POST', body, headers: { authorization } });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('<Code>MalformedInput</Code>');
  });
});

describe('a DELETE must match', () => {
  const there = [
    set({}, '192.0.2.1', '192.0.2.2'),
    weighted('w', 7, { Name: 'w.example.com' }),
    weighted('v', 7, { Name: 'w.example.com' }),
    set({ Name: 'f.example.com', SetIdentifier: 'p', Failover: 'PRIMARY', HealthCheckId: 'aaaa' }),
    alias({ Name: 'l.example.com' }),
  ];
  const [plain, weight, , failover, link] = there as [ResourceRecordSet, ...ResourceRecordSet[]];
  beforeEach(() => change(...there.map(create)));

  test.each<[string, ResourceRecordSet]>([
    ['the values', set({}, '192.0.2.1')],
    ['the TTL', { ...plain, TTL: 61 }],
    ['the weight', { ...weight, Weight: 8 } as ResourceRecordSet],
    ['the role', { ...failover, Failover: 'SECONDARY' } as ResourceRecordSet],
    ['the health check', { ...failover, HealthCheckId: undefined, Failover: 'SECONDARY' } as ResourceRecordSet],
    [
      'the target of an alias',
      alias({
        Name: 'l.example.com',
        AliasTarget: { HostedZoneId: 'ZELB', DNSName: 'c.elb.example.net', EvaluateTargetHealth: false },
      }),
    ],
  ])('in %s', async (_, wrong) => {
    await expect(change(remove(wrong))).rejects.toMatchObject({
      name: 'InvalidChangeBatch',
      message: expect.stringContaining('but the values provided do not match the current values]'),
    });
    expect(route53.sets()).toHaveLength(5);
  });

  test('in the identifier, and then takes that set alone', async () => {
    await expect(change(remove(weighted('x', 7, { Name: 'w.example.com' })))).rejects.toThrow(
      "[Tried to delete resource record set [name='w.example.com.', type='A', set-identifier='x'] but it was not found]",
    );
    await change(remove(weighted('w', 7, { Name: 'w.example.com' })));
    expect(route53.sets().filter(({ name }) => name === 'w.example.com.')).toHaveLength(1);
  });

  test('but not in the order of the values; and not at all when exactMatch is off', async () => {
    await change(remove(set({}, '192.0.2.2', '192.0.2.1')), remove(link as ResourceRecordSet));
    await close();
    await open({ exactMatch: false });
    await change(create(set()));
    await change(remove(set({ TTL: 1 }, '203.0.113.1')));
    expect(route53.sets()).toEqual([]);
  });
});

describe('a set is refused', () => {
  const name = 'a.example.com.';
  test.each<[string, ResourceRecordSet, string, string | RegExp]>([
    [
      'outside the zone',
      set({ Name: 'a.example.org' }),
      'InvalidChangeBatch',
      '[RRSet with DNS name a.example.org. is not permitted in zone example.com.]',
    ],
    ['with an unusable name', set({ Name: 'a b.example.com' }), 'InvalidChangeBatch', /UnsupportedCharacter/],
    ['with a long label', set({ Name: `${'a'.repeat(64)}.example.com` }), 'InvalidChangeBatch', /DomainLabelTooLong/],
    [
      'as a CNAME at the apex',
      set({ Name: 'example.com', Type: 'CNAME' }, 'b.example.net'),
      'InvalidChangeBatch',
      '[RRSet of type CNAME with DNS name example.com. is not permitted at apex in zone example.com.]',
    ],
    [
      'without a TTL',
      set({ TTL: undefined }),
      'InvalidInput',
      /Expected exactly one of \[AliasTarget, all of \[TTL, and ResourceRecords\].*but found none/,
    ],
    ['without values', set({ ResourceRecords: [] }), 'InvalidInput', /but found none/],
    ['as an alias with a TTL', alias({ TTL: 60 }), 'InvalidInput', /but found more than one/],
    ['with a negative TTL', set({ TTL: -1 }), 'InvalidInput', /TTL/],
    ['with a TTL beyond 31 bits', set({ TTL: 2_147_483_648 }), 'InvalidInput', /TTL/],
    ['with a weight but no identifier', set({ Weight: 1 }), 'InvalidInput', /Missing field 'SetIdentifier'/],
    ['with an identifier but no policy', set({ SetIdentifier: 'a' }), 'InvalidInput', /but found none/],
    ['with two policies', weighted('a', 1, { Failover: 'SECONDARY' }), 'InvalidInput', /but found more than one/],
    ['with an identifier of 129', weighted('a'.repeat(129), 1), 'InvalidInput', /1 to 128 characters/],
    ['with a weight of 256', weighted('a', 256), 'InvalidInput', /between 0 and 255/],
    ['with a weight below 0', weighted('a', -1), 'InvalidInput', /between 0 and 255/],
    [
      'with an unknown role',
      set({ SetIdentifier: 'a', Failover: 'TERTIARY' as 'PRIMARY' }),
      'InvalidInput',
      /Failover/,
    ],
    [
      'as a primary without a health check',
      set({ SetIdentifier: 'a', Failover: 'PRIMARY' }),
      'InvalidChangeBatch',
      /needs a health check/,
    ],
    [
      'with a health check that does not exist',
      weighted('a', 1, { HealthCheckId: 'bbbb' }),
      'NoSuchHealthCheck',
      /bbbb/,
    ],
    ['with no IPv4 address', set({}, '192.0.2.256'), 'InvalidChangeBatch', /ARRDATAIllegalIPv4Address/],
    ['with no IPv6 address', set({ Type: 'AAAA' }, '192.0.2.1'), 'InvalidChangeBatch', /AAAARRDATAIllegalIPv6Address/],
    ['with a CNAME to no name', set({ Type: 'CNAME' }, 'a b'), 'InvalidChangeBatch', /not a domain name/],
    [
      'with a CNAME of two values',
      set({ Type: 'CNAME' }, 'a.example.net', 'b.example.net'),
      'InvalidChangeBatch',
      /it has one/,
    ],
    [
      'with a value twice',
      set({}, '192.0.2.1', '192.0.2.1'),
      'InvalidChangeBatch',
      "[Duplicate Resource Record: '192.0.2.1']",
    ],
    [
      'with more than 400 values',
      set({}, ...Array.from({ length: 401 }, (_, at) => `10.0.${at >> 8}.${at & 255}`)),
      'InvalidChangeBatch',
      /more than 400/,
    ],
    [
      'with a text that is not quoted',
      set({ Type: 'TXT' }, 'abc'),
      'InvalidChangeBatch',
      "[Invalid Resource Record: 'FATAL problem: InvalidCharacterString (Value should be enclosed in quotation marks) encountered with 'abc'']",
    ],
    [
      'with a quotation mark that is not escaped',
      set({ Type: 'TXT' }, '"a"b"'),
      'InvalidChangeBatch',
      /InvalidCharacterString/,
    ],
    [
      'with a string of 256',
      set({ Type: 'TXT' }, `"${'a'.repeat(256)}"`),
      'InvalidChangeBatch',
      /CharacterStringTooLong/,
    ],
    [
      'with a text beyond 4,000',
      set(
        { Type: 'TXT' },
        Array(20)
          .fill(`"${'a'.repeat(250)}"`)
          .join(' '),
      ),
      'InvalidChangeBatch',
      /TXTRDATATooLong/,
    ],
    ['of a type that the stand-in does not know', set({ Type: 'MX' }, '10 mail.example.com'), 'NotImplemented', /MX/],
    [
      'with what the stand-in does not know',
      set({ SetIdentifier: 'a', MultiValueAnswer: true }),
      'NotImplemented',
      /MultiValueAnswer/,
    ],
  ])('%s', async (_, wrong, code, message) => {
    await expect(change(upsert(wrong))).rejects.toMatchObject({
      name: code,
      message: typeof message === 'string' ? message : expect.stringMatching(message),
    });
    expect(route53.states).toEqual([]);
  });

  test.each<[string, ResourceRecordSet[], ResourceRecordSet, RegExp]>([
    [
      'simple beside weighted ones',
      [weighted('a', 1)],
      set(),
      /cannot be created as (other RRSets exist|a non-weighted set exists) with the same name and type/,
    ],
    ['weighted beside a simple one', [set()], weighted('a', 1), /cannot be created as/],
    [
      'weighted beside failover ones',
      [set({ SetIdentifier: 'b', Failover: 'SECONDARY' })],
      weighted('a', 1),
      /as a non-weighted set exists/,
    ],
    [
      'weighted with another TTL',
      [weighted('a', 1)],
      weighted('b', 1, { TTL: 61 }),
      /weighted sets must contain the same TTL/,
    ],
    [
      'as a second secondary',
      [set({ SetIdentifier: 'b', Failover: 'SECONDARY' })],
      set({ SetIdentifier: 'c', Failover: 'SECONDARY' }),
      /as a secondary set exists/,
    ],
    [
      'as a CNAME beside others',
      [set()],
      set({ Type: 'CNAME' }, 'b.example.net'),
      /not permitted as it conflicts with other records/,
    ],
    [
      'beside a CNAME',
      [set({ Type: 'CNAME' }, 'b.example.net')],
      set(),
      /not permitted as it conflicts with other records/,
    ],
  ])('%s', async (_, there, wrong, message) => {
    await change(...there.map(create));
    await expect(change(create(wrong))).rejects.toThrow(message);
    expect(route53.sets().filter((each) => each.name === name)).toHaveLength(1);
  });

  test('not at the limits of what is right', async () => {
    await change(
      create(set({ Name: 'EXAMPLE.com.', TTL: 0 })),
      create(set({ Name: 't.example.com', Type: 'TXT' }, `"${'a'.repeat(255)}" "a \\" b"`, '""')),
      create(weighted('a'.repeat(128), 255, { Name: 'w.example.com' })),
      create(weighted('b', 0, { Name: 'w.example.com' })),
      create(set({ Name: 'f.example.com', SetIdentifier: 'a', Failover: 'PRIMARY', HealthCheckId: 'aaaa' })),
      create(alias({ Name: 'l.example.com', SetIdentifier: 'a', Failover: 'PRIMARY' })),
      create(set({ Name: 'six.example.com', Type: 'AAAA', TTL: 2_147_483_647 }, '2001:db8::1')),
    );
    expect(route53.sets()).toHaveLength(7);
  });
});

describe('the target of an alias', () => {
  const to = (DNSName: string, part: Partial<ResourceRecordSet> = {}, HostedZoneId = route53.zone) =>
    alias({ Name: 'l.example.com', AliasTarget: { HostedZoneId, DNSName, EvaluateTargetHealth: false }, ...part });
  const tried = (target: string, zone: string, type = 'A') =>
    `Tried to create an alias that targets ${target}., type ${type} in zone ${zone}, but`;
  const strange = 'the alias target name does not lie within the target zone';
  const missing = 'that target was not found';

  test('in the zone itself is there before, or comes before in the same batch', async () => {
    await change(create(set()), create(to('a.example.com')));
    await change(upsert(to('A.Example.com.')));
    expect(values()).toContain('l.example.com. A a.example.com.');
  });

  test('in the zone itself must not come after', async () => {
    await expect(change(create(to('a.example.com')), create(set()))).rejects.toMatchObject({
      name: 'InvalidChangeBatch',
      message: `[${tried('a.example.com', route53.zone)} ${missing}]`,
    });
    expect(values()).toEqual([]);
  });

  test('is of the type of the alias', async () => {
    await change(create(set()));
    await expect(change(create(to('a.example.com', { Type: 'AAAA' })))).rejects.toThrow(
      `[${tried('a.example.com', route53.zone, 'AAAA')} ${missing}]`,
    );
  });

  test('is in the zone that is named with it', async () => {
    await change(create(set()));
    const elsewhere = 'b.elb.example.net';
    const label = tried(elsewhere, route53.zone);
    await expect(change(create(to(elsewhere)))).rejects.toThrow(`[${label} ${strange}, ${label} ${missing}]`);
    await expect(change(create(to('a.example.com', {}, 'ZELB')))).rejects.toThrow(
      `[${tried('a.example.com', 'ZELB')} ${strange}]`,
    );
  });

  test('is not looked for when the alias is deleted', async () => {
    await change(create(set()), create(to('a.example.com')));
    await change(remove(set()), remove(to('a.example.com')));
    expect(values()).toEqual([]);
  });
});

describe('listing', () => {
  const names = ['b.example.com', 'a.b.example.com', 'a-b.example.com', 'example.com', 'a.example.com'];

  test('goes by reversed labels, by type, and on by identifier', async () => {
    const sets = [...names.map((Name) => set({ Name })), set({ Name: 'b.example.com', Type: 'TXT' }, '"x"')];
    await change(
      ...sets.map(create),
      ...['c', 'a', 'b'].map((id) => create(weighted(id, 1, { Name: 'w.example.com' }))),
    );
    const listed: string[] = [];
    let start: Partial<ListResourceRecordSetsCommandInput> | null = {};
    for (let pages = 0; start && pages < 20; pages += 1) {
      const page = await list({ ...start, MaxItems: 2 });
      for (const each of page.ResourceRecordSets ?? [])
        listed.push([each.Name, each.Type, each.SetIdentifier].filter(Boolean).join(' '));
      start = page.IsTruncated
        ? {
            StartRecordName: page.NextRecordName,
            StartRecordType: page.NextRecordType,
            StartRecordIdentifier: page.NextRecordIdentifier,
          }
        : null;
    }
    expect(listed).toEqual([
      'example.com. A',
      'a-b.example.com. A',
      'a.example.com. A',
      'b.example.com. A',
      'b.example.com. TXT',
      'a.b.example.com. A',
      'w.example.com. A a',
      'w.example.com. A b',
      'w.example.com. A c',
    ]);
  });

  test('echoes what was written, and has at most 300 sets in a page', async () => {
    const sets = [
      set({}, '192.0.2.2', '192.0.2.1'),
      alias({ Name: 'l.example.com' }),
      set({ Name: 't.example.com', Type: 'TXT' }, '"a & <b> \\"c\\""'),
    ];
    await change(...sets.map(create));
    const { ResourceRecordSets = [], IsTruncated } = await list({ MaxItems: 1_000 });
    expect(IsTruncated).toBe(false);
    expect(ResourceRecordSets[0]).toEqual(set({ Name: 'a.example.com.' }, '192.0.2.2', '192.0.2.1'));
    expect(ResourceRecordSets[1]?.AliasTarget?.DNSName).toBe('b.elb.example.net.');
    expect(ResourceRecordSets[2]?.ResourceRecords).toEqual([{ Value: '"a & <b> \\"c\\""' }]);
    await change(...ResourceRecordSets.map(remove));
    await change(...Array.from({ length: 301 }, (_, at) => create(set({ Name: `n${at}.example.com` }))));
    expect((await list({ MaxItems: 1_000 })).ResourceRecordSets).toHaveLength(300);
  });

  test('wants a name with a type, and knows one zone', async () => {
    await expect(list({ StartRecordType: 'A' })).rejects.toMatchObject({ name: 'InvalidInput' });
    await expect(list({ HostedZoneId: 'ZOTHER' })).rejects.toMatchObject({
      name: 'NoSuchHostedZone',
      message: 'No hosted zone found with ID: ZOTHER',
    });
  });
});

describe('a change', () => {
  test('is PENDING, and in sync when it is asked for', async () => {
    const { ChangeInfo } = await change(create(set()));
    expect(ChangeInfo).toMatchObject({ Status: 'PENDING', Id: expect.stringMatching(/^\/change\/C\w+$/) });
    const asked = await client.send(new GetChangeCommand({ Id: ChangeInfo?.Id }));
    expect(asked.ChangeInfo).toMatchObject({ Status: 'INSYNC', Id: ChangeInfo?.Id });
    await expect(client.send(new GetChangeCommand({ Id: 'C1' }))).rejects.toMatchObject({ name: 'NoSuchChange' });
  });

  test('stays PENDING, and is not in DNS, until it is settled where that was asked for', async () => {
    await close();
    await open({ syncsItself: false });
    const { ChangeInfo } = await change(create(set()));
    const status = async () => (await client.send(new GetChangeCommand({ Id: ChangeInfo?.Id }))).ChangeInfo?.Status;
    const resolver = new Resolver({ timeout: 1_000, tries: 1 });
    resolver.setServers([route53.dns]);
    expect(await status()).toBe('PENDING');
    await expect(resolver.resolve4('a.example.com')).rejects.toMatchObject({ code: 'ENOTFOUND' });
    route53.settle();
    expect(await status()).toBe('INSYNC');
    expect(await resolver.resolve4('a.example.com')).toEqual(['192.0.2.1']);
  });
});

describe('the stand-in', () => {
  test('refuses every other operation clearly', async () => {
    await expect(client.send(new ListHostedZonesCommand())).rejects.toMatchObject({
      name: 'NotImplemented',
      message: 'The stand-in knows no operation behind /2013-04-01/hostedzone.',
      $metadata: { httpStatusCode: 501 },
    });
  });

  test('takes five requests a second', async () => {
    await close();
    await open({ requestsPerSecond: 5 });
    for (let count = 0; count < 5; count += 1) await list();
    await expect(list()).rejects.toMatchObject({ name: 'Throttling', message: 'Rate exceeded' });
    nowMs = 1_000;
    await list();
  });

  test('wants a signature, for us-east-1', async () => {
    await close();
    await open({}, 'eu-central-1');
    await expect(list()).rejects.toMatchObject({ name: 'SignatureDoesNotMatch' });
    const response = await fetch(`${route53.url}/2013-04-01/hostedzone/${route53.zone}/rrset`);
    expect(await response.text()).toContain('<Code>MissingAuthenticationToken</Code>');
  });

  test.each([
    ['throttle', { name: 'Throttling', $metadata: { httpStatusCode: 400 } }],
    ['busy', { name: 'PriorRequestNotComplete', $metadata: { httpStatusCode: 400 } }],
    ['error', { name: 'InternalFailure', $metadata: { httpStatusCode: 500 } }],
    ['forbid', { name: 'AccessDenied', $metadata: { httpStatusCode: 403 } }],
    ['expired', { name: 'ExpiredToken', $metadata: { httpStatusCode: 403 } }],
    ['drop', { message: expect.stringContaining('socket hang up') }],
  ] as const)('plays "%s" on request, and changes nothing then', async (fault, expected) => {
    route53.order('ChangeResourceRecordSets', fault);
    await expect(change(create(set()))).rejects.toMatchObject(expected);
    expect(route53.sets()).toEqual([]);
    await change(create(set()));
  });

  test('can make a change and drop its answer', async () => {
    route53.order('ChangeResourceRecordSets', 'take-and-drop');
    await expect(change(create(set()))).rejects.toThrow('socket hang up');
    expect(route53.sets()).toHaveLength(1);
  });
});
