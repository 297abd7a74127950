import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { MemoryProber } from '../../../adapters/memory/prober.ts';
import { newFleetRecord, type Pause } from '../../../core/model/record.ts';
import { ask } from '../../support/asking.ts';
import { createWorld, type World, type WorldOptions } from '../../support/world.ts';

const hourMs = 3_600_000;
/** Of every pause here. */
const pauseMs = 600_000;
const refused = { check: 'tcp', class: 'refused', latencyMs: 1 } as const;
const everything = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, limit: 100 };

let world: World;
let eyes: MemoryProber[];
let lives: ReturnType<World['start']>[];
/** How far ahead the clock of each vantage is. */
let aheadMs: Record<string, number>;

function watchFrom(vantages: string[], options: WorldOptions = {}): void {
  world = createWorld({ ...options, ...(vantages.length > 1 && { vantages, failover: { quorum: 2 } }) });
  aheadMs = {};
  eyes = [];
  lives = vantages.map(begin);
}

/** Another process of the vantage. */
function begin(vantage: string) {
  const own = world.createEyes();
  eyes.push(own);
  return world.start(world.store.reopen(), {
    vantage,
    eyes: own,
    configHash: 'same',
    decorate: (ports) => ({
      ...ports,
      clock: { ...ports.clock, nowMs: () => ports.clock.nowMs() + (aheadMs[vantage] ?? 0) },
    }),
  });
}

const pauseFor = (ms: number): Pause => ({ owner: 'alice', reason: 'maintenance', untilMs: world.clock.nowMs() + ms });

async function pausePair(forMs: number): Promise<void> {
  const record = await world.record();
  if (!record) throw new Error('there is no record');
  await world.store.writePair({ ...record, pause: pauseFor(forMs) });
}

function lose(): void {
  for (const each of eyes) each.setSite('beijing', refused);
}

const said = (words: string) => world.notifier.events.filter(({ sentence }) => sentence.includes(words)).length;
const moves = async () => (await world.store.listOperations('demo', everything)).length;

beforeEach(() => {
  lives = [];
});
afterEach(async () => {
  for (const { stop } of lives) await stop();
});

describe('a pause, watched by three vantages of which one has a clock that is hours ahead', () => {
  beforeEach(async () => {
    watchFrom(['beijing-eye', 'shanghai-eye', 'witness']);
    await world.clock.advance(20_000);
    await pausePair(pauseMs);
  });

  test('goes on until most clocks say that it is over', async () => {
    aheadMs.witness = 2 * hourMs;
    await world.clock.advance(30_000);
    lose();
    await world.clock.advance(30_000);
    expect((await world.record())?.pause).not.toBeNull();
    expect(await moves()).toBe(0);
  });

  test('ends when it should, and the loss of the side that is noticed then moves traffic', async () => {
    aheadMs.witness = 2 * hourMs;
    lose();
    await world.clock.advance(pauseMs + 60_000);
    expect((await world.record())?.pause).toBeNull();
    expect(await moves()).toBe(1);
  });

  test('ends when it should although another clock is hours behind', async () => {
    aheadMs.witness = -2 * hourMs;
    await world.clock.advance(pauseMs - 60_000);
    expect((await world.record())?.pause).not.toBeNull();
    await world.clock.advance(80_000);
    expect((await world.record())?.pause).toBeNull();
  });

  test('goes on also when nobody could be heard for a while, and nobody is told that this clock is right', async () => {
    aheadMs.witness = 2 * hourMs;
    await world.clock.advance(30_000);
    // The witness, whose clock is wrong, hears the others to their last words, and is the first that it answers again.
    for (const { cutOff } of lives) {
      cutOff('it does not answer');
      await world.clock.advance(6_000);
    }
    await world.clock.advance(100_000);
    for (const { cutOff } of lives.toReversed()) {
      cutOff(null);
      await world.clock.advance(5_000);
    }
    expect((await world.record())?.pause).not.toBeNull();
    expect(said('The clock of this host agrees')).toBe(0);
  });

  test('is a reason to tell people about that clock, once, and when it is right again', async () => {
    aheadMs.witness = 2 * hourMs;
    await world.clock.advance(60_000);
    expect(said('The clock of this host is 2 h ahead of those of most vantages')).toBe(1);
    aheadMs.witness = 0;
    await world.clock.advance(60_000);
    expect(said('The clock of this host agrees')).toBe(1);
  });
});

