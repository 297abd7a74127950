import { describe, expect, test } from '@jest/globals';
import { evaluateGuards } from '../../../core/decide/guards.ts';
import type { GuardName, Mover } from '../../../core/model/decision.ts';
import type { Fence } from '../../../core/model/record.ts';
import type { Situation } from '../../../core/model/situation.ts';
import { fencedPair, fenceReading, healthInState, operation, reading, situation } from '../../support/situation.ts';

const nowMs = 1_000;
const pause = { owner: 'alice', reason: 'release', untilMs: 2_000 };
const slot = (atMs: number) => ({ pair: 'other', epoch: 1, atMs });
const up = healthInState('shanghai', 'up');
const shanghai = (nodes: typeof up.nodes) => ({
  beijing: healthInState('beijing', 'down'),
  shanghai: { ...up, nodes },
});
const fence = (state: Fence['state']): Fence => {
  return { site: 'shanghai', epoch: 1, savedLimits: { app: null }, state, sinceMs: 0, untilMs: null, detail: '' };
};

type Change = Parameters<typeof situation>[0];

/** Beijing is lost, shanghai is ready, and nothing else is the matter. */
const lost = (change: Change = {}): Situation =>
  situation({
    health: { beijing: healthInState('beijing', 'down'), shanghai: up },
    ...change,
  });

function verdict(guard: GuardName, change: Change, mover: Mover = 'automatic') {
  const guards = evaluateGuards(lost(change), { from: 'beijing', to: 'shanghai', mover });
  return guards.find((each) => each.guard === guard)?.verdict ?? 'not asked';
}

describe('a guard of an automatic move', () => {
  test('passes when nothing is the matter', () => {
    const guards = evaluateGuards(lost(), { from: 'beijing', to: 'shanghai', mover: 'automatic' });
    expect(guards.filter((each) => each.verdict !== 'pass')).toEqual([]);
  });

  const { maxFailovers, windowMs } = situation({}).fleet;
  const spent = Array.from({ length: maxFailovers }, () => slot(nowMs));

  test.each<[string, GuardName, Change, 'pass' | 'fail' | 'unknown']>([
    ['a doubt', 'self-trust', { doubt: 'references-dark' }, 'fail'],
    ['an operation under way', 'no-operation', { record: { operation: operation('claimed') } }, 'fail'],
    [
      'a latch',
      'not-latched',
      { record: { latch: { because: 'failover', epoch: 1, sinceMs: 0, reason: '' } } },
      'fail',
    ],
    ['a pause of the pair', 'not-paused', { record: { pause } }, 'fail'],
    ['a pause of all pairs', 'not-paused', { fleetPause: pause }, 'fail'],
    ['maintenance of the side to leave', 'not-in-maintenance', { record: { maintenance: { beijing: pause } } }, 'fail'],
    ['maintenance of the destination', 'not-in-maintenance', { record: { maintenance: { shanghai: pause } } }, 'fail'],
    ['a cooldown that ends in a millisecond', 'cooldown', { record: { cooldownUntilMs: nowMs + 1 } }, 'fail'],
    ['a cooldown that ends now', 'cooldown', { record: { cooldownUntilMs: nowMs } }, 'pass'],
    ['every slot of the fleet taken', 'fleet-breaker', { slots: spent }, 'fail'],
    ['one slot left', 'fleet-breaker', { slots: spent.slice(1) }, 'pass'],
    ['slots that were taken a window ago', 'fleet-breaker', { slots: spent.map(() => slot(nowMs - windowMs)) }, 'pass'],
    ['targets on both sites', 'targets-agree', { readings: [reading('split')] }, 'fail'],
    ['a target that cannot be read', 'targets-agree', { readings: [reading('unreadable')] }, 'fail'],
    ['nobody who votes', 'quorum', { health: { beijing: healthInState('beijing', 'suspect'), shanghai: up } }, 'fail'],
    [
      'a destination with one failing node',
      'standby-ready',
      { health: shanghai([...up.nodes.slice(1), { ...nodeOf(), state: 'failed' }]) },
      'fail',
    ],
    [
      'a destination with one warned node',
      'standby-ready',
      { health: shanghai([...up.nodes.slice(1), { ...nodeOf(), state: 'warned' }]) },
      'fail',
    ],
    [
      'a destination with a node not seen yet',
      'standby-ready',
      { health: shanghai([...up.nodes.slice(1), { ...nodeOf(), state: 'unseen' }]) },
      'unknown',
    ],
    [
      'a destination with a node one pass short',
      'standby-ready',
      { health: shanghai([...up.nodes.slice(1), { ...nodeOf(), passes: 4 }]) },
      'unknown',
    ],
    [
      'a destination with a node that passed just often enough',
      'standby-ready',
      { health: shanghai([...up.nodes.slice(1), { ...nodeOf(), passes: 5 }]) },
      'pass',
    ],
    [
      'a destination of which nothing is known',
      'standby-ready',
      { health: { beijing: healthInState('beijing', 'down') } },
      'unknown',
    ],
    ['a fence on the destination', 'standby-ready', { record: { fences: { shanghai: fence('set') } } }, 'fail'],
    ['a fence that has been lifted', 'standby-ready', { record: { fences: { shanghai: fence('released') } } }, 'pass'],
    [
      "somebody else's limits at the destination",
      'standby-ready',
      { fences: { shanghai: fenceReading('shanghai', 'closed') } },
      'fail',
    ],
  ])('with %s: %s', (_, guard, change, expected) => {
    expect(verdict(guard, change)).toBe(expected);
  });
});

