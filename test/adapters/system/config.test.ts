import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { configJsonSchema, type JsonSchema } from '../../../adapters/system/configSchema.ts';
import { exampleConfig } from '../../../adapters/system/exampleConfig.ts';
import { ConfigError, loadConfig, parseConfig } from '../../../adapters/system/loadConfig.ts';
import { formatStore } from '../../../core/model/storeConfig.ts';

const pair = {
  name: 'trading',
  primary: 'beijing',
  standby: 'shanghai',
  sites: {
    beijing: { nodes: [{ name: 'rabbit@bj1', amqp: 'amqp://10.0.1.1' }], probeCredentials: 'env:BEIJING' },
    shanghai: { nodes: [{ name: 'rabbit@sh1', amqp: 'amqp://10.0.2.1' }], probeCredentials: 'env:SHANGHAI' },
  },
  targets: [
    { haproxy: { address: '127.0.0.1:9999', backend: 'amqp', servers: { beijing: ['bj1'], shanghai: ['sh1'] } } },
  ],
};
const small = { version: 1, pairs: [pair] };

/** The lines of the error that a text gives, without the first. */
function complaints(input: unknown): string[] {
  try {
    parseConfig(typeof input === 'string' ? input : stringify(input), 'warren.yaml');
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message
      .split('\n')
      .slice(1)
      .map((line) => line.trim());
  }
}

