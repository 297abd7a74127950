import { describe, expect, test } from '@jest/globals';
import { createVirtualClock } from '../../adapters/memory/clock.ts';
import { createMemoryFencer } from '../../adapters/memory/fencer.ts';
import { createRecordingNotifier } from '../../adapters/memory/notifier.ts';
import { createMemoryProber } from '../../adapters/memory/prober.ts';
import { createMemoryStore } from '../../adapters/memory/store.ts';
import type { Pair } from '../../core/model/config.ts';
import { restartDelayMs, superviseWatch } from '../../lambdas/shared/supervise.ts';
import { testConfig } from '../support/world.ts';

describe('the watch of a pair', () => {
  test('starts again after an error that nobody expected, and tells of its kind and its place', async () => {
    const { pairs, fleet } = testConfig();
    const [pair] = pairs as [Pair];
    const clock = createVirtualClock();
    const notifier = createRecordingNotifier();
    let reads = 0;
    const target = {
      id: 'haproxy',
      async read() {
        reads += 1;
        if (reads === 1) throw new TypeError('cannot read amqp://monitor:hunter2@mq');
        return { target: 'haproxy', status: 'unreadable' as const, detail: 'gone' };
      },
      flip: () => Promise.reject(new Error('not here')),
      close: async () => {},
    };
    const aborter = new AbortController();
    const ports = {
      clock,
      notifier,
      prober: createMemoryProber({ clock }),
      fencer: createMemoryFencer({ clock, sites: {} }),
      hooks: { before: null, after: null },
      store: createMemoryStore(),
      targets: [target],
      random: () => 1,
      observeOnly: () => false,
    };
    const over = superviseWatch(
      ports,
      { pair, fleet, vantage: 'local', holder: 'test', configHash: '' },
      aborter.signal,
    );
    await clock.advance(3_000);
    aborter.abort();
    await clock.advance(0);
    await over;
    const [first] = notifier.events;
    const stack = expect.arrayContaining([expect.stringMatching(/supervise\.test\.ts:\d+:\d+/)]);
    expect(first).toMatchObject({ kind: 'alert', severity: 'critical', data: { error: 'TypeError', stack } });
    expect(first?.sentence).toBe(
      'The watch of demo failed because of an error in Warren (TypeError). Nothing is moved; it starts again in 1.0 s.',
    );
    expect(JSON.stringify(notifier.events)).not.toContain('hunter2');
    expect(notifier.events.some(({ kind }) => kind === 'decision')).toBe(true);
  });

  test('waits longer after each failure in a row, up to a minute', () => {
    expect([1, 2, 3, 20].map((failures) => restartDelayMs(failures, 1))).toEqual([1_000, 2_000, 4_000, 60_000]);
    expect(restartDelayMs(3, 0)).toBe(2_000);
  });
});
