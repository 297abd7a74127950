import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { openSqliteStore } from '../../adapters/sqlite/store.ts';
import type { FleetRecord, Latch, PairRecord } from '../../core/model/record.ts';
import { newPairRecord } from '../../core/model/record.ts';
import { operation } from '../support/situation.ts';
import { createPlace, unreachableConfig } from './command.ts';

const place = createPlace();
place.write('warren.yaml', unreachableConfig());
afterAll(() => place.remove());

let storeName = '';
let stores = 0;
beforeEach(() => {
  stores += 1;
  storeName = `store-${stores}.db`;
});

async function stored(change: Partial<PairRecord>): Promise<void> {
  const store = openSqliteStore(place.path(storeName));
  await store.writePair({ ...newPairRecord('demo'), desired: 'shanghai', epoch: 2, ...change });
  await store.close();
}

async function readBack(): Promise<PairRecord | undefined> {
  const store = openSqliteStore(place.path(storeName));
  const record = await store.readPair('demo');
  await store.close();
  return record;
}

async function readFleet(): Promise<FleetRecord> {
  const store = openSqliteStore(place.path(storeName));
  const fleet = await store.readFleet();
  await store.close();
  return fleet;
}

const run = (...words: string[]) => place.run([...words, '--store', storeName]);
const latch: Latch = { because: 'failover', epoch: 2, sinceMs: 1, reason: 'beijing is down' };

describe('ack', () => {
  test('releases the latch and the cooldown, and asks for fresh evidence', async () => {
    await stored({ latch, cooldownUntilMs: Date.now() + 60_000, evidenceGeneration: 4 });
    const { code, stdout } = await run('ack', 'demo', '--reason', 'checked');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Acknowledged: demo/);
    expect(await readBack()).toMatchObject({ latch: null, cooldownUntilMs: null, evidenceGeneration: 5, epoch: 2 });
  });

  test('says so when there is nothing to acknowledge', async () => {
    await stored({});
    const { code, stdout } = await run('ack', 'demo', '--reason', 'checked');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^There is nothing to acknowledge/);
    expect((await readBack())?.version).toBe(1);
  });

  test('wants a reason that says something', async () => {
    await stored({ latch });
    expect((await run('ack', 'demo', '--reason', '  ')).code).toBe(2);
    expect((await readBack())?.latch).toEqual(latch);
  });

  test('is refused while an operation is under way', async () => {
    await stored({ latch, operation: operation('committed') });
    const { code, stderr } = await run('ack', 'demo', '--reason', 'checked');
    expect({ code, stderr }).toEqual({
      code: 3,
      stderr: 'warren: Operation 2 of demo is committed: wait until it is over.\n',
    });
  });

  test('adopts nothing while a target cannot be read', async () => {
    await stored({});
    const { code, stderr } = await run('ack', 'demo', '--adopt', '--reason', 'it was me');
    expect(code).toBe(3);
    expect(stderr).toBe('warren: A target cannot be read, so whether it deviates is unknown.\n');
    expect((await readBack())?.driftAnswer).toBeNull();
  });

  test('does not adopt and restore at once', async () => {
    expect((await run('ack', 'demo', '--adopt', '--restore', '--reason', 'both')).code).toBe(2);
  });
});

describe('retry', () => {
  test('lets a stalled operation try again', async () => {
    await stored({ operation: operation('stalled') });
    const { code, stdout } = await run('retry', 'demo', '--reason', 'mended');
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: 'Operation 2 of demo tries again as soon as the service takes it over.\n',
    });
    expect((await readBack())?.operation).toMatchObject({ phase: 'claimed', holder: '' });
  });

  test('is refused when none is stalled', async () => {
    await stored({ operation: operation('claimed') });
    const { code, stderr } = await run('retry', 'demo', '--reason', 'mended');
    expect({ code, stderr }).toEqual({ code: 3, stderr: 'warren: No operation of demo is stalled.\n' });
  });
});

