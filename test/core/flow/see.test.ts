import { describe, expect, test } from '@jest/globals';
import { emptyMemory } from '../../../core/flow/memory.ts';
import { beginTurn, see } from '../../../core/flow/see.ts';
import type { Pair } from '../../../core/model/config.ts';
import type { NodeProbe } from '../../../core/model/probe.ts';
import { testConfig } from '../../support/world.ts';

const config = testConfig({ nodesPerSite: 1 });
const [pair] = config.pairs as [Pair];
const watch = { pair, fleet: config.fleet, vantage: 'test', holder: 'one', configHash: '' };

const nothing = { probes: [], hints: [] };

function hung(startedAtMs: number, tookMs: number): NodeProbe {
  const checks = [{ check: 'amqp-open', status: 'fail', latencyMs: tookMs, class: 'hung', detail: '' }] as const;
  return {
    site: 'beijing',
    node: 'bj1',
    depth: 'full',
    startedAtMs,
    finishedAtMs: startedAtMs + tookMs,
    checks: [...checks],
  };
}

const silence = [hung(0, 2_000), hung(1_000, 2_000), hung(2_000, 2_000)];

/** A watch that has seen beijing fall silent, and ended its last turn at 4 s meaning to sleep for half a second. */
function watchOfSilence() {
  const memory = emptyMemory(pair, 0);
  see(watch, memory, { probes: silence, hints: [] }, 4_000);
  memory.lastTurn = { wallMs: 104_000, monotonicMs: 4_000, plannedMs: 500 };
  return memory;
}

const clockAt = (monotonicMs: number, nowMs: number) => ({
  monotonicMs: () => monotonicMs,
  nowMs: () => nowMs,
  sleep: async () => {},
});

describe('a prober that was frozen', () => {
  test('forgets what it had seen when the loop wakes late', () => {
    const memory = watchOfSilence();
    beginTurn(watch, memory, clockAt(60_000, 160_000), null);
    see(watch, memory, { probes: [hung(3_000, 2_000)], hints: [] }, 60_000);
    expect(memory.health.beijing?.state).toBe('unknown');
    expect(memory.self).toEqual({ lateByMs: 55_500, clockJumpMs: 0 });
  });

  test('also when only the wall clock shows that the host was suspended', () => {
    const memory = watchOfSilence();
    beginTurn(watch, memory, clockAt(4_500, 7_304_500), null);
    see(watch, memory, nothing, 4_500);
    expect(memory.health.beijing?.state).toBe('unknown');
  });

  test('also when it slept inside a turn, which shows in probes that outlived their deadlines', () => {
    const memory = emptyMemory(pair, 0);
    see(watch, memory, { probes: [hung(0, 60_000)], hints: [] }, 60_000);
    expect(memory.health.beijing?.state).toBe('unknown');
  });

  test('also when it stood still inside a turn, and once only', () => {
    const memory = watchOfSilence();
    const standstill = { sinceMs: 1_000, lateByMs: 2_500 };
    expect(beginTurn(watch, memory, clockAt(4_500, 104_500), standstill)).toBe(true);
    see(watch, memory, nothing, 4_500);
    expect(memory.health.beijing?.state).toBe('unknown');
    memory.lastTurn = { wallMs: 104_500, monotonicMs: 4_500, plannedMs: 500 };
    expect(beginTurn(watch, memory, clockAt(5_000, 105_000), standstill)).toBe(false);
  });

  test('while an ordinary silence counts, and lasts over an ordinary turn', () => {
    const memory = watchOfSilence();
    expect(memory.health.beijing?.state).toBe('down');
    beginTurn(watch, memory, clockAt(4_510, 104_510), null);
    see(watch, memory, nothing, 4_510);
    expect(memory.health.beijing?.state).toBe('down');
  });
});
