import { describe, expect, test } from '@jest/globals';
import { createVirtualClock } from '../../adapters/memory/clock.ts';
import { createBrokers } from '../../bench/simulation/brokers.ts';
import { checkFlipEffect } from '../../bench/simulation/checkAct.ts';
import { checkClaim } from '../../bench/simulation/checkClaim.ts';
import type { Event } from '../../bench/simulation/events.ts';
import { createLostStoreLedger } from '../../bench/simulation/lostStore.ts';
import { createPauseLedger } from '../../bench/simulation/pauses.ts';
import { createProcess, type Host, newHost, type Standstill } from '../../bench/simulation/process.ts';
import { runTrace } from '../../bench/simulation/run.ts';
import type { Trace } from '../../bench/simulation/trace.ts';
import type { Mutation } from '../../bench/simulation/world.ts';
import type { Store } from '../../core/flow/ports.ts';
import type { Operation } from '../../core/model/operation.ts';
import { type Fence, newPairRecord } from '../../core/model/record.ts';
import { broken, hasFence, losesIntents, lost, neverMoves, standbyNodes, storing, story } from './support.ts';

const isLost: Event = { ...lost, forMs: 60_000, atMs: 20_000 };

describe('intent before effect: the judge notices', () => {
  test('a flip whose step was never stored', async () => {
    expect(await broken(story([isLost]), losesIntents)).toContain('intent-before-flip');
    expect(await broken(story([isLost]))).toEqual([]);
  });

  test('limits that are set without a stored fence', async () => {
    const there = { kind: 'person', pair: 'demo', act: 'switchover', site: 'beijing', forMs: 20_000 } as const;
    const trace = story([{ ...there, atMs: 20_000 }], hasFence);
    const forgetful = storing((record) => ({ ...record, fences: {} }));
    expect(await broken(trace, forgetful)).toContain('intent-before-fence');
    expect(await broken(trace)).toEqual([]);
  });
});

describe('markers and what a target says: the judge notices', () => {
  const flip = { target: 'demo-dns', site: 'shanghai', epoch: 3 };
  const reading = (active: string, markerEpoch?: number) => ({
    target: 'demo-dns',
    status: 'read' as const,
    active,
    instance: 'start-1',
    uptimeMs: 0,
    markerEpoch,
    detail: '',
  });
  const invariants = (...effect: Parameters<typeof checkFlipEffect>) =>
    checkFlipEffect(...effect).map(({ invariant }) => invariant);

  test.each([
    ['an older marker over a newer one', 4, reading('beijing', 4), reading('shanghai', 3), ['markers-grow']],
    ['a marker that is not what was asked for', 2, reading('beijing', 2), reading('shanghai', 2), ['markers-grow']],
    ['a target that is left empty', null, reading('beijing'), reading('none'), ['never-empty']],
    ['nothing, where all is well', 2, reading('beijing', 2), reading('shanghai', 3), []],
  ])('%s', (_, marker, before, after, expected) => {
    expect(invariants(flip, marker, before, after)).toEqual(expected);
  });
});

describe('silence: the judge notices', () => {
  const recording = (change: (row: Parameters<Store['recordDecision']>[0]) => object): Mutation => ({
    store: (inner) => ({
      ...inner,
      recordDecision: (row) => inner.recordDecision({ ...row, ...change(row) }),
    }),
  });

  test('a decision without a sentence', async () => {
    const mute = recording(({ decision }) => ({ decision: { ...decision, sentence: ' ' } }));
    expect(await broken(story([]), mute)).toContain('nothing-is-silent');
  });

  test('a decision without the health of one side', async () => {
    const half = recording(({ health }) => ({ health: health.slice(1) }));
    expect(await broken(story([]), half)).toContain('nothing-is-silent');
  });
});

