import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from '@jest/globals';
import { parseConfig } from '../../adapters/system/loadConfig.ts';
import { resolveSecret } from '../../adapters/system/secret.ts';
import { labConfig, labEnvironment } from '../../cli/labConfig.ts';
import { createPlace, unreachableConfig } from './command.ts';

const place = createPlace();
afterAll(() => place.remove());

describe('init', () => {
  test('writes a configuration that is valid and acts on nothing', async () => {
    expect((await place.run(['init', 'new.yaml'])).code).toBe(0);
    const { code, stdout } = await place.run(['validate', '--config', 'new.yaml']);
    expect(code).toBe(0);
    expect(stdout).toBe('new.yaml is valid: 1 pair (trading: observe).\n');
  });

  test('does not replace a file unless it is forced to', async () => {
    place.write('mine.yaml', '# mine');
    const { code, stderr } = await place.run(['init', 'mine.yaml']);
    expect({ code, stderr }).toEqual({ code: 3, stderr: 'warren: mine.yaml is there already; --force replaces it.\n' });
    expect(readFileSync(place.path('mine.yaml'), 'utf8')).toBe('# mine');
    expect((await place.run(['init', 'mine.yaml', '--force'])).code).toBe(0);
  });

  test('says so when it cannot write', async () => {
    const { code, stderr } = await place.run(['init', 'no-such-folder/new.yaml']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^warren: no-such-folder\/new.yaml cannot be written: .*\n$/);
  });
});

describe('validate', () => {
  const broken = unreachableConfig({ failover: '{ mode: fast }', more: 'probe: { evry: 5s }' }).replace(
    'standby: shanghai',
    'standby: Shanghai!',
  );

  test('reports every problem at once, with its path', async () => {
    place.write('broken.yaml', broken);
    const { code, stdout, stderr } = await place.run(['validate', '--config', 'broken.yaml']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    for (const path of ['pairs[0].standby', 'pairs[0].failover.mode', 'pairs[0].probe.evry'])
      expect(stderr).toContain(path);
  });

  test('reports them as JSON', async () => {
    place.write('broken.yaml', broken);
    const { code, stdout } = await place.run(['validate', '--config', 'broken.yaml', '--json']);
    expect(code).toBe(2);
    const { valid, problems } = JSON.parse(stdout);
    expect(valid).toBe(false);
    expect(problems).toHaveLength(3);
    expect(problems[0]).toEqual({ path: expect.any(String), value: expect.any(String), expected: expect.any(String) });
  });

  test('says so when there is no file', async () => {
    const { code, stderr } = await place.run(['validate', '--config', 'nowhere.yaml']);
    expect(code).toBe(2);
    expect(stderr).toContain('no such file');
  });

  test('prints the JSON Schema', async () => {
    const { code, stdout } = await place.run(['validate', '--schema']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).$schema).toContain('json-schema.org');
  });
});

describe("the lab's configuration", () => {
  test.each([1, 3] as const)('is valid with %d nodes per site', (nodesPerSite) => {
    const [pair] = parseConfig(labConfig({ nodesPerSite }), 'lab').pairs;
    expect(pair?.failover).toMatchObject({ mode: 'automatic', quorum: 1, cooldownMs: 30_000 });
    expect(pair?.sites.beijing?.nodes).toHaveLength(nodesPerSite);
    expect(pair?.endpoint).toBe('amqp://127.0.9.1:5672');
  });

  test('takes keys of probe and failover one by one', () => {
    const text = labConfig({ nodesPerSite: 1, probe: { fall: 2 }, failover: { cooldown: '1s' }, storePath: '/x/y.db' });
    const { store, pairs } = parseConfig(text, 'lab');
    expect(store).toEqual({ kind: 'file', path: '/x/y.db' });
    expect(pairs[0]?.probe).toMatchObject({ fall: 2, rise: 5 });
    expect(pairs[0]?.failover).toMatchObject({ cooldownMs: 1_000, mode: 'automatic' });
  });

  test('refers to secrets that its environment holds', async () => {
    const [pair] = parseConfig(labConfig({ nodesPerSite: 1 }), 'lab').pairs;
    const reference = pair?.sites.beijing?.probeCredentials ?? '';
    expect(await resolveSecret(reference, labEnvironment())).toMatchObject({ username: 'probe' });
  });
});
