import { describe, expect, test } from '@jest/globals';
import type { MemoryStore } from '../../../adapters/memory/store.ts';
import type { Operation } from '../../../core/model/operation.ts';
import type { Drill } from '../../../core/model/record.ts';
import { ask, limitsOf } from '../../support/asking.ts';
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

/** Starts the story once both sides are known, and lets the process die at the given state write from then on. */
async function crashAt(world: World, point: CrashPoint, begin = lose, forMs = 4_000): Promise<boolean> {
  const store = world.store.reopen();
  const first = world.start(store);
  await world.clock.advance(12_000);
  let writes = 0;
  let crashed = false;
  await begin(world);
  store.onWrite((method, phase) => {
    if (crashed) return new Promise(() => {});
    if (!stateWrites.includes(method)) return;
    if (phase === 'before') writes += 1;
    if (writes !== point.write || phase !== point.phase) return;
    crashed = true;
    return new Promise(() => {});
  });
  await world.clock.advance(forMs);
  const stopped = first.stop();
  await Promise.race([stopped, world.clock.settle()]);
  return crashed;
}

async function lose({ prober }: World): Promise<void> {
  prober.setSite('beijing', refused);
}

async function settled(world: World, afterMs = 40_000) {
  const second = world.start();
  await world.clock.advance(afterMs);
  const record = await world.record();
  const operations = await world.store.listOperations('demo', everything);
  const reading = await world.target.read();
  await second.stop();
  return { record, operations, active: reading.status === 'read' ? reading.active : 'unreadable' };
}

const upTo = (count: number): CrashPoint[] =>
  Array.from({ length: count }, (_, index) => index + 1).flatMap((write) =>
    (['before', 'after'] as const).map((phase) => ({ write, phase })),
  );