describe('what is wrong is said by path, value and expectation', () => {
  test.each<[string, object, string]>([
    [
      'a duration',
      { probe: { every: '5 sec' } },
      'pairs[0].probe.every: got "5 sec", expected a duration such as 500ms, 5s, 2m or 1h',
    ],
    [
      'a number where a duration belongs',
      { probe: { every: 5 } },
      'pairs[0].probe.every: got 5, expected a duration such as 500ms, 5s, 2m or 1h',
    ],
    [
      'a choice',
      { failover: { mode: 'auto' } },
      'pairs[0].failover.mode: got "auto", expected observe or approve or automatic',
    ],
    [
      'a misspelt key',
      { probe: { recheckk: '1s' } },
      'pairs[0].probe.recheckk: got an unknown key, expected one of every, recheck, fullEvery, timeout, fall, rise, minNodes, alarmsAfter, metadataStalledAfter; did you mean recheck?',
    ],
    [
      'a union',
      { failover: { quorum: 'most' } },
      'pairs[0].failover.quorum: got "most", expected majority or a number',
    ],
    ['too little', { probe: { fall: 0 } }, 'pairs[0].probe.fall: got 0, expected at least 1'],
    ['an empty list', { targets: [] }, 'pairs[0].targets: got an empty list, expected at least one target'],
    ['a list for a mapping', { probe: [] }, 'pairs[0].probe: got an empty list, expected a mapping'],
  ])('%s', (_, change, line) => {
    expect(complaints({ ...small, pairs: [{ ...pair, ...change }] })).toEqual([line]);
  });

  const asStore = 'expected the path of a file, or dynamodb:STATE_TABLE,HISTORY_TABLE[@REGION]';
  test.each([
    ['', 'got "", expected text that is not empty'],
    ['dynamodb:warren-state', `got "dynamodb:warren-state", ${asStore}`],
    ['dynamodb:warren-state@eu-west-1', `got "dynamodb:warren-state@eu-west-1", ${asStore}`],
    ['dynamodb:warren-state,warren-history@Ireland', `got "dynamodb:warren-state,warren-history@Ireland", ${asStore}`],
    ['dynamodb:warren,warren', `got "dynamodb:warren,warren", ${asStore}`],
    ['dynamo:warren-state,warren-history', `got "dynamo:warren-state,warren-history", ${asStore}`],
    ['dynamodb://user:hunter2@tables', `got (hidden), ${asStore}`],
  ])('the store %j', (store, complaint) => {
    expect(complaints({ ...small, store })).toEqual([`store: ${complaint}`]);
  });

  test('a key that is missing, and an empty file', () => {
    const { standby: _, ...rest } = pair;
    expect(complaints({ ...small, pairs: [rest] })[0]).toMatch(/^pairs\[0\]\.standby: got nothing, expected text/);
    expect(complaints('')).toEqual(['(file): got nothing, expected a mapping']);
  });

  test('all problems come at once: of the schema, and of rules across keys in the pairs that parse', () => {
    const broken = { ...pair, probe: { fall: 0 } };
    const contradictory = { ...pair, name: 'billing', standby: 'beijing' };
    const lines = complaints({ version: 1, stor: 'x', pairs: [broken, contradictory] });
    expect(lines.map((line) => line.split(':')[0])).toEqual([
      'pairs[0].probe.fall',
      'stor',
      'pairs[1].standby',
      'pairs[1].sites.shanghai',
    ]);
  });

  test('YAML mistakes come with line and column', () => {
    expect(complaints('version: 1\nstore: a\nstore: b\n')).toEqual([
      'line 3:1: got the key store a second time, expected each key once',
    ]);
    expect(complaints('version: 1\nstore: "a\nfleet: {}\n')[0]).toMatch(
      /^line 4:1: got a YAML error \(Missing closing "quote/,
    );
  });

  test('a file that is missing or cannot be read is named', () => {
    expect(() => loadConfig('/nowhere/warren.yaml')).toThrow(/^\/nowhere\/warren\.yaml: 1 problem\n.*got no such file/);
    expect(() => loadConfig(tmpdir())).toThrow(/cannot be read \(EISDIR\)/);
  });
});

describe('secrets never appear in a complaint', () => {
  const secret = 'hunter2';
  const sites = (change: object) => ({
    ...small,
    pairs: [{ ...pair, sites: { ...pair.sites, beijing: { ...pair.sites.beijing, ...change } } }],
  });
  test.each<[string, unknown]>([
    ['written instead of a reference', sites({ probeCredentials: secret })],
    ['of another type', sites({ operatorCredentials: { username: 'x', password: secret } })],
    ['in a URL', sites({ nodes: [{ name: 'a', amqp: `amqp://user:${secret}@10.0.1.1` }] })],
    ['in a broken URL', sites({ nodes: [{ name: 'a', amqp: `amqp//user:${secret}@10.0.1.1` }] })],
    ['in a reference URL', { ...small, pairs: [{ ...pair, reference: [`https://u:${secret}@example.com`] }] }],
    ['below an unknown key', { ...small, password: secret }],
    ['in a YAML error', `password: "${secret}\nversion: 1`],
    ['in a misplaced scalar', `a: |${secret}\n b`],
    ['as an alias', `a: *${secret}`],
    ['as a tag', `a: !${secret} x`],
  ])('%s', (_, input) => {
    const lines = complaints(input);
    expect(lines).not.toEqual([]);
    expect(lines.join('\n')).not.toContain(secret);
  });
});

test('a sound file is loaded from disk, as YAML or as JSON, with defaults filled in', () => {
  const folder = mkdtempSync(join(tmpdir(), 'warren-config-'));
  for (const text of [stringify(small), JSON.stringify(small)]) {
    const path = join(folder, 'warren.yaml');
    writeFileSync(path, text);
    expect(loadConfig(path)).toMatchObject({
      store: { kind: 'file', path: 'warren.db' },
      pairs: [{ probe: { everyMs: 5_000 } }],
    });
  }
  rmSync(folder, { recursive: true });
});

describe('the store', () => {
  test.each([
    ['data/warren.db', { kind: 'file', path: 'data/warren.db' }],
    ['./dynamodb:warren.db', { kind: 'file', path: './dynamodb:warren.db' }],
    [
      'dynamodb:warren-state,warren-history',
      { kind: 'dynamodb', stateTable: 'warren-state', historyTable: 'warren-history' },
    ],
    [
      'dynamodb:eu.state,eu.history@us-gov-west-1',
      { kind: 'dynamodb', stateTable: 'eu.state', historyTable: 'eu.history', region: 'us-gov-west-1' },
    ],
  ])('%j is understood, and said again in the same words', (text, store) => {
    const read = parseConfig(stringify({ ...small, store: text }), 'warren.yaml').store;
    expect(read).toEqual(store);
    expect(formatStore(read)).toBe(text);
  });
});

describe('the example that `warren init` writes', () => {
  const example = parseConfig(exampleConfig(), 'warren.yaml');
  const defaults = parseConfig(stringify(small), 'warren.yaml');

  test('is valid, acts on nothing, and shows the defaults', () => {
    const [shown, plain] = [example.pairs[0], defaults.pairs[0]];
    expect(shown?.failover).toEqual(plain?.failover);
    expect(shown?.probe).toEqual(plain?.probe);
    expect(example.fleet).toEqual(defaults.fleet);
    expect(example.store).toEqual(defaults.store);
    for (const key of ['reference', 'vantages'] as const) expect(shown?.[key]).toEqual(plain?.[key]);
    expect(shown?.sites.beijing?.fenceUsers).toEqual([]);
    expect(shown?.failover.mode).toBe('observe');
  });

  test('shows every key the schema knows', () => {
    const keysOf = (schema: JsonSchema | boolean | undefined): string[] => {
      if (typeof schema !== 'object') return [];
      const own = Object.entries(schema.properties ?? {}).flatMap(([key, below]) => [key, ...keysOf(below)]);
      return [...own, ...keysOf(schema.items), ...keysOf(schema.additionalProperties)];
    };
    const keys = keysOf(configJsonSchema());
    expect(keys).toContain('metadataStalledAfter');
    expect(keys.filter((key) => !new RegExp(`\\b${key}:`).test(exampleConfig()))).toEqual([]);
  });

  test('has a comment above or beside every option of probe and failover', () => {
    const lines = exampleConfig().split('\n');
    const bare = lines.filter((line, index) => /^ {6}\w+: /.test(line) && !lines[index - 1]?.includes('#'));
    expect(bare.filter((line) => !/beijing|shanghai/.test(line))).toEqual([]);
  });
});
