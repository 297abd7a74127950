import { describe, expect, test } from '@jest/globals';
import type { MemoryStore } from '../../../adapters/memory/store.ts';
import { StoreUnavailable } from '../../../core/flow/ports.ts';
import { createWorld } from '../../support/world.ts';

const refused = { check: 'tcp', class: 'refused', latencyMs: 1 } as const;
const everything = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, limit: 100 };

describe('a claim', () => {
  test('that fails after its slot was taken uses the same slot again, and does not spend the fleet breaker', async () => {
    const world = createWorld({ fleet: { maxFailovers: 1 } });
    const store = world.store.reopen();
    const life = world.start(store);
    await world.clock.advance(12_000);
    for (let times = 0; times < 3; times += 1) store.failNext('writePair', new StoreUnavailable('It is locked.'));
    world.prober.setSite('beijing', refused);
    await world.clock.advance(10_000);
    await life.stop();
    expect(world.target.flips.map(({ site }) => site)).toEqual(['shanghai']);
    expect((await world.store.readFleet()).slots).toHaveLength(1);
  });

  test('that a slow store makes late does not shorten the window in which its slot counts', async () => {
    const world = createWorld({ fleet: { maxFailovers: 1, window: '1m' } });
    const store = world.store.reopen();
    const life = world.start(store);
    await world.clock.advance(12_000);
    store.onWrite((method, phase) =>
      method === 'writeFleet' && phase === 'before' ? world.clock.sleep(4_000) : undefined,
    );
    world.prober.setSite('beijing', refused);
    await world.clock.advance(20_000);
    await life.stop();
    const [slot] = (await world.store.readFleet()).slots;
    const [operation] = await world.store.listOperations('demo', everything);
    expect(operation?.timeline.claimedAtMs).toBeGreaterThan(operation?.timeline.decidedAtMs ?? 0);
    expect(slot?.atMs).toBeGreaterThanOrEqual(operation?.timeline.claimedAtMs ?? Number.POSITIVE_INFINITY);
  });

  test('is given up once the kill switch is on, and made anew when it is off again', async () => {
    const world = createWorld();
    const store = world.store.reopen();
    const life = world.start(store);
    await world.clock.advance(12_000);
    store.onWrite((method, phase) => {
      if (method === 'writePair' && phase === 'after') world.setKillSwitch(true);
    });
    world.prober.setSite('beijing', refused);
    await world.clock.advance(5_000);
    expect((await world.record())?.ended.map(({ phase }) => phase)).toEqual(['aborted']);
    expect(world.target.flips).toEqual([]);
    store.onWrite(null);
    world.setKillSwitch(false);
    await world.clock.advance(15_000);
    await life.stop();
    expect(world.target.flips).toHaveLength(1);
  });

  test('that a process left behind in automatic mode is given up by one in mode observe', async () => {
    const world = createWorld();
    const store = world.store.reopen();
    const first = world.start(store);
    await world.clock.advance(12_000);
    let claims = 0;
    store.onWrite((method, phase) => {
      if (method === 'writePair' && phase === 'after') claims += 1;
      return claims > 0 ? new Promise(() => {}) : undefined;
    });
    world.prober.setSite('beijing', refused);
    await world.clock.advance(3_000);
    await Promise.race([first.stop(), world.clock.settle()]);
    world.pair.failover.mode = 'observe';
    const second = world.start();
    await world.clock.advance(20_000);
    await second.stop();
    const operations = await world.store.listOperations('demo', everything);
    expect(operations.map(({ phase }) => phase)).toEqual(['aborted']);
    expect(world.target.flips).toEqual([]);
  });
});

describe('a claim of a move that nobody asked for', () => {
  const taken = { slots: [{ pair: 'other', epoch: 7, atMs: 0 }], pause: null };
  const paused = { slots: [], pause: { owner: 'alice', reason: 'a freeze', untilMs: Date.UTC(2030, 0) } };

  test.each([
    ['another pair took the last slot of the fleet breaker', taken],
    ['all pairs were paused', paused],
  ])('is not made where since the decision %s', async (_, since) => {
    const world = createWorld({ fleet: { maxFailovers: 1 } });
    const store = world.store.reopen();
    const decided = () =>
      world.notifier.events.some(({ kind, severity }) => kind === 'decision' && severity === 'critical');
    const slots = since.slots.map((slot) => ({ ...slot, atMs: world.clock.nowMs() }));
    const late: MemoryStore = {
      ...store,
      readFleet: async () => (decided() ? { ...since, slots, version: 1 } : { pause: null, version: 0, slots: [] }),
      writeFleet: async (fleet) => fleet,
    };
    const life = world.start(late);
    await world.clock.advance(12_000);
    world.prober.setSite('beijing', refused);
    await world.clock.advance(10_000);
    await life.stop();
    expect(decided()).toBe(true);
    expect(world.target.flips).toEqual([]);
    // Not even claimed: what is claimed and then aborted has burnt an epoch.
    expect(await world.store.listOperations('demo', everything)).toEqual([]);
  });

  test('is not made by a turn that began long ago, whatever held it up', async () => {
    const world = createWorld();
    let isHeldUp = false;
    const life = world.start(world.store.reopen(), {
      decorate: (ports) => ({
        ...ports,
        store: {
          ...ports.store,
          async readFleet() {
            if (isHeldUp) await world.clock.sleep(11_000);
            return await ports.store.readFleet();
          },
        },
      }),
    });
    await world.clock.advance(12_000);
    world.prober.setSite('beijing', refused);
    isHeldUp = true;
    await world.clock.advance(60_000);
    expect(world.notifier.events.map(({ sentence }) => sentence).join()).toContain('beijing is down');
    expect((await world.record())?.epoch).toBe(1);
    isHeldUp = false;
    await world.clock.advance(12_000);
    await life.stop();
  });
});
