import { describe, expect, test } from '@jest/globals';
import { createWorld } from '../../support/world.ts';

const refused = { check: 'tcp', class: 'refused', latencyMs: 1 } as const;

describe('a broken kept connection', () => {
  test('has the whole site probed at once, not at the next recheck', async () => {
    const world = createWorld();
    const life = world.start();
    // Between two exercises of the kept connections, when nothing else would wake the loop.
    await world.clock.advance(12_300);
    const startMs = world.clock.nowMs();
    world.prober.setSite('beijing', refused);
    for (const node of ['bj1', 'bj2', 'bj3']) world.prober.hint({ site: 'beijing', node, kind: 'broken', detail: '' });
    await world.clock.advance(5_000);
    await life.stop();
    const firstTold = world.notifier.events.find(({ atMs, kind }) => kind === 'health' && atMs >= startMs);
    expect((firstTold?.atMs ?? 0) - startMs).toBeLessThan(100);
    expect(world.target.flips.map(({ atMs }) => atMs - startMs)[0]).toBeLessThan(900);
  });
});
