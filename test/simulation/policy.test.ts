import { describe, expect, test } from '@jest/globals';
import { createConfig } from '../../bench/simulation/policy.ts';
import { createDice } from '../../bench/simulation/random.ts';
import { configProblems } from '../../core/model/configRules.ts';

const configs = Array.from({ length: 400 }, (_, number) => createConfig(createDice(1, number)));
const pairs = configs.flatMap((config) => config.pairs);

describe('policies that are drawn', () => {
  test('are such as a configuration file may have', () => {
    expect(configs.flatMap((config) => configProblems(config.pairs))).toEqual([]);
  });

  // A limit of lag is refused while no source of it can be configured.
  test.each(['probe', 'failover'] as const)('differ in every key of %s', (part) => {
    const keys = Object.keys(pairs[0]?.[part] ?? {});
    const values = keys.map(
      (key) => new Set(pairs.map((pair) => Object.entries(pair[part]).find(([name]) => name === key)?.[1])),
    );
    expect(keys.length).toBeGreaterThan(5);
    expect(keys.filter((_, index) => (values[index]?.size ?? 0) < 2)).toEqual([]);
  });

  test.each([
    ['alarms that vote at once', () => pairs.some(({ probe }) => probe.alarmsAfterMs === 0)],
    ['stalled metadata that votes at once', () => pairs.some(({ probe }) => probe.metadataStalledAfterMs === 0)],
    ['more nodes than one that must serve', () => pairs.some(({ probe }) => probe.minNodes > 1)],
    ['a quorum by number', () => pairs.some(({ failover }) => Number(failover.quorum) > 1)],
    ['an endpoint to verify through', () => pairs.some(({ endpoint }) => endpoint !== undefined)],
    ['a vantage near to a site', () => pairs.some(({ vantages }) => vantages.some(({ near }) => near !== undefined))],
    ['a hook', () => pairs.some(({ hooks }) => hooks.before !== undefined)],
    ['several references', () => pairs.some(({ reference }) => reference.length > 1)],
  ])('have %s at times', (_, isDrawn) => {
    expect(isDrawn()).toBe(true);
  });
});
