import { describe, expect, test } from '@jest/globals';
import type { PairStatus } from '../../../core/explain/status.ts';
import { type Ports, StoreUnavailable } from '../../../core/flow/ports.ts';
import type { NodeProbe } from '../../../core/model/probe.ts';
import { type Fence, newPairRecord } from '../../../core/model/record.ts';
import { measured, troubleOf } from '../../../lambdas/watch/measure.ts';
import { createTally } from '../../../lambdas/watch/tally.ts';
import { operation } from '../../support/situation.ts';
import { createWorld } from '../../support/world.ts';

function statusWith(change: Partial<PairStatus> = {}, record: Partial<PairStatus['record']> = {}): PairStatus {
  return {
    pair: 'demo',
    atMs: 0,
    mode: 'automatic',
    active: 'beijing',
    readings: [],
    record: { ...newPairRecord('demo'), ...record },
    sites: [
      { site: 'beijing', role: 'primary', state: 'up', sinceMs: null, sentence: '' },
      { site: 'shanghai', role: 'standby', state: 'down', sinceMs: null, sentence: '' },
    ],
    decision: null,
    lastTickAtMs: 0,
    protection: { protected: true, because: null, sentence: '' },
    ...change,
  };
}

const blocked = { decision: { decision: { outcome: 'blocked' } } } as unknown as Partial<PairStatus>;
const fence = (state: Fence['state']) => ({ fences: { beijing: { state } as Fence } });

describe('the digits of the metric Trouble', () => {
  test.each([
    ['all is well, though the standby is down', statusWith(), 0],
    ['the active side is down', statusWith({ active: 'shanghai' }), 1],
    ['a failover is called for and blocked', statusWith(blocked), 10],
    ['an operation is stalled', statusWith({}, { operation: operation('stalled') }), 100],
    ['a fence is left', statusWith({}, fence('set')), 1_000],
    ['a fence is lifted', statusWith({}, fence('released')), 0],
    ['an operation needs its fence', statusWith({}, { operation: operation('committed'), ...fence('set') }), 0],
    ['a stalled one keeps it', statusWith({}, { operation: operation('stalled'), ...fence('wanted') }), 1_100],
    ['everything at once', statusWith({ ...blocked, active: 'shanghai' }, fence('set')), 1_011],
  ])('when %s', (_, status, digits) => {
    expect(troubleOf(status)).toBe(digits);
  });
});

describe('the metrics of a pair', () => {
  const world = createWorld();
  const probe = (certificateDaysLeft?: number): NodeProbe => ({
    site: 'beijing',
    node: 'bj1',
    depth: 'full',
    startedAtMs: 0,
    finishedAtMs: 0,
    checks: [],
    ...(certificateDaysLeft === undefined ? {} : { certificateDaysLeft }),
  });
  const row = {
    pair: 'demo',
    vantage: 'here',
    atMs: 0,
    decision: { outcome: 'hold', reason: 'x', sentence: 'x', severity: 'info', from: null, to: null, guards: [] },
    health: [],
    fences: [],
  } as const;

  test('count turns that could write, and know the certificate that expires first', async () => {
    const days: Record<string, number | undefined> = { bj1: 30, bj2: 12, bj3: undefined };
    const tally = createTally();
    const prober = { ...world.prober, probe: async (_: string, node: { name: string }) => probe(days[node.name]) };
    const ports = tally.decorate({ store: world.store, prober } as unknown as Ports);
    expect(measured(tally, statusWith())).toEqual({ Ticks: 0, Protected: 1, Trouble: 0 });
    for (const name of ['bj1', 'bj2', 'bj3']) await ports.prober.probe('beijing', { name, amqp: '' }, 'full');
    await ports.store.recordDecision({ ...row, decision: { ...row.decision, guards: [] }, health: [], fences: [] });
    world.store.failNext('recordDecision', new StoreUnavailable('gone'));
    await expect(
      ports.store.recordDecision({ ...row, decision: { ...row.decision, guards: [] }, health: [], fences: [] }),
    ).rejects.toThrow('gone');
    expect(measured(tally, statusWith())).toEqual({ Ticks: 1, Protected: 1, Trouble: 0, CertificateDaysLeft: 12 });
  });

  test('say that nothing is protected while the store cannot be read', () => {
    expect(measured(createTally(), undefined)).toEqual({ Ticks: 0, Protected: 0 });
  });
});
