import { describe, expect, test } from '@jest/globals';
import { requireSecrets } from '../../../cli/credentials.ts';
import { type Config, configSchema } from '../../../core/model/config.ts';
import { configProblems } from '../../../core/model/configRules.ts';
import { canonicalValue, dns, serverAddress } from '../../../core/model/targets/dns.ts';

const values = { beijing: ['10.0.1.10', '10.0.1.11'], shanghai: ['10.0.2.10'] };
const target = {
  server: '10.0.0.53',
  zone: 'example.com',
  record: 'amqp.example.com',
  values,
  key: { name: 'warren', secret: 'env:DNS_KEY' },
};
const site = (host: string) => ({ nodes: [{ name: host, amqp: `amqp://${host}` }], probeCredentials: 'env:PROBE' });
const sites = { beijing: site('bj'), shanghai: site('sh') };
const pair = { name: 'trading', primary: 'beijing', standby: 'shanghai', sites };

function parse(...targets: object[]): Config {
  return configSchema.parse({ version: 1, pairs: [{ ...pair, targets: targets.map((each) => ({ dns: each })) }] });
}

function complaints(...targets: object[]): string[] {
  const lines = configProblems(parse(...targets).pairs).map((problem) => {
    return `${problem.path}: got ${problem.value}, expected ${problem.expected}`;
  });
  return lines.map((line) => line.replace('pairs[0].targets[0].dns.', ''));
}

describe('the configuration of a DNS target', () => {
  test('has defaults, and names in one spelling', () => {
    expect(dns.schema.parse({ ...target, zone: 'Example.COM.', record: 'AMQP.example.com.' })).toMatchObject({
      zone: 'example.com',
      record: 'amqp.example.com',
      type: 'A',
      ttlMs: 30_000,
      key: { algorithm: 'hmac-sha256' },
    });
    expect(complaints(target)).toEqual([]);
  });

  test.each([
    ['dns1', { host: 'dns1', port: 53 }],
    ['DNS1:5353', { host: 'dns1', port: 5_353 }],
    ['[2001:db8::53]', { host: '2001:db8::53', port: 53 }],
    ['[2001:db8::53]:5353', { host: '2001:db8::53', port: 5_353 }],
  ])('%s is an address', (server, address) => {
    expect(serverAddress(dns.schema.parse({ ...target, server }).server)).toEqual(address);
  });

  test.each(['', 'host:', 'two words', 'http://host', '2001:db8::53'])('%j is no address', (server) => {
    expect(dns.schema.safeParse({ ...target, server }).success).toBe(false);
  });

  test.each<[string, object, string[]]>([
    [
      'a record outside the zone',
      { record: 'amqp.badexample.com' },
      ['record: got "amqp.badexample.com", expected a name within example.com'],
    ],
    [
      'a record that leaves no room for the marker',
      { record: `${'a234567890.'.repeat(22)}example.com` },
      ['expected at most 240 characters'],
    ],
    [
      'a port that cannot be',
      { server: 'host:99999' },
      ['server: got "host:99999", expected a port between 1 and 65535'],
    ],
    ['a TTL below a second', { ttl: '1500ms' }, ['ttl: got 1500ms, expected whole seconds, from 1s to 1d']],
    ['no TTL', { ttl: '0s' }, ['ttl: got 0s, expected whole seconds, from 1s to 1d']],
    [
      'one site without values, and a strange one',
      { values: { beijing: ['10.0.1.10'], tianjin: ['10.0.3.10'] } },
      [
        'values: got no values of shanghai, expected values of both sites',
        'values.tianjin: got a site this pair does not have, expected beijing or shanghai',
      ],
    ],
    [
      'a value of both sites, and one that is no address',
      { values: { beijing: ['10.0.1.10', '10.0.1.256'], shanghai: ['10.0.1.10'] } },
      [
        'values.beijing[1]: got "10.0.1.256", expected an IPv4 address',
        'values.shanghai[0]: got "10.0.1.10", expected another value than that of values.beijing[0]',
      ],
    ],
    [
      'the same IPv6 address in two spellings',
      { type: 'AAAA', values: { beijing: ['2001:db8::1'], shanghai: ['2001:DB8:0:0::1', '10.0.0.1'] } },
      [
        'values.shanghai[0]: got "2001:db8::1", expected another value than that of values.beijing[0]',
        'values.shanghai[1]: got "10.0.0.1", expected an IPv6 address',
      ],
    ],
    [
      'a CNAME with two names, one of them its own',
      { type: 'CNAME', values: { beijing: ['bj.example.com', 'AMQP.example.com.'], shanghai: ['sh example'] } },
      [
        'values.beijing: got 2 values, expected one: a CNAME has one',
        'values.beijing[1]: got "AMQP.example.com.", expected another name than that of the record',
        'values.shanghai[0]: got "sh example", expected a domain name',
      ],
    ],
    [
      'a CNAME where the zone begins',
      { type: 'CNAME', record: 'example.com', values: { beijing: ['a.example.net'], shanghai: ['b.example.net'] } },
      ['type: got CNAME, expected A or AAAA, because the record is the zone itself'],
    ],
  ])('%s is a problem', (_, change, expected) => {
    const found = complaints({ ...target, ...change });
    expect(found).toHaveLength(expected.length);
    expected.forEach((line, index) => {
      expect(found[index]).toContain(line);
    });
  });

  test('one name is steered once; its two families of addresses are two targets', () => {
    const six = { ...target, type: 'AAAA', values: { beijing: ['2001:db8::1'], shanghai: ['2001:db8::2'] } };
    const name = { ...target, type: 'CNAME', values: { beijing: ['a.example.net'], shanghai: ['b.example.net'] } };
    expect(complaints(target, six)).toEqual([]);
    expect(complaints({ ...target, server: '10.0.0.53:53' }, target, name)).toEqual([
      expect.stringMatching(/^pairs\[0\]\.targets\[1\]\.dns: .* expected another value than that of pairs\[0\]/),
      expect.stringMatching(/^pairs\[0\]\.targets\[2\]\.dns: /),
    ]);
  });

  test('a value in one spelling is its own', () => {
    for (const [type, value] of [
      ['A', '10.0.0.1'],
      ['AAAA', '2001:db8::ffff:1'],
      ['CNAME', 'a.example.net'],
    ] as const)
      expect(canonicalValue(type, value)).toBe(value);
  });
});

describe('the key of a DNS target', () => {
  const secret = Buffer.alloc(32, 1).toString('base64');
  const required = (text?: string) => {
    const environment = { PROBE: 'user:password', ...(text === undefined ? {} : { DNS_KEY: text }) };
    return requireSecrets(parse(target), { configPath: 'warren.yaml', environment });
  };

  test('is needed at the start', async () => {
    await expect(required(secret)).resolves.toBeUndefined();
    await expect(required()).rejects.toThrow(
      'pairs[0].targets[0].dns.key.secret: env:DNS_KEY: this environment variable is not set',
    );
  });

  test('is never told when it is of no use', async () => {
    for (const [text, problem] of [
      ['hunter2!', 'is not base64'],
      ['aHVudGVyMg==', 'is shorter than 16 bytes'],
    ] as const) {
      const error = await required(text).catch((thrown: Error) => thrown.message);
      expect(error).toContain(`env:DNS_KEY: the secret of the key ${problem}`);
      expect(error).not.toContain(text);
    }
  });
});
