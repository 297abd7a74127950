import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createVirtualClock } from '../../../../adapters/memory/clock.ts';
import { createMemoryStore } from '../../../../adapters/memory/store.ts';
import type { HealthSlice } from '../../../../core/flow/control/control.ts';
import { healthSlices } from '../../../../core/flow/control/health.ts';
import type { ControlOptions } from '../../../../core/flow/control/options.ts';
import type { Pair } from '../../../../core/model/config.ts';
import { type HealthState, healthStates } from '../../../../core/model/health.ts';
import { holdsForAll } from '../../../support/property.ts';
import { testConfig } from '../../../support/world.ts';

const { pairs, fleet } = testConfig();
const [pair] = pairs as [Pair];
const minuteMs = 60_000;
const startMs = Date.UTC(2026, 0, 1);

interface Change {
  site: string;
  atMs: number;
  to: HealthState;
}

/** What happened in the last two hours. */
const anyChanges: fc.Arbitrary<Change[]> = fc.array(
  fc.record({
    site: fc.constantFrom('beijing', 'shanghai'),
    atMs: fc.integer({ min: -60 * minuteMs, max: 60 * minuteMs }).map((ms) => startMs + ms),
    to: fc.constantFrom(...healthStates),
  }),
  { maxLength: 40 },
);

/** A range around it, in whole slices of a minute or more; part of it may be in the future. */
const anyRange = fc.record({
  beganMs: fc.integer({ min: -60, max: 30 }).map((minutes) => startMs + minutes * minuteMs),
  resolutionMs: fc.integer({ min: 60_000, max: 400_000 }),
  count: fc.integer({ min: 2, max: 24 }),
});

/** The slices of a range, when the clock says that an hour has passed. */
async function sliced(changes: Change[], fromMs: number, toMs: number, resolutionMs: number): Promise<HealthSlice[]> {
  const store = createMemoryStore();
  for (const change of changes.toSorted((left, right) => left.atMs - right.atMs))
    await store.recordTransition({ pair: 'demo', vantage: 'local', from: null, sentence: '', ...change });
  const options = { store, fleet, pairs, clock: createVirtualClock(startMs + 60 * minuteMs) } as unknown;
  return healthSlices(options as ControlOptions, pair, { fromMs, toMs, resolutionMs });
}

/** How long a site was in each state, to the millisecond. */
function timesOf(slices: HealthSlice[], site: string): Record<string, number> {
  const times: Record<string, number> = {};
  for (const slice of slices.filter((each) => each.site === site))
    for (const [state, share] of Object.entries(slice.shares))
      times[state] = (times[state] ?? 0) + share * (slice.toMs - slice.fromMs);
  const rounded = Object.entries(times).map(([state, ms]) => [state, Math.round(ms)] as const);
  return Object.fromEntries(rounded.filter(([, ms]) => ms > 0));
}

describe('the roll-up of health', () => {
  test('covers the range of each site without a gap, and the shares of each slice are one', async () => {
    await holdsForAll([anyChanges, anyRange], async (changes, { beganMs, resolutionMs, count }) => {
      const toMs = beganMs + count * resolutionMs - 1;
      for (const site of ['beijing', 'shanghai']) {
        const slices = (await sliced(changes, beganMs, toMs, resolutionMs)).filter((each) => each.site === site);
        expect(slices).toHaveLength(count);
        expect([beganMs, ...slices.map((slice) => slice.toMs)]).toEqual([...slices.map(({ fromMs }) => fromMs), toMs]);
        for (const { shares } of slices)
          expect(Object.values(shares).reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
      }
    });
  });

  test('of the whole is the sum of its parts, wherever it is cut', async () => {
    await holdsForAll([anyChanges, anyRange, fc.nat()], async (changes, { beganMs, resolutionMs, count }, cut) => {
      const cutMs = beganMs + (1 + (cut % (count - 1))) * resolutionMs;
      const toMs = beganMs + count * resolutionMs;
      const whole = await sliced(changes, beganMs, toMs, resolutionMs);
      const first = await sliced(changes, beganMs, cutMs, resolutionMs);
      const second = await sliced(changes, cutMs, toMs, resolutionMs);
      for (const site of ['beijing', 'shanghai'])
        expect(timesOf([...first, ...second], site)).toEqual(timesOf(whole, site));
    });
  });

  test('of coarse slices is that of fine ones', async () => {
    await holdsForAll([anyChanges, anyRange], async (changes, { beganMs, resolutionMs, count }) => {
      const toMs = beganMs + count * resolutionMs;
      const fine = await sliced(changes, beganMs, toMs, resolutionMs);
      const coarse = await sliced(changes, beganMs, toMs, 2 * resolutionMs);
      for (const site of ['beijing', 'shanghai']) expect(timesOf(coarse, site)).toEqual(timesOf(fine, site));
    });
  });
});
