import { describe, expect, test } from '@jest/globals';
import { decide } from '../../../core/decide/decide.ts';
import type { PairRecord } from '../../../core/model/record.ts';
import { filterByMode, type Plan, planFor } from '../../../core/plan/plan.ts';
import { healthInState, operation, reading, situation } from '../../support/situation.ts';

const down = situation({
  health: { beijing: healthInState('beijing', 'down'), shanghai: healthInState('shanghai', 'up') },
});

describe('the plan', () => {
  test('for a dead active side moves traffic to the other', () => {
    expect(planFor(decide(down), down)).toEqual({ act: 'start', from: 'beijing', to: 'shanghai', request: null });
  });

  test('for a restarted target drives exactly the deviating targets back', () => {
    const writes = { haproxy: { site: 'shanghai', epoch: 1, instance: 'before', atMs: 0 } };
    const restarted = situation({ readings: [reading('beijing')], record: { desired: 'shanghai', writes } });
    expect(planFor(decide(restarted), restarted)).toEqual({
      act: 'repair',
      site: 'shanghai',
      targets: ['haproxy'],
      requested: false,
    });
  });

  test('for a hold is nothing', () => {
    const well = situation({});
    expect(planFor(decide(well), well)).toEqual({ act: 'nothing', withheld: null });
  });
});

describe('modes', () => {
  const start: Plan = { act: 'start', from: 'beijing', to: 'shanghai', request: null };
  const repair: Plan = { act: 'repair', site: 'beijing', targets: ['haproxy'], requested: false };
  const asked: Plan = { ...repair, requested: true };
  const adopt: Plan = { act: 'adopt', site: 'beijing' };
  const advance: Plan = { act: 'advance' };
  const inMode = (mode: 'observe' | 'approve' | 'automatic', record: Partial<PairRecord> = {}) => {
    const { pair, ...rest } = situation({ record });
    return { ...rest, pair: { ...pair, failover: { ...pair.failover, mode } } };
  };

  test('observe lets through only what writes nothing to a target, and what a person asked for', () => {
    const allowed = [start, repair, asked, adopt, advance].map((plan) => filterByMode(plan, inMode('observe'), false));
    const withheld = { act: 'nothing', withheld: 'observe-mode' };
    expect(allowed).toEqual([withheld, withheld, asked, adopt, advance]);
  });

  test.each(['observe', 'approve'] as const)('%s gives up an automatic operation that has done nothing yet', (mode) => {
    const during = (phase: 'claimed' | 'committed') => inMode(mode, { operation: operation(phase) });
    expect(filterByMode(advance, during('claimed'), false)).toEqual({ act: 'abandon', because: 'mode' });
    expect(filterByMode(advance, during('committed'), false)).toEqual(advance);
  });

  test('approve holds back only a new operation that nobody approved', () => {
    const allowed = [start, repair, advance].map((plan) => filterByMode(plan, inMode('approve'), false));
    expect(allowed).toEqual([{ act: 'nothing', withheld: 'approval-needed' }, repair, advance]);
  });

  test.each([
    ['the same way, in time', {}, true],
    ['the other way', { from: 'shanghai', to: 'beijing' }, false],
    ['too late', { untilMs: 1_000 }, false],
  ])('an approval of a move %s counts: %#', (_, change, counts) => {
    const approval = { who: 'alice', reason: 'seen', from: 'beijing', to: 'shanghai', untilMs: 2_000, ...change };
    expect(filterByMode(start, inMode('approve', { approval }), false).act).toBe(counts ? 'start' : 'nothing');
  });

  test('the kill switch stops every act, in every mode, an operation under way included', () => {
    for (const plan of [start, repair, asked, advance])
      expect(filterByMode(plan, inMode('automatic'), true)).toEqual({ act: 'nothing', withheld: 'kill-switch' });
  });
});
