import { describe, expect, test } from '@jest/globals';
import type { PairRecord } from '../../../core/model/record.ts';
import { ask, limitsOf } from '../../support/asking.ts';
import { createWorld, type World } from '../../support/world.ts';

const refused = { check: 'tcp', class: 'refused', latencyMs: 1 } as const;
const everything = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, limit: 100 };
const shut = [0, 0, 0];
const unlimited = [null, null, null];

/** Starts a process, and does something once, right after it has written a record like that. */
async function startAndStrike(
  world: World,
  isIt: (record: PairRecord) => boolean,
  strike: (record: PairRecord) => Promise<void> | void,
) {
  const store = world.store.reopen();
  const life = world.start(store);
  await world.clock.advance(12_000);
  let struck = false;
  store.onWrite(async (method, phase) => {
    const record = await world.record();
    if (struck || method !== 'writePair' || phase !== 'after' || !record || !isIt(record)) return;
    struck = true;
    await strike(record);
  });
  return { life, wasStruck: () => struck };
}

const lastOutcome = async (world: World) => (await world.store.listOperations('demo', everything))[0];
const isFenced = ({ fences, operation }: PairRecord) =>
  operation?.phase === 'claimed' && fences.beijing?.state === 'set';

describe('an operation under way', () => {
  test('writes no target while the kill switch is on, also when its point of no return was passed in the same turn', async () => {
    const world = createWorld();
    const isCommitted = ({ operation }: PairRecord) => operation?.phase === 'committed';
    const { life, wasStruck } = await startAndStrike(world, isCommitted, () => world.setKillSwitch(true));
    world.prober.setSite('beijing', refused);
    // For longer than a target may fail until the operation stalls.
    await world.clock.advance(300_000);
    expect(wasStruck()).toBe(true);
    expect(world.target.flips).toEqual([]);
    world.setKillSwitch(false);
    await world.clock.advance(10_000);
    expect(world.target.flips.map(({ site }) => site)).toEqual(['shanghai']);
    await life.stop();
  });

  test('is not verified while a target says otherwise, and is once it does not', async () => {
    const world = createWorld();
    const isFlipped = ({ operation }: PairRecord) =>
      operation?.steps.some(({ name, status }) => name === 'flip' && status === 'done') === true;
    const { life } = await startAndStrike(world, isFlipped, () => world.target.edit('beijing'));
    world.prober.setSite('beijing', refused);
    await world.clock.advance(10_000);
    const verify = (await world.record())?.operation?.steps.find(({ name }) => name === 'verify');
    expect(verify).toMatchObject({ status: 'failed', detail: 'the targets say beijing, not shanghai' });
    world.target.edit('shanghai');
    await world.clock.advance(20_000);
    expect((await world.record())?.operation).toBeNull();
    expect(await lastOutcome(world)).toMatchObject({ phase: 'finished' });
    await life.stop();
  });
});

describe('a target that was restarted', () => {
  test('is not set back once the kill switch is on, also when that was about to be done', async () => {
    const world = createWorld();
    const isRepair = ({ version }: PairRecord) => world.target.flips.length === 0 && version > 1;
    const { life, wasStruck } = await startAndStrike(world, isRepair, () => world.setKillSwitch(true));
    world.target.restart('shanghai');
    await world.clock.advance(20_000);
    expect(wasStruck()).toBe(true);
    expect(world.target.flips).toEqual([]);
    world.setKillSwitch(false);
    await world.clock.advance(10_000);
    expect(world.target.flips.map(({ site }) => site)).toEqual(['beijing']);
    await life.stop();
  });

  test('is not set back in mode observe, and the side that traffic goes to is not kept fenced', async () => {
    const world = createWorld({ fence: true, failover: { mode: 'observe' } });
    const life = world.start();
    await world.clock.advance(12_000);
    await ask(world, {});
    await world.clock.advance(20_000);
    expect(limitsOf(world, 'beijing')).toEqual(shut);
    world.target.restart();
    await world.clock.advance(10_000);
    expect(limitsOf(world, 'beijing')).toEqual(unlimited);
    await life.stop();
  });
});

