import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { isSwitchedOff, readSettings, SettingsError } from '../../../lambdas/shared/settings.ts';
import { vantagesOf } from '../../../lambdas/watch/vantage.ts';

const folder = mkdtempSync(join(tmpdir(), 'warren-settings-'));
afterAll(() => rmSync(folder, { recursive: true }));

const site = (name: string) => ({ nodes: [{ name, amqp: `amqp://${name}` }], probeCredentials: 'env:PROBE' });
const pair = {
  name: 'demo',
  primary: 'beijing',
  standby: 'shanghai',
  sites: { beijing: site('bj1'), shanghai: site('sh1') },
  targets: [
    { haproxy: { address: '127.0.0.1:9999', backend: 'amqp', servers: { beijing: ['bj1'], shanghai: ['sh1'] } } },
  ],
};

function environmentWith(change: object, file: unknown = { version: 1, pairs: [{ ...pair, ...change }] }) {
  writeFileSync(join(folder, 'warren.json'), typeof file === 'string' ? file : JSON.stringify(file));
  return { LAMBDA_TASK_ROOT: folder, WARREN_STATE_TABLE: 'state', WARREN_HISTORY_TABLE: 'history' };
}

describe('the environment of a function', () => {
  test('names the tables, and the configuration beside the bundle', () => {
    const environment = environmentWith({});
    expect(readSettings(environment)).toMatchObject({
      config: { pairs: [{ name: 'demo', probe: { everyMs: 5_000 } }] },
      configPath: join(folder, 'warren.json'),
      stateTable: 'state',
      vantage: undefined,
      storeRegion: undefined,
    });
    expect(readSettings({ ...environment, WARREN_CONFIG: './warren.json', WARREN_VANTAGE: 'here' }).vantage).toBe(
      'here',
    );
  });

  test.each([
    [{ WARREN_STATE_TABLE: '' }, 'The environment variable WARREN_STATE_TABLE is not set.'],
    [{ WARREN_CONFIG: 'none.json' }, 'none.json cannot be read as JSON (ENOENT).'],
  ])('without %j is refused', (change, sentence) => {
    expect(() => readSettings({ ...environmentWith({}), ...change })).toThrow(SettingsError);
    expect(() => readSettings({ ...environmentWith({}), ...change })).toThrow(sentence);
  });

  test.each([
    ['{ "password": hunter2', 'cannot be read as JSON (a mistake in it)'],
    [{ version: 1, pairs: [{ ...pair, standby: 'hunter2' }] }, 'is no valid configuration: pairs[0].sites.shanghai'],
    [{ version: 1, pairs: [{ ...pair, targets: 'hunter2' }] }, 'is no valid configuration: pairs.0.targets.'],
  ])('with a configuration that is none is refused, and repeats nothing of it', (file, sentence) => {
    const read = () => readSettings(environmentWith({}, file));
    expect(read).toThrow(sentence);
    expect(read).not.toThrow('hunter2');
  });

  test('has the kill switch', () => {
    expect(isSwitchedOff({ environment: {} })).toBe(false);
    expect(isSwitchedOff({ environment: { WARREN_OBSERVE: '1' } })).toBe(true);
  });
});

describe('the vantage that a function is', () => {
  const canary = [{ alarm: 'a', site: 'beijing', does: 'vote', vantage: 'canary' }];
  const named = (change: object, given?: string) => {
    const { config } = readSettings(environmentWith(change));
    return vantagesOf(config, given);
  };

  test('is the one it was told, or the only one that probes', () => {
    expect(named({})).toEqual(['function']);
    expect(named({}, 'here')).toEqual(['here']);
    expect(named({ vantages: ['here', 'there'] }, 'there')).toEqual(['there']);
    expect(named({ vantages: ['here', 'canary'], alarms: canary })).toEqual(['here']);
  });

  test.each<[object, string | undefined, string]>([
    [{ vantages: ['here', 'there'] }, undefined, 'say in WARREN_VANTAGE which one this is (here, there)'],
    [{ vantages: ['here'] }, 'moon', 'has no vantage "moon" that probes. The configuration has: here.'],
    [{ vantages: ['here', 'canary'], alarms: canary }, 'canary', 'has no vantage "canary" that probes'],
  ])('is refused when it cannot be told: %j as %s', (change, given, sentence) => {
    expect(() => named(change, given)).toThrow(sentence);
  });
});