describe('what a person asks for', () => {
  test.each<[Mover, GuardName[]]>([
    ['failover', ['not-latched', 'not-paused', 'cooldown', 'fleet-breaker', 'active-serves']],
    ['switchover', ['quorum', 'not-latched', 'not-paused', 'cooldown', 'fleet-breaker']],
    ['drill', ['quorum', 'not-latched', 'cooldown', 'fleet-breaker']],
  ])('%s: is not held back by what holds back only what happens by itself', (mover, guards) => {
    for (const guard of guards) expect(verdict(guard, {}, mover)).toBe('not asked');
  });

  test.each<[string, Mover, string, 'pass' | 'fail']>([
    ['a planned move away from maintenance', 'switchover', 'beijing', 'pass'],
    ['a planned move into maintenance', 'switchover', 'shanghai', 'fail'],
    ['a drill into maintenance', 'drill', 'shanghai', 'fail'],
    ['a failover into maintenance', 'failover', 'shanghai', 'fail'],
  ])('%s', (_, mover, site, expected) => {
    expect(verdict('not-in-maintenance', { record: { maintenance: { [site]: pause } } }, mover)).toBe(expected);
  });

  test.each<[string, 'up' | 'degraded' | 'suspect' | 'unknown' | 'down', string]>([
    ['leaves a side that is up', 'up', 'pass'],
    ['leaves a side that is degraded', 'degraded', 'pass'],
    ['waits for a side that cannot be judged', 'suspect', 'unknown'],
    ['waits for a side that nobody has seen', 'unknown', 'unknown'],
    ['does not leave a side that is down', 'down', 'fail'],
  ])('as a planned move: %s', (_, state, expected) => {
    const health = { beijing: healthInState('beijing', state), shanghai: up };
    expect(verdict('active-serves', { health }, 'switchover')).toBe(expected);
  });

  test('as a planned move: needs a fence that can be set', () => {
    const withFence = (change: Change) => ({ pair: fencedPair, ...change });
    expect(verdict('fence-ready', {}, 'switchover')).toBe('fail');
    expect(verdict('fence-ready', withFence({}), 'switchover')).toBe('unknown');
    expect(
      verdict('fence-ready', withFence({ fences: { beijing: fenceReading('beijing', 'open') } }), 'switchover'),
    ).toBe('pass');
    expect(
      verdict('fence-ready', withFence({ fences: { beijing: fenceReading('beijing', 'unknown') } }), 'switchover'),
    ).toBe('fail');
  });

  test('lifts our own fence of the destination itself', () => {
    expect(verdict('standby-ready', { record: { fences: { shanghai: fence('set') } } }, 'failover')).toBe('pass');
  });
});

function nodeOf() {
  const [node] = up.nodes;
  if (!node) throw new Error('the site has no node');
  return node;
}