describe('a planned move', () => {
  test('that was held up for minutes before its point of no return is given up', async () => {
    const world = createWorld({ fence: true });
    const { life, wasStruck } = await startAndStrike(world, isFenced, () => new Promise(() => {}));
    await ask(world, {});
    await world.clock.advance(10_000);
    expect(wasStruck()).toBe(true);
    await Promise.race([life.stop(), world.clock.settle()]);
    await world.clock.advance(150_000);
    const next = world.start();
    await world.clock.advance(30_000);
    expect((await lastOutcome(world))?.outcome).toContain('it was held up for too long');
    expect(world.target.flips).toEqual([]);
    expect(limitsOf(world, 'beijing')).toEqual(unlimited);
    await next.stop();
  });

  test('ends when its fence is gone at the point of no return', async () => {
    const world = createWorld({ fence: true });
    const { life, wasStruck } = await startAndStrike(world, isFenced, async (record) => {
      const { beijing } = record.fences;
      if (beijing) await world.store.writePair({ ...record, fences: { beijing: { ...beijing, state: 'wanted' } } });
    });
    await ask(world, {});
    await world.clock.advance(30_000);
    expect(wasStruck()).toBe(true);
    expect((await lastOutcome(world))?.outcome).toContain('beijing is not fenced');
    expect(world.target.flips).toEqual([]);
    await life.stop();
  });

  test('is fenced anew by the process that takes it over: what was proven before may be true no more', async () => {
    const world = createWorld({ fence: true });
    const { life } = await startAndStrike(world, isFenced, () => new Promise(() => {}));
    await ask(world, {});
    await world.clock.advance(10_000);
    await Promise.race([life.stop(), world.clock.settle()]);
    world.fencer.setLimit('beijing', 'app', 50);
    const store = world.store.reopen();
    let limitsAtCommit: unknown = null;
    store.onWrite(async (method, phase) => {
      const operation = (await world.record())?.operation;
      if (method === 'writePair' && phase === 'after' && operation?.phase === 'committed')
        limitsAtCommit ??= limitsOf(world, 'beijing');
    });
    const next = world.start(store);
    await world.clock.advance(40_000);
    expect(limitsAtCommit).toEqual(shut);
    await next.stop();
  });
});

describe('a failover that nobody went on with for a while', () => {
  test('does not shut applications out of a side that is back', async () => {
    const world = createWorld({ fence: true });
    const isClaimed = ({ operation, fences }: PairRecord) => operation?.phase === 'claimed' && !fences.beijing;
    const { life, wasStruck } = await startAndStrike(world, isClaimed, () => new Promise(() => {}));
    world.prober.setSite('beijing', refused);
    await world.clock.advance(10_000);
    expect(wasStruck()).toBe(true);
    await Promise.race([life.stop(), world.clock.settle()]);
    world.prober.setSite('beijing', null);
    await world.clock.advance(20_000);
    const next = world.start();
    for (let passedMs = 0; passedMs < 30_000; passedMs += 100) {
      await world.clock.advance(100);
      expect(limitsOf(world, 'beijing')).toEqual(unlimited);
    }
    expect((await lastOutcome(world))?.outcome).toContain('beijing serves again');
    await next.stop();
  });
});

describe('a fence that is still wanted when its side returns', () => {
  /** Beijing died with its management, so traffic moved without a fence. */
  async function unfenced() {
    const world = createWorld({ fence: true });
    const life = world.start();
    await world.clock.advance(12_000);
    world.prober.setSite('beijing', refused);
    world.fencer.setSite('beijing', 'down');
    await world.clock.advance(20_000);
    expect((await world.record())?.fences.beijing?.state).toBe('wanted');
    return { world, life };
  }

  test('is set at once', async () => {
    const { world, life } = await unfenced();
    // Nodes that return have no limits: nobody could write any.
    world.fencer.setSite('beijing', 'well');
    await world.clock.advance(10_000);
    expect(limitsOf(world, 'beijing')).toEqual(shut);
    await life.stop();
  });

  test('is not set while the kill switch is on', async () => {
    const { world, life } = await unfenced();
    world.setKillSwitch(true);
    world.fencer.setSite('beijing', 'well');
    await world.clock.advance(10_000);
    expect(limitsOf(world, 'beijing')).toEqual(unlimited);
    world.setKillSwitch(false);
    await world.clock.advance(10_000);
    expect(limitsOf(world, 'beijing')).toEqual(shut);
    await life.stop();
  });

  test('is not set by a process that does not know yet that somebody gave it up', async () => {
    const { world, life } = await unfenced();
    const known = await world.record();
    if (!known?.fences.beijing) throw new Error('there is no fence');
    // The limits it would put back are known, so that nothing is read at the side before they are written.
    await world.store.writePair({
      ...known,
      fences: { beijing: { ...known.fences.beijing, savedLimits: { app: null } } },
    });
    await world.clock.advance(20_000);
    const record = await world.record();
    if (!record) throw new Error('there is no record');
    await world.store.writePair({ ...record, fences: {} });
    world.fencer.setSite('beijing', 'well');
    for (let second = 0; second < 20; second += 1) {
      await world.clock.advance(1_000);
      expect(limitsOf(world, 'beijing')).toEqual(unlimited);
    }
    await life.stop();
  });
});

describe('a failover whose prober lost sight of everything since the claim', () => {
  test('is given up, and not for what it saw before', async () => {
    const reference = ['tcp:10.0.8.1:53', 'tcp:10.0.8.2:53'];
    const world = createWorld({ reference });
    const isClaimed = ({ operation }: PairRecord) => operation?.phase === 'claimed';
    const { life, wasStruck } = await startAndStrike(world, isClaimed, () => {
      for (const each of reference) world.prober.setReference(each, false);
    });
    world.prober.setSite('beijing', refused);
    await world.clock.advance(20_000);
    expect(wasStruck()).toBe(true);
    expect(world.target.flips).toEqual([]);
    expect((await lastOutcome(world))?.outcome).toContain('reference');
    await life.stop();
  });
});
