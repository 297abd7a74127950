import { describe, expect, test } from '@jest/globals';
import { createVirtualClock } from '../../adapters/memory/clock.ts';
import { createMemoryProber } from '../../adapters/memory/prober.ts';
import { endless, startCrew } from '../../bench/simulation/crew.ts';
import { withEndpoint } from '../../bench/simulation/endpoint.ts';
import { type Event, storeWrites } from '../../bench/simulation/events.ts';
import { happen } from '../../bench/simulation/happen.ts';
import { throughNetwork } from '../../bench/simulation/network.ts';
import { createProcess, newHost } from '../../bench/simulation/process.ts';
import { createDice } from '../../bench/simulation/random.ts';
import { runTrace } from '../../bench/simulation/run.ts';
import type { Counted } from '../../bench/simulation/statistics.ts';
import { createTrace, type Trace } from '../../bench/simulation/trace.ts';
import { createWorld, type Watched, type World } from '../../bench/simulation/world.ts';
import { broken, hasFence, lost, story } from './support.ts';

const isLost: Event = { ...lost, forMs: 60_000, atMs: 20_000 };
const node = { name: 'bj1', amqp: 'amqp://10.0.1.1:5672' };

describe('a network that is slow and loses probes', () => {
  const found = async (latencyMs: number, lossShare: number) => {
    const clock = createVirtualClock();
    const impairment = { vantage: 'local', site: 'beijing', latencyMs, lossShare };
    const network = { clock, dice: createDice(1), timeoutMs: 1_000 };
    const prober = throughNetwork(createMemoryProber({ clock }), network, () => [impairment]);
    const probing = prober.probe('beijing', node, 'kept');
    await clock.advance(2_000);
    const { checks, startedAtMs, finishedAtMs } = await probing;
    return { status: checks[0]?.status, tookMs: finishedAtMs - startedAtMs };
  };

  test('delays a probe, and loses it after its deadline', async () => {
    expect(await found(0, 1)).toEqual({ status: 'fail', tookMs: 1_000 });
    expect(await found(0, 0)).toEqual({ status: 'pass', tookMs: 1 });
    const slow = await found(900, 0);
    expect(slow.status).toBe('pass');
    expect(slow.tookMs).toBeGreaterThan(1);
  });
});

describe('a world in which things go wrong', () => {
  test.each(storeWrites)('loses the answer to %s, and breaks no promise', async (method) => {
    const event = { kind: 'store-answer-lost', vantage: 'local', method, error: 'unavailable' } as const;
    const lostAnswers = [1, 2, 3].flatMap((nth): Event[] => [
      { ...event, tookEffect: true, nth, atMs: 19_000 },
      { ...event, tookEffect: false, nth, atMs: 19_500 },
    ]);
    expect(await broken(story([...lostAnswers, isLost]))).toEqual([]);
  });

  test('lets a flip land after its caller gave up', async () => {
    const late: Event = { kind: 'target-late', target: 'demo-haproxy', afterMs: 5_000, atMs: 10_000 };
    const { violations, moves } = await runTrace(story([late, isLost]));
    expect(violations).toEqual([]);
    expect(moves).toHaveLength(1);
  });

  test('leaves one of three nodes without a majority, which is a lost side', async () => {
    const hasThree = ({ config }: Trace) => config.pairs[0]?.sites.beijing?.nodes.length === 3;
    const minority: Event = {
      kind: 'minority',
      site: 'beijing',
      crashed: ['bj1', 'bj2'],
      left: ['bj3'],
      forMs: 60_000,
      atMs: 20_000,
    };
    const { violations, moves } = await runTrace(story([minority], hasThree));
    expect(violations).toEqual([]);
    expect(moves).toMatchObject([{ lostAtMs: 20_000 }]);
  });
});

describe('a side without a management API', () => {
  test('cannot be fenced, so that no planned move leaves it', async () => {
    const noManagement: Event = { ...lost, class: 'management-only', forMs: 60_000, atMs: 20_000 };
    const act = { kind: 'person', act: 'switchover', pair: 'demo', site: 'beijing', forMs: 30_000 } as const;
    const { violations, transcript } = await runTrace(story([noManagement, { ...act, atMs: 25_000 }], hasFence));
    expect(violations).toEqual([]);
    expect(transcript.join()).toMatch(/switchover .* is refused: beijing cannot be fenced now/);
  });
});

describe('the endpoint of the clients', () => {
  const clusterNow = async ({ watched: [watched], clock }: World) => {
    const process = createProcess(clock, newHost(), 'local', 'process-1');
    const prober = withEndpoint(createMemoryProber({ clock }), watched as Watched, process);
    const probing = prober.probeEndpoint('amqp://10.0.9.1:5672');
    await clock.advance(10_000);
    return (await probing).clusterName;
  };

  test('leads to where the target sends them, and to nobody where no node serves', async () => {
    const world = createWorld(story([]));
    expect(await clusterNow(world)).toBe('beijing');
    const { end } = happen(world, { ...lost, forMs: 60_000, atMs: 0 });
    expect(await clusterNow(world)).toBeNull();
    end();
    expect(await clusterNow(world)).toBe('beijing');
    happen(world, { kind: 'target-edited', target: 'demo-haproxy', active: 'shanghai', atMs: 0 });
    expect(await clusterNow(world)).toBe('shanghai');
  });
});

describe('turns of the loop', () => {
  test('are counted as they are: one for each recheck at least, and one for each probe at most', async () => {
    const isSimple = ({ config }: Trace) =>
      config.pairs[0]?.sites.beijing?.nodes.length === 1 && config.pairs[0].probe.recheckMs === 1_000;
    const { turns, virtualMs } = await runTrace(story([], isSimple));
    expect(turns / (virtualMs / 1_000)).toBeGreaterThan(0.9);
    expect(turns / (virtualMs / 1_000)).toBeLessThan(3);
  });

  test('are about 200 in a trace of the median', async () => {
    const turns: number[] = [];
    for (let number = 0; number < 60; number += 1) turns.push((await runTrace(createTrace(7, number))).turns);
    const median = turns.toSorted((one, other) => one - other)[30] ?? 0;
    expect(median).toBeGreaterThan(100);
    expect(median).toBeLessThan(400);
  }, 120_000);
});

describe('a trace that does not end', () => {
  test('is reported with its number, and the others are played', async () => {
    const outcomes: Counted[] = [];
    await startCrew({ seed: 1, from: 0, to: 2, step: 1 }, (counted) => outcomes.push(counted), 1).ended;
    expect(outcomes.map(({ number, violations }) => [number, violations[0]?.invariant])).toEqual([
      [0, endless],
      [1, endless],
    ]);
  }, 60_000);
});
