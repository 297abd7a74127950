import { describe, expect, test } from '@jest/globals';
import type { Pair } from '../../../core/model/config.ts';
import type { NodeWindow, PairWindow } from '../../../core/model/health.ts';
import { scheduleProbes } from '../../../core/observe/schedule.ts';
import { emptyWindow } from '../../../core/observe/window.ts';
import { testConfig } from '../../support/world.ts';

const [pair] = testConfig({ nodesPerSite: 1 }).pairs as [Pair];
const refused = [{ class: 'refused' as const, detail: '' }];

/** When the next probes of bj1 are due, in ms after their last start at 10 s; null: not at all. */
function dueAfterMs(change: Partial<NodeWindow>, watched = pair, desired: string | null = 'beijing') {
  const window = windowWith(change);
  const scheduled = scheduleProbes(window, watched, () => 10_000, desired).filter(({ site }) => site === 'beijing');
  const due = (depth: string) => scheduled.find((probe) => probe.depth === depth)?.dueAtMs;
  const relative = (atMs: number | undefined) => (atMs === undefined ? null : atMs - 10_000);
  return { full: relative(due('full')), kept: relative(due('kept')) };
}

function windowWith(change: Partial<NodeWindow>): PairWindow {
  const window = emptyWindow(pair, 0, 0);
  const node = window.sites.beijing?.bj1 as NodeWindow;
  const bj1 = { ...node, keptAnsweredStartMs: 10_000, ...change };
  return { ...window, sites: { ...window.sites, beijing: { bj1 } } };
}

describe('when a node is probed next', () => {
  test('a passing node: its kept connection every recheck, the whole ladder now and then', () => {
    expect(dueAfterMs({ state: 'passing', keptAlive: true })).toEqual({ full: 30_000, kept: 1_000 });
  });

  test('a suspect node: the whole ladder every recheck, overlapping', () => {
    expect(dueAfterMs({ state: 'suspect' })).toEqual({ full: 1_000, kept: null });
  });

  test('a site whose every node refuses: three times as fast, for a refusal is an answer', () => {
    expect(dueAfterMs({ state: 'suspect', findings: { kept: [], full: refused } })).toEqual({ full: 334, kept: null });
  });

  test('a failed node: slowly, it may be gone for long', () => {
    expect(dueAfterMs({ state: 'failed' })).toEqual({ full: 5_000, kept: null });
  });

  test('a failed node about which several vantages vote: fast, so that no vote is older than it must be', () => {
    const [voted] = testConfig({ nodesPerSite: 1, vantages: ['one', 'two', 'three'] }).pairs as [Pair];
    expect(dueAfterMs({ state: 'failed' }, voted)).toEqual({ full: 1_000, kept: null });
    expect(dueAfterMs({ state: 'failed' }, voted, null)).toEqual({ full: 1_000, kept: null });
    // Nobody votes on the side where traffic should not be.
    expect(dueAfterMs({ state: 'failed' }, voted, 'shanghai')).toEqual({ full: 5_000, kept: null });
  });

  test('a node under an alarm that does not vote yet: often enough to see it end', () => {
    const alarm = { state: 'warned' as const, keptAlive: false, conditionSinceMs: { alarm: 0 } };
    expect(dueAfterMs(alarm)).toEqual({ full: 5_000, kept: 1_000 });
    expect(dueAfterMs({ ...alarm, conditionFailures: 1 }).full).toBe(1_000);
  });

  test('a node whose kept connection broke: now, but not twice in one moment', () => {
    expect(dueAfterMs({ state: 'passing', fullRequestedAtMs: 15_000 }).full).toBe(5_000);
    expect(dueAfterMs({ state: 'passing', fullRequestedAtMs: 10_001 }).full).toBe(334);
    expect(dueAfterMs({ state: 'passing', fullRequestedAtMs: 9_999 }).full).toBe(30_000);
  });

  test('a node whose kept connection is silent: asked in another way after half a recheck', () => {
    const silent = { state: 'passing' as const, keptAlive: true, keptAnsweredStartMs: 9_000 };
    expect(dueAfterMs(silent)).toEqual({ full: 500, kept: 1_000 });
  });

  test('a node that was never probed: at once', () => {
    const scheduled = scheduleProbes(emptyWindow(pair, 0, 500), pair, () => null, null);
    expect(scheduled.map(({ depth, dueAtMs }) => ({ depth, dueAtMs }))).toEqual([
      { depth: 'full', dueAtMs: 500 },
      { depth: 'full', dueAtMs: 500 },
    ]);
  });
});
