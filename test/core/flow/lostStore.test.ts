import { describe, expect, test } from '@jest/globals';
import type { MemoryStore } from '../../../adapters/memory/store.ts';
import { newPairRecord, type PairRecord } from '../../../core/model/record.ts';
import { createWorld, type World, type WorldOptions } from '../../support/world.ts';

const refused = { check: 'tcp', class: 'refused', latencyMs: 1 } as const;
const everything = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, limit: 100 };

/** Traffic was moved to shanghai by epoch 2 and that was acknowledged; both sides are well, and nothing holds. */
async function moved(options: WorldOptions = {}) {
  const world = createWorld({ failover: { cooldown: '0s' }, ...options });
  const life = world.start();
  await world.clock.advance(12_000);
  world.prober.setSite('beijing', refused);
  await world.clock.advance(10_000);
  world.prober.setSite('beijing', null);
  await world.clock.advance(20_000);
  const record = await recordOf(world);
  expect(record).toMatchObject({ epoch: 2, desired: 'shanghai' });
  await world.store.writePair({ ...record, latch: null, evidenceGeneration: record.evidenceGeneration + 1 });
  await world.clock.advance(20_000);
  return { world, life };
}

async function recordOf(world: World): Promise<PairRecord> {
  const record = await world.record();
  if (!record) throw new Error('there is no record');
  return record;
}

const moves = async (store: MemoryStore) =>
  (await store.listOperations('demo', everything)).map(({ from, to }) => `${from} to ${to}`);

/** Loses where traffic is now, and lets much time pass. */
async function loseShanghai(world: World): Promise<void> {
  world.prober.setSite('shanghai', refused);
  await world.clock.advance(60_000);
}

describe('a store that was lost', () => {
  test('holds also where a process wrote first that remembers nothing, and no target has a marker', async () => {
    const { world, life } = await moved();
    world.store.lose();
    // Another process, with an empty memory, looked before this one did.
    await world.store.writePair({ ...newPairRecord('demo'), epoch: 1, desired: 'shanghai' });
    await world.clock.advance(20_000);
    expect(await recordOf(world)).toMatchObject({ epoch: 3, desired: 'shanghai', latch: { because: 'store-lost' } });
    await loseShanghai(world);
    expect(await moves(world.store)).toEqual([]);
    await life.stop();
  });

  test('holds where it was begun anew at the same epoch, by a process that remembers nothing', async () => {
    const world = createWorld();
    const life = world.start();
    await world.clock.advance(12_000);
    const record = await recordOf(world);
    await world.store.writePair({ ...record, cooldownUntilMs: 1 });
    await world.clock.advance(6_000);
    world.store.lose();
    await world.store.writePair({ ...newPairRecord('demo'), epoch: 1, desired: 'beijing' });
    await world.clock.advance(12_000);
    expect(await recordOf(world)).toMatchObject({ epoch: 2, desired: 'beijing', latch: { because: 'store-lost' } });
    await life.stop();
  });

  test('is not acted on by who read the record before, though the new one has the same version', async () => {
    const world = createWorld();
    const life = world.start();
    await world.clock.advance(12_000);
    const { version } = await recordOf(world);
    expect(version).toBe(1);
    world.prober.setSite('beijing', refused);
    await world.clock.advance(600);
    // Between two reads of this process: lost, and adopted by another one, which holds until somebody has looked.
    world.store.lose();
    const latch = { because: 'store-lost' as const, epoch: 2, sinceMs: 0, reason: 'lost' };
    await world.store.writePair({ ...newPairRecord('demo'), epoch: 2, desired: 'beijing', latch });
    await world.clock.advance(20_000);
    expect(await recordOf(world)).toMatchObject({ desired: 'beijing', latch });
    expect(world.target.flips).toEqual([]);
    await life.stop();
  });

  test('is not written over by an operation of before, though the new record has the same version', async () => {
    const world = createWorld();
    const store = world.store.reopen();
    const life = world.start(store);
    await world.clock.advance(12_000);
    const latch = { because: 'store-lost' as const, epoch: 3, sinceMs: 0, reason: 'lost' };
    let isLost = false;
    store.onWrite(async (method, phase) => {
      const claimed = await world.record();
      if (isLost || method !== 'writePair' || phase !== 'after' || claimed?.operation?.phase !== 'claimed') return;
      isLost = true;
      world.store.lose();
      // Adopted by another process, and held until somebody has looked.
      let anew = await world.store.writePair({ ...newPairRecord('demo'), epoch: 3, desired: 'beijing', latch });
      while (anew.version < claimed.version) anew = await world.store.writePair(anew);
    });
    world.prober.setSite('beijing', refused);
    await world.clock.advance(20_000);
    expect(isLost).toBe(true);
    expect(await recordOf(world)).toMatchObject({ epoch: 3, desired: 'beijing', latch, operation: null });
    expect(world.target.flips).toEqual([]);
    await life.stop();
  });

  test('holds where it was set back to an older copy, also for a process that finds only the marker of the target', async () => {
    const { world, life } = await moved({ marked: true });
    await life.stop();
    const record = await recordOf(world);
    world.store.lose();
    await world.store.writePair({ ...record, version: 0, epoch: 1, desired: 'beijing', operation: null, ended: [] });
    const next = world.start();
    await world.clock.advance(20_000);
    expect(await recordOf(world)).toMatchObject({ epoch: 3, desired: 'shanghai', latch: { because: 'store-lost' } });
    await loseShanghai(world);
    expect(await moves(world.store)).toEqual([]);
    await next.stop();
  });

  test('is not suspected where somebody else claims an operation and writes a marker between two reads', async () => {
    const { world, life } = await moved({ marked: true });
    await life.stop();
    const store = world.store.reopen();
    const old = await recordOf(world);
    const claimed = await world.store.writePair({ ...old, epoch: 3 });
    await world.store.writePair({ ...claimed, desired: 'beijing' });
    await world.target.flip('beijing', 3);
    let reads = 0;
    const next = world.start(store, {
      decorate: (ports) => ({
        ...ports,
        store: {
          ...ports.store,
          // The first read came a moment too early.
          readPair: async (pair) => {
            reads += 1;
            return reads === 1 ? old : await ports.store.readPair(pair);
          },
        },
      }),
    });
    await world.clock.advance(10_000);
    expect(reads).toBeGreaterThan(1);
    expect(await recordOf(world)).toMatchObject({ epoch: 3, desired: 'beijing', latch: null });
    expect(world.notifier.events.map(({ sentence }) => sentence).join()).not.toContain('lost');
    await next.stop();
  });
});

test('nothing is adopted while nobody can tell whether a target was ever written', async () => {
  const world = createWorld();
  let unread: string | undefined = 'throttled';
  const life = world.start(world.store.reopen(), {
    decorate: (ports) => ({
      ...ports,
      targets: ports.targets.map((target) => ({
        ...target,
        read: async () => ({ ...(await target.read()), ...(unread && { markerUnread: unread }) }),
      })),
    }),
  });
  await world.clock.advance(12_000);
  expect(await world.record()).toBeUndefined();
  expect(world.notifier.events.map(({ sentence }) => sentence).join()).toContain('haproxy: throttled');
  unread = undefined;
  await world.clock.advance(12_000);
  expect(await recordOf(world)).toMatchObject({ epoch: 1, desired: 'beijing' });
  await life.stop();
});
