import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { MemoryProber } from '../../../adapters/memory/prober.ts';
import { type Ports, StoreUnavailable } from '../../../core/flow/ports.ts';
import { createWorld, type World, type WorldOptions } from '../../support/world.ts';

const refused = { check: 'tcp', class: 'refused', latencyMs: 1 } as const;
const everything = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, limit: 100 };
const names = ['shanghai-host', 'witness', 'beijing-host'];

/** One vantage: what it sees of the world is its own. */
interface Vantage {
  name: string;
  eyes: MemoryProber;
  stop(): Promise<void>;
}

let world: World;
let vantages: Vantage[] = [];

function begin(options: WorldOptions = {}): void {
  world = createWorld({ vantages: names, failover: { quorum: 'majority' }, ...options });
  vantages = names.map((name) => startVantage(name));
}

function startVantage(name: string, configHash = 'same'): Vantage {
  const eyes = world.createEyes();
  const { stop } = world.start(world.store.reopen(), { vantage: name, eyes, configHash });
  return { name, eyes, stop };
}

/** From now on these vantages see beijing refuse. */
function lose(...who: string[]): void {
  for (const { name, eyes } of vantages) if (who.includes(name)) eyes.setSite('beijing', refused);
}

const operations = () => world.store.listOperations('demo', everything);
const said = () => world.notifier.events.map(({ sentence }) => sentence);

beforeEach(() => begin());
afterEach(async () => {
  for (const { stop } of vantages) await stop();
});

describe('three vantages, of which two must agree', () => {
  test('move traffic when all of them see the active side dead: once', async () => {
    await world.clock.advance(15_000);
    lose(...names);
    await world.clock.advance(10_000);
    expect((await operations()).map(({ phase, epoch }) => ({ phase, epoch }))).toEqual([
      { phase: 'finished', epoch: 2 },
    ]);
    expect(world.target.flips.map(({ site }) => site)).toEqual(['shanghai']);
  });

  test('do nothing about what only one of them sees, and say why', async () => {
    await world.clock.advance(15_000);
    lose('witness');
    await world.clock.advance(30_000);
    expect(await operations()).toEqual([]);
    expect(said().some((sentence) => /witness says that beijing is down; 2 votes needed\./.test(sentence))).toBe(true);
  });

  test('agree as soon as the second one sees it too', async () => {
    await world.clock.advance(15_000);
    lose('witness');
    await world.clock.advance(20_000);
    lose('shanghai-host');
    await world.clock.advance(6_000);
    expect((await operations()).map(({ phase }) => phase)).toEqual(['finished']);
  });

  test('still move traffic when the third one is gone', async () => {
    await world.clock.advance(15_000);
    await vantages[2]?.stop();
    await world.clock.advance(30_000);
    lose('witness', 'shanghai-host');
    await world.clock.advance(10_000);
    expect((await operations()).map(({ phase }) => phase)).toEqual(['finished']);
  });

  test('do not count a vote that is old: who is gone abstains', async () => {
    await world.clock.advance(15_000);
    lose('beijing-host');
    await world.clock.advance(2_000);
    await vantages[2]?.stop();
    await world.clock.advance(30_000);
    lose('witness');
    await world.clock.advance(30_000);
    expect(await operations()).toEqual([]);
    expect(said().some((sentence) => sentence.includes('beijing-host has not been heard of lately'))).toBe(true);
  });

  test('do not count what was written before they began to listen', async () => {
    await world.clock.advance(15_000);
    lose('beijing-host');
    await world.clock.advance(2_000);
    for (const { stop } of vantages) await stop();
    vantages = [startVantage('witness')];
    await world.clock.advance(15_000);
    lose('witness');
    await world.clock.advance(11_000);
    expect(await operations()).toEqual([]);
  });

  test('do not count as news what was written while they could not look, and may be old', async () => {
    const [first, second, third] = vantages;
    await first?.stop();
    await second?.stop();
    let isCutOff = false;
    const eyes = world.createEyes();
    const decorate = (ports: Ports): Ports => ({
      ...ports,
      store: {
        ...ports.store,
        async readPair(pair) {
          if (isCutOff) throw new StoreUnavailable('cut off');
          return ports.store.readPair(pair);
        },
        async listObservations(pair) {
          if (isCutOff) throw new StoreUnavailable('cut off');
          return ports.store.listObservations(pair);
        },
      },
    });
    const life = world.start(world.store.reopen(), { vantage: 'witness', eyes, configHash: 'same', decorate });
    await world.clock.advance(15_000);
    isCutOff = true;
    lose('beijing-host');
    await world.clock.advance(5_000);
    await third?.stop();
    await world.clock.advance(30_000);
    eyes.setSite('beijing', refused);
    await world.clock.advance(2_000);
    isCutOff = false;
    await world.clock.advance(30_000);
    await life.stop();
    expect(await operations()).toEqual([]);
  });

  test('do not count a vantage that does not trust itself', async () => {
    begin({ reference: ['tcp://10.9.9.9:53'] });
    await world.clock.advance(15_000);
    for (const { name, eyes } of vantages) if (name === 'beijing-host') eyes.setReference('tcp://10.9.9.9:53', false);
    lose('witness', 'beijing-host');
    await world.clock.advance(30_000);
    expect(await operations()).toEqual([]);
    expect(said().some((sentence) => sentence.includes('beijing-host does not trust itself'))).toBe(true);
  });

  test('do not count a vantage that was told something else', async () => {
    await vantages[2]?.stop();
    vantages[2] = startVantage('beijing-host', 'another');
    await world.clock.advance(15_000);
    lose('witness', 'beijing-host');
    await world.clock.advance(30_000);
    expect(await operations()).toEqual([]);
    expect(said().some((sentence) => sentence.includes('beijing-host has another configuration'))).toBe(true);
  });
});

describe('vantages that are near a site', () => {
  test('do not condemn it alone, however many they are', async () => {
    begin({
      vantages: [
        { name: 'shanghai-host', near: 'shanghai' },
        { name: 'witness', near: 'beijing' },
        { name: 'beijing-host', near: 'beijing' },
      ],
    });
    await world.clock.advance(15_000);
    lose('witness', 'beijing-host');
    await world.clock.advance(30_000);
    expect(await operations()).toEqual([]);
    expect(said().some((sentence) => sentence.includes('All of them are near that side.'))).toBe(true);
    lose('shanghai-host');
    await world.clock.advance(6_000);
    expect((await operations()).map(({ phase }) => phase)).toEqual(['finished']);
  });
});