describe('where traffic is sent: the judge notices', () => {
  /** Sees nothing wrong with anything but the side that is left. */
  const rosy: Mutation = {
    prober: (inner) => ({
      ...inner,
      async probe(site, node, depth) {
        const probe = await inner.probe(site, node, depth);
        if (site === 'beijing') return probe;
        const checks = probe.checks.map(({ check }) => ({ check, status: 'pass' as const, latencyMs: 1 }));
        return { ...probe, checks };
      },
    }),
  };

  test.each(['draining', 'partitioned', 'wrong-identity', 'alarm', 'refused'] as const)(
    'a destination that is %s',
    async (name) => {
      const bad: Event = { ...lost, site: 'shanghai', nodes: standbyNodes, class: name, forMs: 90_000, atMs: 5_000 };
      const trace = story([bad, { ...isLost, atMs: 50_000, forMs: 40_000 }]);
      expect(await broken(trace, rosy)).toContain('never-to-a-worse-place');
      expect(await broken(trace)).toEqual([]);
    },
  );

  test('a fence on a side that serves', async () => {
    const slanders: Mutation = {
      prober: (inner, { clock }) => ({
        ...inner,
        async probe(site, node, depth) {
          const probe = await inner.probe(site, node, depth);
          if (site !== 'beijing' || clock.monotonicMs() < 30_000) return probe;
          const check = depth === 'full' ? ('tcp' as const) : ('publish-confirm-get' as const);
          const checks = [{ check, status: 'fail' as const, latencyMs: 1, class: 'refused' as const, detail: '' }];
          return { ...probe, checks };
        },
      }),
    };
    expect(await broken(story([], hasFence), slanders)).toContain('no-fence-on-a-healthy-side');
  });
});

describe('a blind watcher: the judge notices', () => {
  const isPatient = ({ config }: Trace) =>
    (config.pairs[0]?.reference.length ?? 0) > 0 && (config.pairs[0]?.probe.fall ?? 0) >= 3;
  const [pair] = story([], isPatient).config.pairs;
  if (!pair) throw new Error('a trace has a pair');
  const clock = createVirtualClock();
  const before = newPairRecord('demo');
  const operation = { id: 'demo-2', to: 'shanghai', startedBy: { kind: 'automatic' } } as Operation;
  const claim = (host: Host, nowMs: number, brokers = createBrokers(pair), standstill: Standstill | null = null) => {
    const by = createProcess(clock, host, 'local', 'process-1');
    const hosts = new Map([['local', host]]);
    const ledger = createPauseLedger(clock, hosts, 2_000);
    const fleet = { pause: null, ledger };
    const facts = { pair, hosts, brokers, fleet, pauses: ledger, nowMs, allowanceMs: () => 0, standstill };
    return checkClaim(before, { ...before, operation }, by, facts).map(({ invariant }) => invariant);
  };

  test('a claim without a reference in sight', () => {
    expect(claim(newHost({ darkSinceMs: 0 }), 60_000)).toEqual(['self-trust']);
    expect(claim(newHost({ darkSinceMs: 59_000 }), 60_000)).toEqual([]);
  });

  test('a claim by what was seen until the references came in sight again', () => {
    expect(claim(newHost({ lastDark: { forMs: 40_000, endedAtMs: 59_900 } }), 60_000)).toEqual(['self-trust']);
    expect(claim(newHost({ lastDark: { forMs: 40_000, endedAtMs: 30_000 } }), 60_000)).toEqual([]);
    // Too short to be noticed.
    expect(claim(newHost({ lastDark: { forMs: 400, endedAtMs: 59_900 } }), 60_000)).toEqual([]);
  });

  test('a claim right after the clock jumped', () => {
    expect(claim(newHost({ lastJump: { atMs: 59_800, byMs: 600_000 } }), 60_000)).toEqual(['self-trust']);
    expect(claim(newHost({ lastJump: { atMs: 30_000, byMs: 600_000 } }), 60_000)).toEqual([]);
  });

  test('a claim right after the process stood still', () => {
    const stoodUntil = (endedAtMs: number) =>
      claim(newHost(), 60_000, createBrokers(pair), { forMs: 30_000, endedAtMs });
    expect(stoodUntil(59_900)).toEqual(['self-trust']);
    expect(stoodUntil(30_000)).toEqual([]);
  });

  test('a claim while both sides are silent', () => {
    const brokers = createBrokers(pair);
    brokers.begin(lost, 0);
    expect(claim(newHost(), 60_000, brokers)).toEqual([]);
    brokers.begin({ ...lost, site: 'shanghai', nodes: standbyNodes }, 0);
    expect(claim(newHost(), 60_000, brokers)).toContain('self-trust');
  });
});

