import { describe, expect, test } from '@jest/globals';
import type { Operation } from '../../../core/model/operation.ts';
import { ask, limitsOf } from '../../support/asking.ts';
import { createWorld } from '../../support/world.ts';

const everything = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, limit: 100 };
const refused = { check: 'tcp', class: 'refused', latencyMs: 1 } as const;
const back = { id: 'back', from: 'shanghai', to: 'beijing' };

describe('the kill switch, while applications are shut out and nothing has moved', () => {
  test('gives the move up and lets them in again, and so it stays when it is off', async () => {
    const world = createWorld({ fence: true });
    world.fencer.setLimit('beijing', 'app', 50);
    const store = world.store.reopen();
    const life = world.start(store);
    await world.clock.advance(12_000);
    store.onWrite(async (method, phase) => {
      const state = (await world.record())?.fences.beijing?.state;
      if (method === 'writePair' && phase === 'after' && state === 'set') world.setKillSwitch(true);
    });
    await ask(world, {});
    await world.clock.advance(10_000);
    store.onWrite(null);
    expect(limitsOf(world, 'beijing')).toEqual([50, 50, 50]);
    world.setKillSwitch(false);
    await world.clock.advance(120_000);
    await life.stop();
    const operations = await world.store.listOperations('demo', everything);
    expect(operations.map(({ phase }) => phase)).toEqual(['aborted']);
    expect(world.target.flips).toEqual([]);
  });
});

describe('the kill switch, turned on while a fence is about to be set', () => {
  test('stops it, however late it comes', async () => {
    const world = createWorld({ fence: true });
    let isArmed = false;
    const life = world.start(world.store.reopen(), {
      decorate: (ports) => ({
        ...ports,
        store: {
          ...ports.store,
          async readPair(pair) {
            const record = await ports.store.readPair(pair);
            if (isArmed) world.setKillSwitch(true);
            return record;
          },
        },
      }),
    });
    await world.clock.advance(12_000);
    world.prober.setSite('beijing', refused);
    world.fencer.setSite('beijing', 'down');
    await world.clock.advance(20_000);
    expect((await world.record())?.fences.beijing?.state).toBe('wanted');
    isArmed = true;
    world.fencer.setSite('beijing', 'well');
    await world.clock.advance(20_000);
    expect(limitsOf(world, 'beijing')).toEqual([null, null, null]);
    await life.stop();
  });
});

describe('what an administrator does to limits', () => {
  test('after the fence was lifted is what the next fence puts back', async () => {
    const world = createWorld({ fence: true });
    world.fencer.setLimit('beijing', 'app', 500);
    const life = world.start();
    await world.clock.advance(12_000);
    await ask(world, { id: 'one' });
    await world.clock.advance(20_000);
    await ask(world, { ...back, id: 'two' });
    await world.clock.advance(20_000);
    expect(limitsOf(world, 'beijing')).toEqual([500, 500, 500]);
    world.fencer.setLimit('beijing', 'app', 200);
    await ask(world, { id: 'three' });
    await world.clock.advance(20_000);
    await ask(world, { ...back, id: 'four' });
    await world.clock.advance(20_000);
    await life.stop();
    expect(limitsOf(world, 'beijing')).toEqual([200, 200, 200]);
  });
});

describe('an HAProxy that is restarted after a move', () => {
  test('is set back, and the side that was left stays fenced', async () => {
    const world = createWorld({ fence: true });
    const life = world.start();
    await world.clock.advance(12_000);
    await ask(world, {});
    await world.clock.advance(25_000);
    world.target.restart();
    await world.clock.advance(20_000);
    await life.stop();
    expect(limitsOf(world, 'beijing')).toEqual([0, 0, 0]);
    const reading = await world.target.read();
    expect(reading.status === 'read' && reading.active).toBe('shanghai');
  });

  test('is not set back to a side where somebody else keeps applications out', async () => {
    const world = createWorld({ fence: true });
    const life = world.start();
    await world.clock.advance(12_000);
    await ask(world, {});
    await world.clock.advance(25_000);
    await life.stop();
    world.fencer.setLimit('shanghai', 'app', 0);
    world.target.restart();
    const next = world.start();
    await world.clock.advance(40_000);
    await next.stop();
    const reading = await world.target.read();
    expect(reading.status === 'read' && reading.active).toBe('beijing');
  });
});

