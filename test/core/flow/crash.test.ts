import { describe, expect, test } from '@jest/globals';
import type { Operation } from '../../../core/model/operation.ts';
import { createWorld, type World } from '../../support/world.ts';

const refused = { check: 'tcp', class: 'refused', latencyMs: 1 } as const;
const everything = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, limit: 100 };

/** A side effect of a failover, in the order in which they happen; the process dies right before or right after it. */
interface CrashPoint {
  write: number;
  phase: 'before' | 'after';
}

/** Only what changes state counts: history is written beside it. */
const stateWrites = ['writePair', 'writeFleet', 'saveOperation'];

/** Runs until the active side is dead, and lets the process die at the given state write from then on. */
async function crashAt(world: World, point: CrashPoint): Promise<boolean> {
  const store = world.store.reopen();
  const first = world.start(store);
  await world.clock.advance(12_000);
  let writes = 0;
  let crashed = false;
  store.onWrite((method, phase) => {
    if (crashed) return new Promise(() => {});
    if (!stateWrites.includes(method)) return;
    if (phase === 'before') writes += 1;
    if (writes !== point.write || phase !== point.phase) return;
    crashed = true;
    return new Promise(() => {});
  });
  world.prober.setSite('beijing', refused);
  await world.clock.advance(4_000);
  const stopped = first.stop();
  await Promise.race([stopped, world.clock.settle()]);
  return crashed;
}

async function settled(world: World) {
  const second = world.start();
  await world.clock.advance(40_000);
  const record = await world.record();
  const operations = await world.store.listOperations('demo', everything);
  const reading = await world.target.read();
  await second.stop();
  return { record, operations, active: reading.status === 'read' ? reading.active : 'unreadable' };
}

const points = Array.from({ length: 12 }, (_, index) => index + 1).flatMap((write) =>
  (['before', 'after'] as const).map((phase) => ({ write, phase })),
);

describe('a process that dies in the middle of a failover', () => {
  for (const point of points) {
    test(`${point.phase} its state write ${point.write}: the next process finishes it, once`, async () => {
      const world = createWorld({ failover: { cooldown: '0s' }, fleet: { maxFailovers: 3 } });
      const crashed = await crashAt(world, point);
      const { record, operations, active } = await settled(world);
      const finished = operations.filter((operation: Operation) => operation.phase === 'finished');
      expect(record?.operation).toBeNull();
      expect(record?.desired).toBe('shanghai');
      expect(active).toBe('shanghai');
      expect(finished).toHaveLength(1);
      expect(record?.latch?.epoch).toBe(finished[0]?.epoch);
      expect(new Set(world.target.flips.map(({ site }) => site))).toEqual(new Set(['shanghai']));
      if (!crashed) expect(point.write).toBeGreaterThan(6);
    });
  }

  test('before the point of no return, with the active side back: the next process aborts, and nothing has moved', async () => {
    const world = createWorld();
    await crashAt(world, { write: 2, phase: 'after' });
    world.prober.setSite('beijing', null);
    const { record, operations, active } = await settled(world);
    expect(record?.operation).toBeNull();
    expect(record?.desired).toBe('beijing');
    expect(active).toBe('beijing');
    expect(operations.map(({ phase }) => phase)).toEqual(['aborted']);
    expect(world.target.flips).toEqual([]);
  });

  test('after the point of no return, with the active side back: there is only forward', async () => {
    const world = createWorld();
    await crashAt(world, { write: 3, phase: 'after' });
    world.prober.setSite('beijing', null);
    const { record, active } = await settled(world);
    expect(record?.desired).toBe('shanghai');
    expect(active).toBe('shanghai');
  });
});

describe('two processes at the same time', () => {
  test('exactly one acts', async () => {
    const world = createWorld();
    const both = [world.start(), world.start()];
    await world.clock.advance(12_000);
    world.prober.setSite('beijing', refused);
    await world.clock.advance(30_000);
    for (const life of both) await life.stop();
    const operations = await world.store.listOperations('demo', everything);
    expect(operations.map(({ phase, epoch }) => ({ phase, epoch }))).toEqual([{ phase: 'finished', epoch: 2 }]);
    expect(world.target.flips).toHaveLength(1);
  });
});

describe('a process that is frozen between its intent and its act', () => {
  test('wakes up late and writes nothing: another one may have taken over', async () => {
    const world = createWorld();
    const store = world.store.reopen();
    const life = world.start(store);
    await world.clock.advance(12_000);
    let frozen = false;
    store.onWrite(async (method, phase) => {
      const record = await world.record();
      if (frozen || method !== 'writePair' || phase !== 'after' || record?.operation?.steps[1]?.status !== 'running')
        return;
      frozen = true;
      await world.clock.sleep(60_000);
    });
    world.prober.setSite('beijing', refused);
    await world.clock.advance(30_000);
    expect(frozen).toBe(true);
    expect(world.target.flips).toEqual([]);
    await world.clock.advance(40_000);
    await life.stop();
    const step = (await world.store.listOperations('demo', everything))[0]?.steps[1];
    expect(step?.attempts).toBe(2);
    expect(world.target.flips.map(({ site }) => site)).toEqual(['shanghai']);
  });
});