describe('a process that has just begun, on a host whose clock is hours ahead', () => {
  async function beginWitnessAnew(): Promise<void> {
    await lives.pop()?.stop();
    aheadMs.witness = 2 * hourMs;
    lives.push(begin('witness'));
  }

  test('begins no planned move before it is due', async () => {
    watchFrom(['beijing-eye', 'shanghai-eye', 'witness'], { fence: true });
    await world.clock.advance(20_000);
    await ask(world, { notBeforeMs: world.clock.nowMs() + hourMs, untilMs: world.clock.nowMs() + 2 * hourMs });
    await beginWitnessAnew();
    await world.clock.advance(60_000);
    expect((await world.record())?.operation).toBeNull();
    expect(await moves()).toBe(0);
  });

  test('leaves the fence of a planned move for as long as it is to stay', async () => {
    watchFrom(['beijing-eye', 'shanghai-eye', 'witness'], { fence: true });
    await world.clock.advance(20_000);
    await ask(world, {});
    await world.clock.advance(20_000);
    expect((await world.record())?.fences.beijing?.state).toBe('set');
    await beginWitnessAnew();
    await world.clock.advance(60_000);
    expect((await world.record())?.fences.beijing?.state).toBe('set');
  });

  test('waits for those that are gone no longer than it takes to hear those that are not', async () => {
    watchFrom(['beijing-eye', 'shanghai-eye', 'witness'], { fence: true });
    await world.clock.advance(20_000);
    for (const { stop } of lives.splice(0)) await stop();
    await world.clock.advance(hourMs);
    await ask(world, { untilMs: world.clock.nowMs() + hourMs });
    lives.push(begin('witness'));
    await world.clock.advance(60_000);
    expect(await moves()).toBe(1);
    expect(said('of most vantages')).toBe(0);
  });
});

test('a pause that is watched by two vantages goes on until both clocks say that it is over', async () => {
  watchFrom(['beijing-eye', 'witness']);
  await world.clock.advance(20_000);
  await pausePair(pauseMs);
  aheadMs.witness = 2 * hourMs;
  await world.clock.advance(pauseMs - 30_000);
  expect((await world.record())?.pause).not.toBeNull();
  await world.clock.advance(60_000);
  expect((await world.record())?.pause).toBeNull();
});

test('a cooldown does not end for one vantage whose clock is hours ahead', async () => {
  watchFrom(['beijing-eye', 'shanghai-eye', 'witness']);
  await world.clock.advance(20_000);
  const record = await world.record();
  if (!record) throw new Error('there is no record');
  await world.store.writePair({ ...record, cooldownUntilMs: world.clock.nowMs() + hourMs });
  aheadMs.witness = 2 * hourMs;
  await world.clock.advance(30_000);
  lose();
  await world.clock.advance(60_000);
  expect(await moves()).toBe(0);
});

test('vantages whose clocks differ by seconds each go by their own, and nobody is told', async () => {
  watchFrom(['beijing-eye', 'shanghai-eye', 'witness']);
  aheadMs = { witness: 3_000, 'beijing-eye': -3_000 };
  await world.clock.advance(120_000);
  expect(said('of most vantages')).toBe(0);
});

test('a pause of all pairs that was made longer a moment before its end goes on', async () => {
  watchFrom(['test']);
  await world.clock.advance(12_000);
  await world.store.writeFleet({ ...newFleetRecord(), pause: pauseFor(20_000) });
  lose();
  await world.clock.advance(18_000);
  await world.store.writeFleet({ ...(await world.store.readFleet()), pause: pauseFor(hourMs) });
  await world.clock.advance(120_000);
  expect((await world.store.readFleet()).pause).not.toBeNull();
  expect(await moves()).toBe(0);
  expect(said('Traffic moves')).toBe(0);
});
