import { describe, expect, test } from '@jest/globals';
import { emptyMemory } from '../../../core/flow/memory.ts';
import { see } from '../../../core/flow/see.ts';
import type { Pair } from '../../../core/model/config.ts';
import type { NodeProbe } from '../../../core/model/probe.ts';
import { testConfig } from '../../support/world.ts';

const config = testConfig({ nodesPerSite: 1 });
const [pair] = config.pairs as [Pair];
const watch = { pair, fleet: config.fleet, vantage: 'test', holder: 'one' };

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

describe('a prober that was frozen', () => {
  test('takes nothing that was in flight for silence of the others, when the loop wakes late', () => {
    const memory = emptyMemory(pair, 0);
    memory.lastTurn = { wallMs: 0, monotonicMs: 1_000, plannedMs: 500 };
    const probes = [hung(0, 2_000), hung(1_000, 2_000), hung(1_400, 2_000)];
    see(watch, memory, { probes, hints: [] }, 60_000);
    expect(memory.health.beijing?.state).toBe('unknown');
    expect(memory.lateByMs).toBe(58_500);
  });

  test('also when it slept inside a turn, which shows in probes that outlived their deadlines', () => {
    const memory = emptyMemory(pair, 0);
    see(watch, memory, { probes: [hung(0, 60_000)], hints: [] }, 60_000);
    expect(memory.health.beijing?.state).toBe('unknown');
  });

  test('while an ordinary silence counts', () => {
    const memory = emptyMemory(pair, 0);
    see(watch, memory, { probes: [hung(0, 2_000), hung(1_000, 2_000), hung(2_000, 2_000)], hints: [] }, 4_000);
    expect(memory.health.beijing?.state).toBe('down');
  });
});