describe('pause, resume and maintenance', () => {
  test('a pause has an owner, a reason and an end, and resuming asks for fresh evidence', async () => {
    await stored({});
    const paused = await run('pause', 'demo', '--reason', 'broker upgrade', '--for', '2h', '--who', 'alice');
    expect(paused).toMatchObject({ code: 0, stderr: '' });
    expect(paused.stdout).toMatch(/^Paused by alice until .*: broker upgrade\.\n$/);
    expect(await readBack()).toMatchObject({
      pause: { owner: 'alice', reason: 'broker upgrade' },
      evidenceGeneration: 0,
    });
    expect((await run('resume', 'demo', '--reason', 'done')).stdout).toMatch(/^demo is resumed/);
    expect(await readBack()).toMatchObject({ pause: null, evidenceGeneration: 1 });
    expect((await run('resume', 'demo', '--reason', 'done')).stdout).toBe('demo is not paused.\n');
  });

  test('maintenance of a site begins and ends', async () => {
    await stored({});
    await run('maintenance', 'demo', 'beijing', '--reason', 'new disks', '--for', '30m');
    expect(Object.keys((await readBack())?.maintenance ?? {})).toEqual(['beijing']);
    expect((await run('maintenance', 'demo', 'beijing', '--end', '--reason', 'done')).stdout).toMatch(
      /^The maintenance of beijing is over/,
    );
    expect((await readBack())?.maintenance).toEqual({});
  });

  test.each([
    [['pause', 'demo', '--reason', 'x', '--for', 'soon'], /--for: got "soon", expected a duration such as 30m or 2h/],
    [['pause', 'demo', '--reason', 'x', '--for', '4d'], /--for: got "4d", .* at most 3d/],
    [['pause', 'demo', '--reason', ' ', '--for', '1h'], /The reason is empty/],
    [
      ['maintenance', 'demo', 'tianjin', '--reason', 'x', '--for', '1h'],
      /no site "tianjin", only beijing and shanghai/,
    ],
    [['maintenance', 'demo', 'beijing', '--for', '1h'], /Maintenance needs --reason and --for/],
    [['maintenance', 'demo', 'beijing', '--end'], /Maintenance needs --reason and --for/],
    [['pause', '--reason', 'x', '--for', '1h'], /Name one pair, or say --all/],
    [['pause', 'demo', '--all', '--reason', 'x', '--for', '1h'], /Name one pair, or say --all/],
    [['resume', 'demo'], /required option '--reason <text>' not specified/],
  ])('%j is refused as bad input, and changes nothing', async (words, complaint) => {
    await stored({});
    const { code, stderr } = await run(...words);
    expect(code).toBe(2);
    expect(stderr).toMatch(complaint);
    expect((await readBack())?.version).toBe(1);
  });
});

describe('a pause of all pairs', () => {
  test('begins and ends', async () => {
    await stored({});
    const paused = await run('pause', '--all', '--reason', 'new switches', '--for', '2h', '--who', 'alice');
    expect(paused.stdout).toMatch(/^All pairs: Paused by alice until .*: new switches\.\n$/);
    expect((await readFleet()).pause).toMatchObject({ owner: 'alice', reason: 'new switches' });
    expect((await run('resume', '--all', '--reason', 'done')).code).toBe(0);
    expect((await readFleet()).pause).toBeNull();
    expect((await readBack())?.version).toBe(1);
  });
});

describe('every change', () => {
  test('has a dry run that says what would be done, and changes nothing', async () => {
    await stored({ latch });
    const { code, stdout } = await run('ack', 'demo', '--reason', 'checked', '--dry-run', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ changed: false, sentence: expect.stringMatching(/^Dry run, nothing was/) });
    expect((await readBack())?.latch).toEqual(latch);
  });

  test('is in the audit, with who asked, why, and what came of it; also when it was refused', async () => {
    await stored({ latch });
    await run('ack', 'demo', '--reason', 'checked', '--who', 'alice');
    await run('retry', 'demo', '--reason', 'mended', '--who', 'bob');
    await run('pause', '--all', '--reason', 'new switches', '--for', '2h', '--who', 'carol');
    const { code, stdout } = await run('audit');
    expect(code).toBe(0);
    const lines = stdout.split('\n').map((line) => line.slice(20));
    expect(lines).toEqual([
      expect.stringMatching(/^alice {2}ack \(checked\): Acknowledged: /),
      'bob  retry (mended): refused. No operation of demo is stalled.',
      expect.stringMatching(/^all pairs {2}carol {2}pause \(new switches\): All pairs: Paused by carol/),
      '',
    ]);
    expect((await run('audit', 'demo')).stdout).not.toContain('carol');
    expect((await run('audit', 'dmeo')).code).toBe(2);
  });
});

describe('approve', () => {
  test('is refused when nothing waits for it', async () => {
    await stored({});
    const { code, stderr } = await run('approve', 'demo', '--reason', 'yes');
    expect(code).toBe(3);
    expect(stderr).toMatch(/^warren: The mode of demo is automatic/);
  });
});
