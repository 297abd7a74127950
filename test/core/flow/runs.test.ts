import { describe, expect, test } from '@jest/globals';
import { ask, limitsOf } from '../../support/asking.ts';
import { obeyBroker } from '../../support/transcript/brokers.ts';
import { createWorld, type World } from '../../support/world.ts';

const everything = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, limit: 100 };

const fail = (world: World, state: string) => obeyBroker(world, [world.prober], 'beijing', state);

/** Processes that live for 66 seconds and begin every 60, as the scheduled function does. */
async function watchByRuns(world: World, runs: number, during: (run: number) => void = () => {}): Promise<void> {
  let last: { stop(): Promise<void> } | null = null;
  for (let run = 0; run < runs; run += 1) {
    const next = world.start(world.store.reopen(), { vantage: 'scheduled' });
    await world.clock.advance(6_000);
    await last?.stop();
    during(run);
    await world.clock.advance(54_000);
    last = next;
  }
  await last?.stop();
}

async function movedAtMs(world: World): Promise<number | null> {
  const [operation] = await world.store.listOperations('demo', everything);
  return operation ? operation.timeline.claimedAtMs - startMs : null;
}

const startMs = createWorld().clock.nowMs();

describe('what votes only when it lasts, watched by processes that live for a minute', () => {
  test('votes when an alarm has lasted for as long as the policy says', async () => {
    const world = createWorld({ probe: { alarmsAfter: '5m' } });
    await watchByRuns(world, 8, (run) => run === 1 && fail(world, 'alarm'));
    expect(await movedAtMs(world)).toBeGreaterThan(66_000 + 300_000);
    expect(await movedAtMs(world)).toBeLessThan(66_000 + 330_000);
  });

  test('votes when metadata has been stalled for as long as the policy says', async () => {
    const world = createWorld({ probe: { metadataStalledAfter: '90s' } });
    await watchByRuns(world, 5, (run) => run === 1 && fail(world, 'metadata-stalled'));
    expect(await movedAtMs(world)).toBeGreaterThan(66_000 + 90_000);
    expect(await movedAtMs(world)).toBeLessThan(66_000 + 150_000);
  });

  test('begins anew where it was over in between', async () => {
    const world = createWorld({ probe: { alarmsAfter: '3m' } });
    await watchByRuns(world, 8, (run) => fail(world, run % 3 === 0 ? 'well' : 'alarm'));
    expect(await movedAtMs(world)).toBeNull();
  });

  test('begins anew where nobody watched for longer than what was decided last is remembered', async () => {
    const world = createWorld({ probe: { alarmsAfter: '2m' } });
    await watchByRuns(world, 2, () => fail(world, 'alarm'));
    await world.clock.advance(600_000);
    await watchByRuns(world, 1);
    expect(await movedAtMs(world)).toBeNull();
  });

  test('does not outlive a new beginning of all evidence', async () => {
    const world = createWorld({ probe: { alarmsAfter: '3m' } });
    await watchByRuns(world, 2, () => fail(world, 'alarm'));
    const life = world.start(world.store.reopen(), { vantage: 'scheduled' });
    await world.clock.advance(30_000);
    const record = await world.record();
    if (!record) throw new Error('there is no record');
    await world.store.writePair({ ...record, evidenceGeneration: record.evidenceGeneration + 1 });
    await world.clock.advance(150_000);
    expect(await movedAtMs(world)).toBeNull();
    await life.stop();
  });
});

describe('a fence that was released, watched by processes that live for a minute', () => {
  test('is over after some minutes, and what an administrator sets then stays', async () => {
    const world = createWorld({ fence: true, failover: { fenceFor: '10s' } });
    await watchByRuns(world, 1);
    await ask(world, {});
    await watchByRuns(world, 9);
    expect((await world.record())?.desired).toBe('shanghai');
    expect((await world.record())?.fences).toEqual({});
    world.fencer.setLimit('beijing', 'app', 0);
    await watchByRuns(world, 1);
    expect(limitsOf(world, 'beijing')).toEqual([0, 0, 0]);
  });

  test('is not over because somebody set the clock: a limit write may still land', async () => {
    const world = createWorld({ fence: true, failover: { fenceFor: '10s' } });
    const life = world.start(world.store.reopen(), { vantage: 'scheduled' });
    await world.clock.advance(12_000);
    await ask(world, {});
    await world.clock.advance(30_000);
    expect((await world.record())?.fences).toMatchObject({ beijing: { state: 'released' } });
    world.clock.setWallClock(world.clock.nowMs() + 600_000);
    await world.clock.advance(5_000);
    world.fencer.setLimit('beijing', 'app', 0);
    await world.clock.advance(30_000);
    expect(limitsOf(world, 'beijing')).toEqual([null, null, null]);
    await life.stop();
  });
});

describe('a failover that waits for evidence, watched by processes that live for a minute', () => {
  test('is given up after some minutes', async () => {
    const world = createWorld();
    const store = world.store.reopen();
    const first = world.start(store);
    await world.clock.advance(12_000);
    store.onWrite(async (method, phase) => {
      const operation = (await world.record())?.operation;
      if (method === 'writePair' && phase === 'after' && operation?.phase === 'claimed') await new Promise(() => {});
    });
    fail(world, 'refused');
    await world.clock.advance(10_000);
    await Promise.race([first.stop(), world.clock.settle()]);
    expect((await world.record())?.operation?.phase).toBe('claimed');
    // It cannot be judged any more.
    fail(world, 'auth');
    await watchByRuns(world, 7);
    const [operation] = await world.store.listOperations('demo', everything);
    expect(operation).toMatchObject({ phase: 'aborted' });
    expect(world.target.flips).toEqual([]);
  });
});

describe('a pause, watched from several vantages by processes that live for a minute and look seldom', () => {
  test('ends when its time is over', async () => {
    const world = createWorld({ vantages: ['scheduled', 'witness'], probe: { every: '60s' }, failover: { quorum: 1 } });
    await watchByRuns(world, 1);
    const record = await world.record();
    if (!record) throw new Error('there is no record');
    const pause = { owner: 'alice', reason: 'release', untilMs: world.clock.nowMs() + 60_000 };
    await world.store.writePair({ ...record, pause });
    await watchByRuns(world, 4);
    expect((await world.record())?.pause).toBeNull();
  });
});
