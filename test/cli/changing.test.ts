import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createVirtualClock } from '../../adapters/memory/clock.ts';
import { createMemoryStore } from '../../adapters/memory/store.ts';
import { createMemoryTarget } from '../../adapters/memory/target.ts';
import { openSqliteStore } from '../../adapters/sqlite/store.ts';
import { changePair } from '../../cli/changePair.ts';
import { answerDrift } from '../../cli/commands/ack.ts';
import { waitingMove } from '../../cli/commands/approve.ts';
import { revived } from '../../cli/commands/retry.ts';
import { VersionConflict } from '../../core/flow/ports.ts';
import type { Pair } from '../../core/model/config.ts';
import type { Decision } from '../../core/model/decision.ts';
import { newPairRecord, type PairRecord } from '../../core/model/record.ts';
import { operation } from '../support/situation.ts';
import { testConfig } from '../support/world.ts';
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

const run = (...words: string[]) => place.run([...words, '--store', storeName]);
const latch = { epoch: 2, sinceMs: 1, reason: 'beijing is down' };

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

describe('the answer to a foreign edit', () => {
  const [pair] = testConfig().pairs as [Pair];
  const by = { who: 'me', reason: 'it was meant', atMs: 1 };

  async function withTarget(active: string) {
    const store = createMemoryStore();
    await store.writePair({ ...newPairRecord('demo'), desired: 'beijing' });
    const sites = ['beijing', 'shanghai'];
    const target = createMemoryTarget('haproxy', 'beijing', { clock: createVirtualClock(), sites });
    target.edit(active);
    return { store, targets: [target] };
  }

  test('is kept for the next turn when the targets deviate', async () => {
    const { store, targets } = await withTarget('shanghai');
    expect(await answerDrift(store, pair, targets, 'adopt', by)).toContain('takes shanghai');
    expect((await store.readPair('demo'))?.driftAnswer).toEqual({ ...by, choice: 'adopt', site: 'shanghai' });
  });

  test('is refused when they do not', async () => {
    const { store, targets } = await withTarget('beijing');
    await expect(answerDrift(store, pair, targets, 'adopt', by)).rejects.toThrow('The targets do not deviate');
  });

  test('cannot be to adopt a split, only to restore', async () => {
    const { store, targets } = await withTarget('split');
    await expect(answerDrift(store, pair, targets, 'adopt', by)).rejects.toThrow('there is nothing to adopt');
    expect(await answerDrift(store, pair, targets, 'restore', by)).toContain('back to beijing');
  });
});

describe('retry', () => {
  test('gives a stalled operation all its attempts again, on the right side of its point of no return', async () => {
    const stalled = operation('stalled');
    const steps = stalled.steps.map((step) =>
      step.name === 'commit'
        ? { ...step, status: 'done' as const }
        : { ...step, status: 'failed' as const, attempts: 20 },
    );
    await stored({ operation: { ...stalled, steps } });
    expect((await run('retry', 'demo', '--reason', 'mended')).code).toBe(0);
    const after = (await readBack())?.operation;
    expect(after).toMatchObject({ phase: 'committed', holder: '', outcome: '' });
    expect(after?.steps.every(({ status, attempts }) => status === 'done' || attempts === 0)).toBe(true);
    expect(revived(stalled).phase).toBe('claimed');
  });

  test('is refused when none is stalled', async () => {
    await stored({ operation: operation('claimed') });
    const { code, stderr } = await run('retry', 'demo', '--reason', 'mended');
    expect({ code, stderr }).toEqual({ code: 3, stderr: 'warren: No operation of demo is stalled.\n' });
  });
});

describe('a change of a record', () => {
  test('is made on what is stored when somebody else wrote in between', async () => {
    const store = createMemoryStore();
    const first = await store.writePair(newPairRecord('demo'));
    let calls = 0;
    const written = await changePair(store, 'demo', async (record) => {
      calls += 1;
      if (calls === 1) await store.writePair({ ...first, epoch: 7 });
      return { ...record, latch: null };
    });
    expect({ calls, epoch: written?.epoch }).toEqual({ calls: 2, epoch: 7 });
  });

  test('gives up when that never ends', async () => {
    const store = createMemoryStore();
    await store.writePair(newPairRecord('demo'));
    const always = { ...store, writePair: () => Promise.reject(new VersionConflict('lost')) };
    await expect(changePair(always, 'demo', (record) => record)).rejects.toThrow('Nothing was done; try again.');
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
    expect((await run('resume', 'demo')).stdout).toMatch(/^demo is resumed/);
    expect(await readBack()).toMatchObject({ pause: null, evidenceGeneration: 1 });
    expect((await run('resume', 'demo')).stdout).toBe('demo is not paused.\n');
  });

  test('maintenance of a site begins and ends', async () => {
    await stored({});
    await run('maintenance', 'demo', 'beijing', '--reason', 'new disks', '--for', '30m');
    expect(Object.keys((await readBack())?.maintenance ?? {})).toEqual(['beijing']);
    expect((await run('maintenance', 'demo', 'beijing', '--end')).stdout).toMatch(
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
  ])('%j is refused as bad input, and changes nothing', async (words, complaint) => {
    await stored({});
    const { code, stderr } = await run(...words);
    expect(code).toBe(2);
    expect(stderr).toMatch(complaint);
    expect((await readBack())?.version).toBe(1);
  });
});

describe('approve', () => {
  const [pair] = testConfig({ failover: { mode: 'approve' } }).pairs as [Pair];
  const move = { outcome: 'failover', reason: 'active-down', severity: 'critical', sentence: 'x.' } as const;

  async function withDecision(decision: Partial<Decision>, atMs = 1_000) {
    const store = createMemoryStore();
    const full: Decision = { ...move, guards: [], from: 'beijing', to: 'shanghai', ...decision };
    await store.recordDecision({ pair: 'demo', vantage: 'local', atMs, decision: full, health: [] });
    return store;
  }

  test('finds the move that waits', async () => {
    expect(await waitingMove(await withDecision({}), pair, 2_000)).toEqual({ from: 'beijing', to: 'shanghai' });
  });

  test('is refused when nothing waits, when nobody watches, and in another mode', async () => {
    const held = await withDecision({ outcome: 'hold', sentence: 'Both sides are up.' });
    await expect(waitingMove(held, pair, 2_000)).rejects.toThrow('Nothing waits for an approval. The latest decision');
    await expect(waitingMove(await withDecision({}), pair, 60_000)).rejects.toThrow('Nothing watches demo now');
    const [automatic] = testConfig().pairs as [Pair];
    await expect(waitingMove(await withDecision({}), automatic, 2_000)).rejects.toThrow(
      'The mode of demo is automatic',
    );
  });
});
