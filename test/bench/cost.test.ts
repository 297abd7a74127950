import { describe, expect, test } from '@jest/globals';
import { assumptionsFrom, costPage } from '../../bench/cost.ts';
import { costOf, defaultAssumptions, minutesPerMonth, totalOf } from '../../bench/costModel.ts';
import { prices } from '../../bench/prices.ts';
import type { Ports, Store } from '../../core/flow/ports.ts';
import { createWorld } from '../support/world.ts';

describe('the cost model', () => {
  test('adds up: what is in the rows is in the sum', () => {
    for (const regions of [1, 3]) {
      const costs = costOf({ ...defaultAssumptions, regions });
      const rows = costs.reduce((sum, { base, perPair }) => sum + base + 10 * perPair, 0);
      expect(totalOf(costs, 10)).toBeCloseTo(rows, 10);
      expect(totalOf(costs, 10)).toBeCloseTo(totalOf(costs, 0) + 10 * (totalOf(costs, 1) - totalOf(costs, 0)), 10);
    }
  });

  test('takes the time of the watch function once for all pairs, in each Region', () => {
    const [lambda] = costOf({ ...defaultAssumptions, regions: 3, apiRequestsPerMonth: 0 });
    const seconds = 3 * minutesPerMonth * defaultAssumptions.watchSeconds;
    const requests = 3 * minutesPerMonth * prices.lambdaPerRequest;
    expect(lambda?.base).toBeCloseTo(seconds * 0.5 * prices.lambdaPerGbSecond + requests, 8);
    expect(lambda?.perPair).toBe(0);
  });

  test('takes a write of three vantages in three Regions nine times', () => {
    const only = { ...defaultAssumptions, readsPerTick: 0, storedMbPerPair: 0 };
    const of = (regions: number) => costOf({ ...only, regions }).find(({ service }) => service === 'DynamoDB')?.perPair;
    expect(of(3)).toBeCloseTo(9 * (of(1) ?? 0), 8);
  });

  test('has four custom metrics for each pair and Region', () => {
    const metrics = costOf(defaultAssumptions).find(({ service }) => service === 'CloudWatch metrics');
    expect(metrics?.perPair).toBeCloseTo(4 * prices.cloudwatchPerMetric, 10);
  });
});

describe('switches that health checkers look at', () => {
  const of = (service: string, change: object) =>
    costOf({ ...defaultAssumptions, ...change }).find((cost) => cost.service === service)?.base ?? Number.NaN;

  test('cost nothing where there is none', () => {
    for (const service of ['Route 53 health checks', 'S3']) expect(of(service, {})).toBe(0);
  });

  test('have a check with three features for each of three copies, and a calculated one', () => {
    expect(of('Route 53 health checks', { healthSwitches: 2 })).toBeCloseTo(2 * (3 * (0.5 + 3) + 0.5), 8);
  });

  test('are read by sixteen checkers every ten seconds, and once in a tick from each Region', () => {
    const [one, three] = [1, 3].map((regions) => of('S3', { healthSwitches: 1, regions }));
    const reads = (perMinute: number) => 3 * minutesPerMonth * perMinute * prices.s3PerGet;
    const writes = 3 * 10 * prices.s3PerPut;
    expect(one).toBeCloseTo(reads(96 + 12) + writes, 8);
    expect(three).toBeCloseTo(reads(96 + 3 * 12) + writes, 8);
  });
});

describe('what is assumed of the store', () => {
  /** What each call asks of DynamoDB: a decision is kept by looking for the newest row, and changing it or adding one. */
  const asks: Record<string, [reads: number, writes: number]> = {
    readPair: [1, 0],
    readFleet: [1, 0],
    listObservations: [1, 0],
    writeObservation: [0, 1],
    recordDecision: [1, 1],
  };

  /** Requests of all vantages for each of their turns by the clock, while nothing happens. */
  async function requestsOfATick(vantages: string[]): Promise<{ reads: number; writes: number }> {
    const world = createWorld(vantages.length > 1 ? { vantages } : {});
    const made: [number, number][] = [];
    const counted = (store: Store): Store =>
      new Proxy(store, {
        get: (inner, method: keyof Store) => {
          const work = inner[method] as (...parameters: unknown[]) => unknown;
          return (...parameters: unknown[]) => {
            made.push(asks[method] ?? [Number.NaN, Number.NaN]);
            return work(...parameters);
          };
        },
      });
    const decorate = (ports: Ports): Ports => ({ ...ports, store: counted(ports.store) });
    const lives = vantages.map((vantage) => world.start(world.store.reopen(), { vantage, decorate }));
    await world.clock.advance(60_000);
    made.length = 0;
    const minutes = 5;
    await world.clock.advance(minutes * 60_000);
    for (const life of lives) await life.stop();
    const ticks = minutes * defaultAssumptions.ticksPerMinute * vantages.length;
    const sum = (index: 0 | 1) => made.reduce((total, each) => total + each[index], 0) / ticks;
    return { reads: sum(0), writes: sum(1) };
  }

  test.each([[['one']], [['one', 'two', 'three']]])('is what %j ask of it while all is well', async (vantages) => {
    const { reads, writes } = await requestsOfATick(vantages);
    expect(Math.abs(reads / defaultAssumptions.readsPerTick - 1)).toBeLessThan(0.15);
    expect(Math.abs(writes / defaultAssumptions.writesPerTick - 1)).toBeLessThan(0.15);
  });
});

describe('the cost page', () => {
  test('has one and three Regions side by side, and the sums of its own columns', () => {
    const { given, regionCounts } = assumptionsFrom(['--pairs', '10']);
    const numbers = costPage(given, regionCounts)
      .split('\n')
      .map((line) => [...line.slice(24).matchAll(/\d+\.\d\d/g)].map(([text]) => Number(text)))
      .filter(({ length }) => length === 6);
    const sums = numbers.at(-1) ?? [];
    for (const [column, sum] of sums.entries()) {
      const added = numbers.slice(0, -1).reduce((total, row) => total + (row[column] ?? 0), 0);
      expect(Math.abs(added - sum)).toBeLessThan(0.06);
    }
  });

  test('says what was assumed, and that prices must be checked', () => {
    const page = costPage(...argumentsOf(['--pairs', '3', '--ticksPerMinute', '6']));
    expect(page).toContain('--pairs 3');
    expect(page).toContain('--ticksPerMinute 6');
    expect(page).toMatch(/Check them for your Region/);
  });

  test('refuses what is no number, or no assumption', () => {
    expect(() => assumptionsFrom(['--pairs', 'many'])).toThrow('--pairs: got many, expected a number');
    expect(() => assumptionsFrom(['--sites', '3'])).toThrow(/--sites/);
  });
});

function argumentsOf(words: string[]): Parameters<typeof costPage> {
  const { given, regionCounts } = assumptionsFrom(words);
  return [given, regionCounts];
}
