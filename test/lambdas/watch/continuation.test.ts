import { beforeEach, describe, expect, test } from '@jest/globals';
import { createRecordingNotifier } from '../../../adapters/memory/notifier.ts';
import type { Ports } from '../../../core/flow/ports.ts';
import { readStatus } from '../../../core/flow/status.ts';
import { watchPair } from '../../../core/flow/watch.ts';
import { beginningOf, continued } from '../../../lambdas/watch/continuation.ts';
import { unlessTold } from '../../../lambdas/watch/repeats.ts';
import { createWorld, type World } from '../../support/world.ts';

const everything = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, limit: 100 };
const unreadable = { check: 'management', class: 'management-only', depths: ['full'] } as const;
const refused = { check: 'tcp', class: 'refused', latencyMs: 1 } as const;

let world: World;
beforeEach(() => {
  world = createWorld({ failover: { mode: 'observe' } });
});

/** One run, as the function makes them every minute. @returns what people were told */
async function run(ms = 66_000): Promise<string[]> {
  const { clock, prober, target, fencer, store, pair, config } = world;
  const people = createRecordingNotifier();
  const over = new AbortController();
  const beginning = await beginningOf(store, clock, pair, 'here');
  const ports: Ports = {
    clock,
    prober,
    targets: [target],
    fencer,
    hooks: { before: null, after: null },
    store,
    notifier: unlessTold(people, clock, beginning, over.signal),
    random: () => 0.5,
    observeOnly: () => false,
  };
  const watch = { pair, fleet: config.fleet, vantage: 'here', holder: String(clock.nowMs()), configHash: 'same' };
  const ended = watchPair(continued(ports, beginning), watch, over.signal);
  await clock.advance(ms);
  over.abort();
  await clock.settle();
  await ended;
  const told = ['decision', 'alert', 'fence'];
  return people.events.filter(({ kind }) => told.includes(kind)).map(({ sentence }) => sentence);
}

describe('runs that follow one another', () => {
  test('write history as if one process had watched all the time', async () => {
    for (const _ of [1, 2, 3]) await run();
    const transitions = await world.store.listTransitions('demo', everything);
    expect(transitions.map(({ site, from, to }) => [site, from, to])).toEqual([
      ['shanghai', null, 'up'],
      ['beijing', null, 'up'],
    ]);
    const decisions = await world.store.listDecisions('demo', everything);
    expect(decisions.map(({ decision }) => decision.reason)).toEqual(['all-well', 'first-look']);
    expect(decisions[0]?.count).toBeGreaterThan(30);
  });

  test('are seen to protect, also where several vantages write less', async () => {
    world = createWorld({ vantages: ['here', 'there'], failover: { quorum: 2 } });
    world.start(world.store.reopen(), { vantage: 'there', configHash: 'same' });
    const { store, clock, target, config, pair } = world;
    const source = { pair, fleet: config.fleet, store, clock, targets: [target], killSwitch: false };
    await run();
    for (const ms of [5_000, 20_000, 50_000]) {
      await run(ms);
      expect((await readStatus(source)).protection).toMatchObject({ protected: true });
    }
  });

  test('write what changed between them, from what it was', async () => {
    await run();
    world.prober.setSite('shanghai', refused);
    await run();
    const transitions = await world.store.listTransitions('demo', everything);
    expect(transitions.filter(({ site }) => site === 'shanghai').map(({ from, to }) => [from, to])).toEqual([
      ['suspect', 'down'],
      ['up', 'suspect'],
      [null, 'up'],
    ]);
  });

  test('tell people once of what lasts', async () => {
    world.prober.setNode('beijing', 'bj1', unreadable);
    const told = [await run(), await run(), await run()];
    expect(told[0]?.filter((sentence) => sentence.includes('bj1'))).toHaveLength(2);
    expect(told.slice(1)).toEqual([[], []]);
  });

  test.each(['beijing', 'shanghai'])('do not write or tell that %s, which is down, is suspect again', async (site) => {
    await run();
    world.prober.setSite(site, refused);
    const told = await run();
    const transitions = await world.store.listTransitions('demo', everything);
    const decisions = await world.store.listDecisions('demo', everything);
    expect([await run(), await run()]).toEqual([[], []]);
    expect(told.length).toBeGreaterThan(0);
    expect(await world.store.listTransitions('demo', everything)).toEqual(transitions);
    expect(await world.store.listDecisions('demo', everything)).toHaveLength(decisions.length);
    world.prober.setSite(site, null);
    expect(await run()).toEqual([expect.stringContaining('Both sides are up')]);
    const [newest] = await world.store.listTransitions('demo', everything);
    expect(newest).toMatchObject({ site, to: 'up' });
  });

  test('tell people of what ended and began again', async () => {
    world.prober.setNode('beijing', 'bj1', unreadable);
    await run();
    world.prober.setNode('beijing', 'bj1', null);
    await run();
    world.prober.setNode('beijing', 'bj1', unreadable);
    expect((await run()).filter((sentence) => sentence.includes('bj1'))).toHaveLength(2);
  });

  test('tell it again after a while without any run', async () => {
    world.prober.setNode('beijing', 'bj1', unreadable);
    await run();
    await world.clock.advance(600_000);
    expect((await run()).filter((sentence) => sentence.includes('bj1'))).toHaveLength(2);
  });
});