describe('a process that dies in the middle of a failover', () => {
  for (const point of upTo(12)) {
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

const shut = [0, 0, 0];
const limited = [50, 50, 50];
const unlimited = [null, null, null];

describe('a process that dies in the middle of a switchover', () => {
  for (const point of upTo(14)) {
    test(`${point.phase} its state write ${point.write}: the next one finishes it, once, and only the old side is fenced`, async () => {
      const world = createWorld({ fence: true });
      world.fencer.setLimit('beijing', 'app', 50);
      const crashed = await crashAt(world, point, (each) => ask(each, {}), 12_000);
      const { record, operations, active } = await settled(world);
      expect(record?.operation).toBeNull();
      expect(record?.desired).toBe('shanghai');
      expect(active).toBe('shanghai');
      expect(operations.map(({ phase, id }) => ({ phase, id }))).toEqual([{ phase: 'finished', id: 'asked' }]);
      expect(operations[0]?.fenced).toBe('fenced');
      expect(record?.fences.beijing).toMatchObject({ state: 'set', savedLimits: { app: 50 } });
      expect(limitsOf(world, 'beijing')).toEqual(shut);
      expect(limitsOf(world, 'shanghai')).toEqual(unlimited);
      if (!crashed) expect(point.write).toBeGreaterThan(10);
    });
  }
});

describe('a process that dies on the way back', () => {
  for (const point of upTo(16)) {
    test(`${point.phase} its state write ${point.write}: the limits of the side that takes over are as they were before all`, async () => {
      const world = createWorld({ fence: true });
      world.fencer.setLimit('beijing', 'app', 50);
      const moved = world.start();
      await world.clock.advance(12_000);
      await ask(world, { id: 'first' });
      await world.clock.advance(20_000);
      await moved.stop();
      const back = { id: 'second', from: 'shanghai', to: 'beijing' };
      await crashAt(world, point, (each) => ask(each, back), 12_000);
      const { record, operations, active } = await settled(world);
      expect(active).toBe('beijing');
      expect(record?.desired).toBe('beijing');
      expect(operations.map(({ phase, id }) => `${id} ${phase}`)).toEqual(['second finished', 'first finished']);
      expect(limitsOf(world, 'beijing')).toEqual(limited);
      expect(limitsOf(world, 'shanghai')).toEqual(shut);
    });
  }
});

describe('a process that dies in the middle of a failover from a side that answers', () => {
  const alarm = { check: 'publish-confirm-get', class: 'alarm', latencyMs: 1 } as const;
  for (const point of upTo(14)) {
    test(`${point.phase} its state write ${point.write}: the side that was left is fenced, and nothing else`, async () => {
      const world = createWorld({ fence: true, probe: { alarmsAfter: '0s' } });
      await crashAt(world, point, async ({ prober }) => prober.setSite('beijing', alarm), 12_000);
      const { record, operations, active } = await settled(world);
      expect(active).toBe('shanghai');
      expect(operations.filter(({ phase }) => phase === 'finished')).toHaveLength(1);
      expect(record?.fences.beijing?.state).toBe('set');
      expect(limitsOf(world, 'beijing')).toEqual(shut);
      expect(limitsOf(world, 'shanghai')).toEqual(unlimited);
    });
  }
});

describe('a process that dies in the middle of a drill', () => {
  const drill: Drill = {
    id: 'drill',
    who: 'alice',
    reason: 'quarterly',
    home: 'beijing',
    away: 'shanghai',
    phase: 'there',
    startedAtMs: 0,
    holdMs: 5_000,
    holdUntilMs: null,
    operations: ['drill-1'],
    cutShort: '',
  };
  for (const point of upTo(32)) {
    test(`${point.phase} its state write ${point.write}: traffic comes home, and both sides let applications in`, async () => {
      const world = createWorld({ fence: true });
      world.fencer.setLimit('beijing', 'app', 50);
      const begin = (each: World) => ask(each, { id: 'drill-1' }, { ...drill, startedAtMs: each.clock.nowMs() });
      await crashAt(world, point, begin, 40_000);
      const { record, operations, active } = await settled(world, 120_000);
      expect(record?.drill).toBeNull();
      expect(record?.operation).toBeNull();
      expect(active).toBe('beijing');
      expect(record?.desired).toBe('beijing');
      expect(operations.filter(({ id }) => id === 'drill').map(({ phase }) => phase)).toEqual(['finished']);
      expect(limitsOf(world, 'beijing')).toEqual(limited);
      expect(limitsOf(world, 'shanghai')).toEqual(unlimited);
    });
  }
});

describe('an operation that is called off', () => {
  test('before its point of no return takes its fence with it, and moves nothing', async () => {
    const world = createWorld({ fence: true });
    world.fencer.setLimit('beijing', 'app', 50);
    const store = world.store.reopen();
    const life = world.start(store);
    await world.clock.advance(12_000);
    let cancelled = false;
    store.onWrite(async (method, phase) => {
      const record = await world.record();
      if (cancelled || method !== 'writePair' || phase !== 'before' || record?.fences.beijing?.state !== 'wanted')
        return;
      cancelled = true;
      const by = { who: 'bob', reason: 'wrong evening' };
      if (record.operation)
        await world.store.writePair({ ...record, operation: { ...record.operation, cancelled: by } });
    });
    await ask(world, {});
    await world.clock.advance(30_000);
    await life.stop();
    const [operation] = await world.store.listOperations('demo', everything);
    expect(cancelled).toBe(true);
    expect(operation?.outcome).toContain('bob called it off: wrong evening.');
    expect(world.target.flips).toEqual([]);
    expect(limitsOf(world, 'beijing')).toEqual(limited);
    expect((await world.record())?.desired).toBe('beijing');
  });
});

describe('a limit write that timed out and lands after the fence was lifted', () => {
  test('is noticed, and lifted again', async () => {
    const world = createWorld({ fence: true });
    const life = world.start();
    await world.clock.advance(12_000);
    await ask(world, {});
    await world.clock.advance(20_000);
    await ask(world, { id: 'back', from: 'shanghai', to: 'beijing' });
    await world.clock.advance(20_000);
    expect(limitsOf(world, 'beijing')).toEqual(unlimited);
    world.fencer.setLimit('beijing', 'app', 0);
    await world.clock.advance(5_000);
    expect(limitsOf(world, 'beijing')).toEqual(unlimited);
    await world.clock.advance(120_000);
    expect((await world.record())?.fences.beijing).toBeUndefined();
    await life.stop();
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

  test('exactly one carries out what a person asked for', async () => {
    const world = createWorld({ fence: true });
    const both = [world.start(), world.start()];
    await world.clock.advance(12_000);
    await ask(world, {});
    await world.clock.advance(30_000);
    for (const life of both) await life.stop();
    const operations = await world.store.listOperations('demo', everything);
    expect(operations.map(({ id, phase, epoch }) => ({ id, phase, epoch }))).toEqual([
      { id: 'asked', phase: 'finished', epoch: 2 },
    ]);
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

  test('does not fence either', async () => {
    const world = createWorld({ fence: true });
    const store = world.store.reopen();
    const life = world.start(store);
    await world.clock.advance(12_000);
    let frozen = false;
    store.onWrite(async (method, phase) => {
      const record = await world.record();
      if (frozen || method !== 'writePair' || phase !== 'after' || record?.fences.beijing?.state !== 'wanted') return;
      frozen = true;
      await world.clock.sleep(30_000);
    });
    await ask(world, {});
    await world.clock.advance(20_000);
    expect(frozen).toBe(true);
    expect(world.fencer.calls.filter(({ method }) => method === 'set')).toEqual([]);
    await world.clock.advance(60_000);
    await life.stop();
    expect((await world.store.listOperations('demo', everything)).map(({ phase }) => phase)).toEqual(['finished']);
    expect(limitsOf(world, 'beijing')).toEqual(shut);
  });

  test('does not commit on what it saw before: both sides may have changed meanwhile', async () => {
    const world = createWorld();
    const store = world.store.reopen();
    let frozen = false;
    const slow: MemoryStore = {
      ...store,
      async readPair(pair) {
        const record = await store.readPair(pair);
        if (!frozen && record?.operation?.phase === 'claimed') {
          frozen = true;
          await world.clock.sleep(60_000);
        }
        return record;
      },
    };
    const life = world.start(slow);
    await world.clock.advance(12_000);
    world.prober.setSite('beijing', refused);
    await world.clock.advance(5_000);
    world.prober.setSite('beijing', null);
    world.prober.setSite('shanghai', refused);
    await world.clock.advance(90_000);
    await life.stop();
    expect(frozen).toBe(true);
    expect(world.target.flips).toEqual([]);
    expect((await world.record())?.desired).toBe('beijing');
  });

  test('notices by its wall clock that its host was suspended', async () => {
    const world = createWorld();
    const store = world.store.reopen();
    const life = world.start(store);
    await world.clock.advance(12_000);
    let suspended = false;
    store.onWrite(async (method, phase) => {
      const record = await world.record();
      if (suspended || method !== 'writePair' || phase !== 'after' || record?.operation?.steps[1]?.status !== 'running')
        return;
      suspended = true;
      world.clock.setWallClock(world.clock.nowMs() + 3_600_000);
    });
    world.prober.setSite('beijing', refused);
    await world.clock.advance(30_000);
    await life.stop();
    expect(suspended).toBe(true);
    expect((await world.store.listOperations('demo', everything))[0]?.steps[1]?.attempts).toBe(2);
    expect(world.target.flips.map(({ site }) => site)).toEqual(['shanghai']);
  });
});
