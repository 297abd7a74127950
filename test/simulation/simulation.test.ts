import { describe, expect, test } from '@jest/globals';
import type { Event } from '../../bench/simulation/events.ts';
import { runTrace } from '../../bench/simulation/run.ts';
import { shrink } from '../../bench/simulation/shrink.ts';
import { createTrace, type Trace } from '../../bench/simulation/trace.ts';
import type { Mutation, World } from '../../bench/simulation/world.ts';
import type { Store, Target } from '../../core/flow/ports.ts';
import { broken, hasFence, losesIntents, lost, neverMoves, seed, standbyNodes, story } from './support.ts';

/** Each flip takes effect when everybody has stopped waiting for it, and traffic is elsewhere. */
const flipsLate: Mutation = {
  target: (inner: Target, { clock }: World) => ({
    ...inner,
    async flip(site, epoch) {
      const reading = await inner.flip(site, epoch);
      // One that keeps a marker refuses it.
      void clock.sleep(70_000).then(() => inner.flip(site, epoch).catch(() => {}));
      return reading;
    },
  }),
};

/** Says that limits are as they were, and does nothing. */
const neverRestores: Mutation = {
  fencer: (inner) => ({
    ...inner,
    release: async (site) => ({ site, nodes: [{ node: 'any', verdict: 'open', detail: 'not looked at' }] }),
  }),
};

/** Whatever was latched is not. */
const forgetsLatches: Mutation = {
  store: (inner: Store) => ({
    ...inner,
    writePair: (record) => inner.writePair({ ...record, latch: null, cooldownUntilMs: null }),
  }),
};

describe('random stories', () => {
  test('break no promise', async () => {
    for (let number = 0; number < 300; number += 1) {
      const { violations, transcript } = await runTrace(createTrace(seed, number));
      if (violations.length > 0) throw new Error(`seed ${seed}, trace ${number}\n${transcript.join('\n')}`);
    }
  }, 300_000);

  test('are the same every time', async () => {
    const [one, other] = [await runTrace(createTrace(seed, 3)), await runTrace(createTrace(seed, 3))];
    expect(other.transcript).toEqual(one.transcript);
  });
});

describe('a story of a lost side', () => {
  test('ends with one failover, and no promise broken', async () => {
    const { violations, moves } = await runTrace(story([{ ...lost, forMs: 60_000, atMs: 20_000 }]));
    expect(violations).toEqual([]);
    expect(moves.map(({ epoch, lostAtMs }) => ({ epoch, lostAtMs }))).toEqual([{ epoch: 2, lostAtMs: 20_000 }]);
  });
});

describe('the judge notices', () => {
  const back: Event = { kind: 'person', pair: 'demo', act: 'switchover', site: 'beijing', forMs: 20_000, atMs: 70_000 };

  test('flips that come late', async () => {
    const trace = story([{ ...lost, forMs: 10_000, atMs: 20_000 }, back], hasFence);
    expect(await broken(trace, flipsLate)).toContain('stale-flip');
    expect(await broken(trace)).toEqual([]);
  });

  test('limits that are never restored', async () => {
    const there: Event = {
      kind: 'person',
      pair: 'demo',
      act: 'switchover',
      site: 'beijing',
      forMs: 20_000,
      atMs: 20_000,
    };
    const trace = story([there], hasFence);
    expect(await broken(trace, neverRestores)).not.toEqual([]);
    expect(await broken(trace)).toEqual([]);
  });

  test('a side that is lost, and a Warren that never moves', async () => {
    const trace = { ...story([{ ...lost, forMs: 150_000, atMs: 15_000 }]), lengthMs: 165_000 };
    expect(await broken(trace, neverMoves)).toEqual(['moves-when-it-should']);
    expect(await broken(trace)).toEqual([]);
  });

  test('traffic that goes back by itself', async () => {
    const again: Event = {
      ...lost,
      site: 'shanghai',
      nodes: standbyNodes,
      forMs: 60_000,
      atMs: 70_000,
    };
    const trace = story([{ ...lost, forMs: 20_000, atMs: 20_000 }, again], (trace) => {
      return trace.config.fleet.maxFailovers > 1 && !hasFence(trace);
    });
    expect(await broken(trace, forgetsLatches)).toContain('no-automatic-failback');
    expect(await broken(trace)).toEqual([]);
  });
});

