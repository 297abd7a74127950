import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { MemoryProber } from '../../../adapters/memory/prober.ts';
import type { HealthState } from '../../../core/model/health.ts';
import { createWorld, type World } from '../../support/world.ts';

const refused = { check: 'tcp', class: 'refused', latencyMs: 1 } as const;
const everything = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, limit: 100 };

let world: World;
let eyes: MemoryProber;
let stop: () => Promise<void>;
let sequence = 0;

beforeEach(() => {
  world = createWorld({ vantages: ['witness', 'canary'], failover: { quorum: 2 } });
  eyes = world.createEyes();
  stop = world.start(world.store.reopen(), { vantage: 'witness', eyes, configHash: 'same' }).stop;
});
afterEach(() => stop());

/** What somebody who speaks only when something changed says now. */
async function say(health: Record<string, HealthState>, lasting = true, evidenceGeneration?: number): Promise<void> {
  sequence += 1;
  const generation = evidenceGeneration ?? (await world.record())?.evidenceGeneration ?? 0;
  await world.store.writeObservation({
    pair: 'demo',
    vantage: 'canary',
    holder: 'alarm canary',
    sequence,
    atMs: world.clock.nowMs(),
    configHash: 'same',
    evidenceGeneration: generation,
    doubt: null,
    health,
    lasting,
  });
}

const operations = async () => (await world.store.listOperations('demo', everything)).map(({ phase }) => phase);
const said = () => world.notifier.events.map(({ sentence }) => sentence).join('\n');

describe('a vantage whose word is lasting', () => {
  test('is counted long after it has spoken', async () => {
    await world.clock.advance(15_000);
    await say({ beijing: 'down' });
    await world.clock.advance(120_000);
    eyes.setSite('beijing', refused);
    await world.clock.advance(10_000);
    expect(await operations()).toEqual(['finished']);
  });

  test('is counted by whoever begins to listen after it has spoken', async () => {
    await world.clock.advance(15_000);
    await say({ beijing: 'down' });
    await stop();
    stop = world.start(world.store.reopen(), { vantage: 'witness', eyes, configHash: 'same' }).stop;
    await world.clock.advance(15_000);
    eyes.setSite('beijing', refused);
    await world.clock.advance(10_000);
    expect(await operations()).toEqual(['finished']);
  });

  test('is not counted any more once it is replaced', async () => {
    await world.clock.advance(15_000);
    await say({ beijing: 'down' });
    await world.clock.advance(5_000);
    await say({ beijing: 'up' });
    eyes.setSite('beijing', refused);
    await world.clock.advance(30_000);
    expect(await operations()).toEqual([]);
  });

  test('is not counted when fresh evidence is required of all', async () => {
    await world.clock.advance(15_000);
    await say({ beijing: 'down' }, true, 7);
    eyes.setSite('beijing', refused);
    await world.clock.advance(30_000);
    expect(await operations()).toEqual([]);
    expect(said()).toContain('canary gathers fresh evidence');
  });

  test('is what every other is not: without that word it is old soon', async () => {
    await world.clock.advance(15_000);
    await say({ beijing: 'down' }, false);
    await world.clock.advance(60_000);
    eyes.setSite('beijing', refused);
    await world.clock.advance(30_000);
    expect(await operations()).toEqual([]);
    expect(said()).toContain('canary has not been heard of lately');
  });
});