describe('pauses: the judge notices', () => {
  let silent = false;
  const ended = (byPerson: boolean, ...offsetsMs: number[]) => {
    const clock = createVirtualClock();
    const spokeAtMs = offsetsMs.length > 1 && !silent ? clock.monotonicMs() : null;
    const hosts = new Map(offsetsMs.map((ms, index) => [`vantage-${index}`, newHost({ wallOffsetMs: ms, spokeAtMs })]));
    const ledger = createPauseLedger(clock, hosts, 2_000);
    const paused = { demo: { owner: 'alice', reason: 'a test', untilMs: clock.nowMs() + 60_000 } };
    ledger.change({}, paused, true);
    return ledger.change(paused, {}, byPerson).length;
  };

  test('one that ends before its time, unless a person ends it or no clock can be trusted', () => {
    expect(ended(false, 0, 0, 0)).toBe(1);
    expect(ended(false, 0, 0, 3_600_000)).toBe(1);
    expect(ended(true, 0, 0, 0)).toBe(0);
    expect(ended(false, 3_600_000)).toBe(0);
    expect(ended(false, 0, 3_600_000, 3_600_000)).toBe(0);
    silent = true;
    expect(ended(false, 0, 0, 3_600_000)).toBe(0);
  });
});

describe('a lost store: the judge notices', () => {
  const alive = () => true;

  test('a move that a living process, or a marker, should have stopped', () => {
    const ledger = createLostStoreLedger();
    ledger.onRead('process-1', 4, 1_000);
    expect(ledger.check(alive, 5_000, 20_000)).toEqual([]);
    ledger.onLost(false);
    expect(ledger.check(alive, 5_000, 20_000)).toEqual([]);
    ledger.onRead('process-1', 0, 10_000);
    expect(ledger.check(alive, 5_000, 20_000)).toHaveLength(1);
    expect(ledger.check(() => false, 5_000, 20_000)).toEqual([]);
    ledger.onAnswered();
    expect(ledger.check(alive, 5_000, 20_000)).toEqual([]);
    ledger.onLost(true);
    expect(ledger.check(() => false, 5_000, 20_000)).toHaveLength(1);
  });

  test('traffic that moves because the latch of a lost store was forgotten', async () => {
    const unlatched: Mutation = storing((record) =>
      record.latch?.because === 'store-lost' ? { ...record, latch: null } : record,
    );
    const trace = story(
      [
        { ...isLost, forMs: 10_000 },
        { kind: 'store-lost', atMs: 60_000 },
        { ...isLost, site: 'shanghai', nodes: standbyNodes, atMs: 80_000 },
      ],
      (trace) => !hasFence(trace),
    );
    expect(await broken(trace, unlatched)).toContain('a-lost-store-waits');
    expect(await broken(trace)).toEqual([]);
  });
});

describe('a world in which processes live for a minute', () => {
  const briefly = (trace: Trace): Trace => ({ ...trace, runs: 'short', lengthMs: 200_000 });

  test('moves traffic once, and breaks no promise', async () => {
    const { violations, moves } = await runTrace(briefly(story([{ ...isLost, atMs: 70_000 }])));
    expect(violations).toEqual([]);
    expect(moves).toHaveLength(1);
  });

  test('is the same every time', async () => {
    const played = async () => (await runTrace(briefly(story([isLost])))).transcript;
    expect(await played()).toEqual(await played());
  });
});

describe('what lasts too long: the judge notices', () => {
  test('a released fence that nobody forgets', async () => {
    let released: Record<string, Fence> = {};
    const keeping = storing((record) => {
      for (const fence of Object.values(record.fences))
        if (fence.state === 'released') released = { ...released, [fence.site]: fence };
      return { ...record, fences: { ...released, ...record.fences } };
    });
    const there = { kind: 'person', pair: 'demo', act: 'switchover', site: 'beijing', forMs: 20_000 } as const;
    const trace = { ...story([{ ...there, atMs: 20_000 }], hasFence), isWatchedLong: true };
    expect(await broken(trace, keeping)).toContain('released-fences-are-forgotten');
    expect(await broken(trace)).toEqual([]);
  });

  test('an alarm that keeps applications waiting for longer than its policy', async () => {
    const alarmed: Event = { ...lost, class: 'alarm', forMs: 200_000, atMs: 10_000 };
    const isSoon = ({ config }: Trace) => config.pairs[0]?.probe.alarmsAfterMs === 10_000;
    const trace = { ...story([alarmed], isSoon), lengthMs: 210_000 };
    expect(await broken(trace, neverMoves)).toEqual(['moves-when-it-should']);
    expect(await broken(trace)).toEqual([]);
  });
});
