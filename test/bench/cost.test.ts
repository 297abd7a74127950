import { spawnSync } from 'node:child_process';
import { describe, expect, jest, test } from '@jest/globals';
import type { Context } from 'aws-lambda';
import { encodeRow } from '../../adapters/dynamodb/document.ts';
import { retentionMs } from '../../adapters/dynamodb/layout.ts';
import { assumptionsFrom, costPage } from '../../bench/cost.ts';
import { costOf, defaultAssumptions, minutesPerMonth, totalOf } from '../../bench/costModel.ts';
import { prices } from '../../bench/prices.ts';
import type { Ports, Store } from '../../core/flow/ports.ts';
import { createLogger, notifierTo } from '../../lambdas/shared/logger.ts';
import { reserveSeconds } from '../../lambdas/watch/contract.ts';
import { oneRegion, propertiesOf, templateOf, templatesOf } from '../infra/support.ts';
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

test('the memory and the timeout of the model are those that are deployed', () => {
  const [watch] = propertiesOf(templateOf(templatesOf(oneRegion), 'warren-vantage-ireland'), 'AWS::Lambda::Function');
  const { memoryMb, watchSeconds } = defaultAssumptions;
  expect(watch).toMatchObject({ MemorySize: memoryMb, Timeout: watchSeconds + reserveSeconds });
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

describe('what is assumed of what is stored', () => {
  const refused = { check: 'tcp', class: 'refused', latencyMs: 1 } as const;
  const everything = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, limit: 10_000 };
  /** Of an item beside its document: keys, and what rows are told apart by. */
  const attributesBytes = 300;

  const bytesOf = (row: object) => {
    const { S = '', B = [] } = encodeRow(row);
    return attributesBytes + S.length + B.length;
  };

  test('has room for a side that is lost or returns every three minutes, for as long as rows are kept', async () => {
    const changes = 60;
    const world = createWorld();
    const life = world.start();
    for (let change = 0; change < changes; change += 1) {
      world.prober.setSite('shanghai', change % 2 === 0 ? refused : null);
      await world.clock.advance(60_000);
    }
    await life.stop();
    const decisions = await world.store.listDecisions('demo', everything);
    const transitions = await world.store.listTransitions('demo', everything);
    expect(transitions.length).toBeGreaterThan(changes);
    const rows = [...decisions.map(({ decision, health, fences }) => ({ decision, health, fences })), ...transitions];
    const bytesPerChange = rows.reduce((sum, row) => sum + bytesOf(row), 0) / changes;
    const keptMb = (bytesPerChange * (retentionMs / 180_000)) / 1e6;
    expect(keptMb).toBeLessThan(defaultAssumptions.storedMbPerPair);
    expect(keptMb).toBeGreaterThan(defaultAssumptions.storedMbPerPair / 2);
  });
});

describe('what is assumed of what is logged', () => {
  /** What Lambda tells a function of itself, as long as it is likely to be. */
  const context = {
    functionName: 'warren-watch-ireland',
    memoryLimitInMB: '512',
    invokedFunctionArn: 'arn:aws:lambda:eu-central-1:123456789012:function:warren-watch-ireland',
    awsRequestId: 'f2ce27e4-6016-443e-935d-7c5c5b8b5439',
  };
  /** The metrics of a pair are one line more. */
  const metricLineBytes = 350;

  test('is what a run tells that finds all well', async () => {
    const lines: string[] = [];
    const write = jest.spyOn(process.stdout, 'write').mockImplementation((line) => lines.push(String(line)) > 0);
    try {
      const logger = createLogger();
      logger.addContext(context as Context);
      const world = createWorld();
      for (const _run of ['the first look', 'as usual']) {
        lines.length = 0;
        const life = world.start(world.store.reopen(), { notifier: notifierTo(logger) });
        await world.clock.advance(defaultAssumptions.watchSeconds * 1_000);
        await life.stop();
      }
    } finally {
      write.mockRestore();
    }
    expect(lines.map((line) => JSON.parse(line).message)).toContain('Both sides are up; traffic is on beijing.');
    const bytes = lines.reduce((sum, line) => sum + line.length, metricLineBytes);
    expect(Math.abs(bytes / defaultAssumptions.logBytesPerMinute - 1)).toBeLessThan(0.15);
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

  test('tells what is measured from what is assumed, and from what was said', () => {
    const page = costPage(...argumentsOf(['--apiSeconds', '1']));
    expect(page).toMatch(/^ +--readsPerTick 3 +measured by the tests$/m);
    expect(page).toMatch(/^ +--secretsPerPair 4 +assumed$/m);
    expect(page).toMatch(/^ +--apiSeconds 1 +as you said$/m);
  });

  test('refuses what is no number, or no assumption', () => {
    expect(() => assumptionsFrom(['--pairs', 'many'])).toThrow('--pairs: got many, expected a number');
    expect(() => assumptionsFrom(['--pairs', ''])).toThrow('--pairs: got , expected a number');
    expect(() => assumptionsFrom(['--pairs', 'Infinity'])).toThrow(/expected a number/);
    expect(() => assumptionsFrom(['--sites', '3'])).toThrow(/--sites/);
  });

  test('says so in one line and with exit code 2 on the command line', () => {
    const script = new URL('../../bench/cost.ts', import.meta.url).pathname;
    const { status, stderr } = spawnSync(process.execPath, [script, '--pairs', 'x'], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 2, stderr: '--pairs: got x, expected a number\n' });
  });
});

function argumentsOf(words: string[]): Parameters<typeof costPage> {
  const { given, regionCounts } = assumptionsFrom(words);
  return [given, regionCounts];
}