describe('the way back, given up because the other side could not be fenced', () => {
  test('leaves the fence of its destination as it was', async () => {
    const world = createWorld({ fence: true });
    const life = world.start();
    await world.clock.advance(12_000);
    await ask(world, {});
    await world.clock.advance(25_000);
    world.fencer.setNode('shanghai', 'sh1', 'silent');
    await ask(world, back);
    await world.clock.advance(20_000);
    await life.stop();
    expect((await world.record())?.desired).toBe('shanghai');
    expect((await world.record())?.fences.beijing?.state).toBe('set');
    expect(limitsOf(world, 'beijing')).toEqual([0, 0, 0]);
    expect(limitsOf(world, 'shanghai')[1]).toBeNull();
  });
});

describe('a process that is frozen while it ends an operation', () => {
  test('does not tell another end than the one that was written', async () => {
    const world = createWorld({ hook: true, failover: { cooldown: '0s' } });
    const store = world.store.reopen();
    const first = world.start(store);
    await world.clock.advance(12_000);
    world.setHook({ answer: 'refuse', detail: 'a freeze is on' });
    let frozen = false;
    store.onWrite(async (method, phase) => {
      const asked = (await world.record())?.operation?.steps.some(({ status }) => status === 'running');
      if (frozen || !asked || method !== 'writePair' || phase !== 'before') return;
      frozen = true;
      world.setHook({ answer: 'proceed', detail: '' });
      await world.clock.sleep(60_000);
    });
    world.prober.setSite('beijing', refused);
    await world.clock.advance(3_000);
    const second = world.start();
    await world.clock.advance(120_000);
    await first.stop();
    await second.stop();
    expect(frozen).toBe(true);
    const operations: Operation[] = await world.store.listOperations('demo', everything);
    expect(operations.map(({ phase }) => phase)).toEqual(['finished']);
  });
});

describe('a limit write that lands late, on a host whose clock is set', () => {
  test.each([
    ['back', -3_600_000],
    ['ahead', 600_000],
  ])('%s is noticed all the same', async (_, jumpMs) => {
    const world = createWorld({ fence: true });
    const life = world.start();
    await world.clock.advance(12_000);
    await ask(world, {});
    await world.clock.advance(20_000);
    await ask(world, back);
    await world.clock.advance(15_000);
    world.clock.setWallClock(world.clock.nowMs() + jumpMs);
    await world.clock.advance(5_000);
    world.fencer.setLimit('beijing', 'app', 0);
    await world.clock.advance(10_000);
    await life.stop();
    expect(limitsOf(world, 'beijing')).toEqual([null, null, null]);
  });
});

describe('a lost side that looked as if it could be fenced, and could not in time', () => {
  const stalled = { check: 'publish-confirm-get', class: 'publish-stalled', latencyMs: 1 } as const;

  async function lostBehind(unfenced: 'allow' | 'wait') {
    const world = createWorld({ fence: true, failover: { unfenced } });
    const life = world.start();
    await world.clock.advance(12_000);
    world.fencer.setLag('beijing', 'bj2', 20_000);
    world.prober.setSite('beijing', stalled);
    await world.clock.advance(120_000);
    await life.stop();
    return { flips: world.target.flips.map(({ site }) => site), record: await world.record() };
  }

  test('is left all the same, unless the policy waits for a person: then nothing moves by itself any more', async () => {
    expect((await lostBehind('allow')).flips).toEqual(['shanghai']);
    const { flips, record } = await lostBehind('wait');
    expect(flips).toEqual([]);
    expect(record?.latch).toMatchObject({ because: 'unfenced' });
  });
});
