import { describe, expect, test } from '@jest/globals';
import type { HealthState } from '../../../core/model/health.ts';
import { type Drill, newPairRecord, type OperationRequest, type PairRecord } from '../../../core/model/record.ts';
import { nextDrillStep } from '../../../core/plan/drill.ts';
import { operation } from '../../support/situation.ts';

const drill: Drill = {
  id: 'drill',
  who: 'alice',
  reason: 'quarterly',
  home: 'beijing',
  away: 'shanghai',
  phase: 'holding',
  startedAtMs: 0,
  holdMs: 60_000,
  holdUntilMs: 100_000,
  operations: ['drill-1'],
  cutShort: '',
};

function next(change: Partial<Drill>, desired: string, health: HealthState, nowMs: number, rest = {}) {
  const record: PairRecord = { ...newPairRecord('demo'), desired, ...rest, drill: { ...drill, ...change } };
  return nextDrillStep(record, health, nowMs);
}

describe('a drill', () => {
  test('waits while an operation is under way or asked for', () => {
    const wait = { step: 'wait' };
    expect(next({ phase: 'there' }, 'beijing', 'up', 0, { operation: operation('claimed') })).toEqual(wait);
    expect(next({ phase: 'back' }, 'shanghai', 'up', 0, { request: {} as OperationRequest })).toEqual(wait);
  });

  test('holds for its time once traffic is there, and ends when it never went', () => {
    const went = { ended: [{ id: 'drill-1', phase: 'finished' }] };
    expect(next({ phase: 'there', holdUntilMs: null }, 'shanghai', 'up', 5_000, went)).toEqual({
      step: 'hold',
      untilMs: 65_000,
    });
    expect(next({ phase: 'there' }, 'beijing', 'up', 5_000)).toEqual({ step: 'end', home: true });
    const aborted = { ended: [{ id: 'drill-1', phase: 'aborted' }] };
    expect(next({ phase: 'there' }, 'beijing', 'up', 5_000, aborted)).toEqual({ step: 'end', home: true });
  });

  test('is over when an automatic failover went there before it: nothing comes back by itself', () => {
    const other = { ended: [{ id: 'demo-2', phase: 'finished' }] };
    expect(next({ phase: 'there' }, 'shanghai', 'up', 5_000, other)).toEqual({ step: 'end', home: false });
  });

  test.each<[HealthState, number, string]>([
    ['up', 99_999, 'wait'],
    ['unknown', 99_999, 'wait'],
    ['suspect', 99_999, 'wait'],
    ['degraded', 50_000, 'back'],
    ['down', 50_000, 'back'],
    ['up', 100_000, 'back'],
  ])('with the other side %s at %i ms: %s', (health, nowMs, step) => {
    expect(next({}, 'shanghai', health, nowMs).step).toBe(step);
  });

  test('goes back as a failover when the other side is down, and says why it was cut short', () => {
    const back = next({}, 'shanghai', 'down', 50_000);
    expect(back).toMatchObject({ cutShort: 'shanghai is down', request: { verb: 'failover', to: 'beijing' } });
    const onTime = next({}, 'shanghai', 'up', 100_000);
    expect(onTime).toMatchObject({ cutShort: '', request: { verb: 'switchover', from: 'shanghai', id: 'drill-2' } });
  });

  test('asks for the way back again when it was refused: home may have been busy for a moment', () => {
    expect(next({ phase: 'back' }, 'shanghai', 'down', 5_000)).toEqual({ step: 'hold', untilMs: 20_000 });
    const waiting = { operations: ['drill-1', 'drill-2'] };
    expect(next(waiting, 'shanghai', 'down', 90_000).step).toBe('wait');
    expect(next(waiting, 'shanghai', 'down', 100_000)).toMatchObject({ step: 'back', request: { id: 'drill-3' } });
  });

  test('is not held for hours because a clock was set back', () => {
    expect(next({}, 'shanghai', 'up', 39_000).step).toBe('back');
  });

  test('ends where traffic is: home, or not', () => {
    expect(next({ phase: 'back' }, 'beijing', 'up', 0)).toEqual({ step: 'end', home: true });
    const tired = { phase: 'back' as const, operations: Array.from({ length: 41 }, () => 'x') };
    expect(next(tired, 'shanghai', 'up', 0)).toEqual({ step: 'end', home: false });
    expect(next({}, 'beijing', 'up', 0)).toEqual({ step: 'end', home: true });
  });
});