describe('a story that breaks a promise', () => {
  test('is made smaller until every event of it matters', async () => {
    const noise: Event = { kind: 'broken', site: 'beijing', node: 'bj1', atMs: 30_000 };
    const there: Event = {
      kind: 'person',
      pair: 'demo',
      act: 'switchover',
      site: 'beijing',
      forMs: 20_000,
      atMs: 20_000,
    };
    const trace = story([there, noise, { ...noise, atMs: 40_000 }], hasFence);
    const [violation] = (await runTrace(trace, neverRestores)).violations;
    if (!violation) throw new Error('nothing was noticed');
    const { events } = await shrink(trace, violation, neverRestores);
    expect(events).toMatchObject([{ kind: 'person', act: 'switchover' }]);
  });

  test('is played with fewer pairs, vantages and nodes, and for a shorter time', async () => {
    const found = [...Array(500).keys()]
      .map((number) => createTrace(seed, number))
      .find(({ config }) => {
        const [{ failover, vantages, sites, hooks } = {}] = config.pairs;
        const isPlain = failover?.mode === 'automatic' && failover.unfenced === 'allow' && !hooks?.before;
        return isPlain && config.pairs.length > 1 && vantages?.length === 3 && sites?.beijing?.nodes.length === 3;
      });
    if (!found) throw new Error('no trace is so large');
    const events = [{ ...lost, nodes: lost.nodes.slice(0, 3), forMs: 60_000, atMs: 20_000 }];
    const trace: Trace = { ...found, events, runs: 'long', wrongClock: null, lengthMs: 100_000 };
    const [violation] = (await runTrace(trace, losesIntents)).violations;
    if (!violation) throw new Error('nothing was noticed');
    const small = await shrink(trace, violation, losesIntents);
    const [pair, ...others] = small.config.pairs;
    expect(others).toEqual([]);
    expect(pair?.vantages).toHaveLength(2);
    expect(pair?.sites.beijing?.nodes).toHaveLength(pair?.probe.minNodes ?? 0);
    expect(small.lengthMs).toBeLessThan(100_000);
  });
});

describe('a process that is held up', () => {
  const moreOfShanghai: Event = {
    ...lost,
    site: 'shanghai',
    nodes: standbyNodes,
    forMs: 80_000,
    atMs: 45_000,
  };
  const moments = [1, 2, 3, 4].flatMap((nth) => (['before', 'after'] as const).map((phase) => [nth, phase] as const));
  for (const suspended of [false, true])
    for (const [nth, phase] of moments)
      test(`after ${phase === 'before' ? 'read' : 'write'} ${nth} of a failover, ${suspended ? 'with its host' : 'alone'}: it moves nothing on what it saw before`, async () => {
        const frozen: Event = {
          kind: 'frozen',
          vantage: 'local',
          nth,
          phase,
          suspended,
          forMs: 60_000,
          atMs: 19_000,
        };
        expect(await broken(story([frozen, { ...lost, forMs: 20_000, atMs: 20_000 }, moreOfShanghai]))).toEqual([]);
      });
});

test('a clock that is set back while a limit write is on its way', async () => {
  const there: Event = { kind: 'person', pair: 'demo', act: 'switchover', site: 'beijing', forMs: 1_000, atMs: 20_000 };
  const late: Event = { kind: 'limits-land-late', forMs: 2_000, atMs: 19_000 };
  const back: Event = { kind: 'clock-jumps', vantage: 'local', byMs: -3_600_000, atMs: 41_000 };
  const events = [late, there, { ...there, atMs: 36_000 }, back];
  expect(await broken({ ...story(events, hasFence), lengthMs: 150_000 })).toEqual([]);
});
