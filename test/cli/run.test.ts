import { existsSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { createPlace, probeEnvironment, type Running, unreachableConfig } from './command.ts';

const place = createPlace();
let running: Running | undefined;
afterEach(() => {
  running?.child.kill('SIGKILL');
});
afterAll(() => place.remove());

function start(words: string[] = [], environment: Record<string, string> = probeEnvironment): Running {
  running = place.start(['run', ...words], environment);
  return running;
}

function events(text: string): { kind: string; sentence: string; data: Record<string, unknown> }[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

describe('run refuses to start, and leaves nothing behind,', () => {
  test('without a configuration', async () => {
    const { code, stderr } = await start(['--config', 'nowhere.yaml']).ended;
    expect(code).toBe(2);
    expect(stderr).toContain('no such file');
  });

  test('when a secret cannot be had, naming each', async () => {
    place.write('warren.yaml', unreachableConfig());
    const { code, stderr } = await start([], {}).ended;
    expect(code).toBe(2);
    expect(stderr).toContain(
      'pairs[0].sites.beijing.probeCredentials: env:PROBE: this environment variable is not set',
    );
    expect(stderr).toContain('pairs[0].sites.shanghai.probeCredentials');
    expect(existsSync(place.path('warren.db'))).toBe(false);
  });

  test('as a vantage that the configuration does not know', async () => {
    place.write('vantages.yaml', unreachableConfig({ more: 'vantages: [here, there]' }));
    const unnamed = await start(['--config', 'vantages.yaml']).ended;
    expect({ code: unnamed.code, stderr: unnamed.stderr }).toEqual({
      code: 2,
      stderr: 'warren: Pair demo is watched by several vantages: say with --vantage which one this is (here, there).\n',
    });
    const unknown = await start(['--config', 'vantages.yaml', '--vantage', 'moon']).ended;
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toBe('warren: Pair demo has no vantage "moon". The configuration has: here, there.\n');
  });

  test('on a store that is no store', async () => {
    place.write('warren.yaml', unreachableConfig());
    place.write('text.db', 'This is not a database, but it is long enough to look like a file with something in it.');
    const { code, stdout, stderr } = await start(['--store', 'text.db']).ended;
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^warren: .*text.db: is not a Warren store.*\n$/);
  });

  test('on a store that a newer version wrote', async () => {
    place.write('warren.yaml', unreachableConfig());
    const database = new DatabaseSync(place.path('newer.db'));
    database.exec('pragma user_version = 4711');
    database.close();
    const { code, stdout, stderr } = await start(['--store', 'newer.db']).ended;
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('written by a newer Warren');
  });
});

describe('run, with nothing that answers,', () => {
  test('keeps going, says what it sees, and ends promptly and in order when asked', async () => {
    place.write('warren.yaml', unreachableConfig());
    const service = start(['--json', '--store', 'quiet.db']);
    await service.untilPrinted('"reason":"targets-unreadable"');
    await service.untilPrinted('beijing is down');
    const askedAtMs = performance.now();
    service.child.kill('SIGINT');
    const { code, stdout, stderr } = await service.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(performance.now() - askedAtMs).toBeLessThan(5_000);
    const told = events(stdout);
    expect(told[0]).toMatchObject({ kind: 'service', data: { mode: 'automatic', quorum: 1, vantage: 'local' } });
    expect(told.at(-1)?.sentence).toBe('Stopped. Traffic stays where it is.');
    expect(stdout).not.toContain('a-secret-password');
    expect(existsSync(place.path('quiet.db-wal'))).toBe(false);
  }, 30_000);

  test('prints sentences with their time', async () => {
    place.write('warren.yaml', unreachableConfig({ failover: '{}' }));
    const service = start(['--store', 'sentences.db']);
    await service.untilPrinted('Where traffic goes is unknown');
    service.child.kill('SIGTERM');
    const { code, stdout } = await service.ended;
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d Watching demo as local: .*mode observe, quorum majority/);
    expect(stdout).not.toContain('\u001b');
  }, 30_000);

  test('obeys the kill switch, and says when it is switched', async () => {
    const file = place.write('warren.observe', '');
    place.write('warren.yaml', unreachableConfig());
    const service = start(['--store', 'switch.db']);
    await service.untilPrinted('The kill switch is on: nothing is acted on.');
    rmSync(file);
    await service.untilPrinted('The kill switch is off again.');
    service.child.kill('SIGTERM');
    expect((await service.ended).code).toBe(0);
  }, 30_000);

  test('ends when the launcher that started it is gone', async () => {
    place.write('warren.yaml', unreachableConfig());
    const service = start(['--store', 'channel.db']);
    await service.untilPrinted('Watching demo');
    service.child.disconnect();
    expect((await service.ended).stdout).toContain('Stopped.');
  }, 30_000);
});
