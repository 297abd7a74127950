import { describe, expect, test } from '@jest/globals';
import type { FenceVerdict } from '../../../core/model/fence.ts';
import { isClosed, isFenceable, isOpen } from '../../../core/model/fence.ts';
import { type Fence, newPairRecord, type PairRecord } from '../../../core/model/record.ts';
import {
  type FenceResult,
  fenceWork,
  releaseWatchMs,
  withFenceResults,
  withReleases,
} from '../../../core/plan/fences.ts';
import { fencedPair, fenceReading, operation } from '../../support/situation.ts';

const set: Fence = {
  site: 'beijing',
  epoch: 2,
  savedLimits: { app: 50 },
  state: 'set',
  sinceMs: 1_000,
  untilMs: null,
  detail: '',
};

function record(fence: Partial<Fence>, change: Partial<PairRecord> = {}): PairRecord {
  return { ...newPairRecord('demo'), desired: 'shanghai', ...change, fences: { beijing: { ...set, ...fence } } };
}

const nowMs = 10_000;
const onShanghai = { active: 'shanghai', comesBack: false };
const stateOf = ({ fences }: PairRecord) => fences.beijing?.state ?? 'gone';

function result(work: FenceResult['work'], verdict: FenceVerdict | null): FenceResult {
  return {
    site: 'beijing',
    work,
    startedAtMs: nowMs,
    startedMonotonicMs: nowMs,
    reading: verdict && fenceReading('beijing', verdict),
    limits: null,
    problem: '',
  };
}

describe('a reading of the fence', () => {
  const reading = (...verdicts: FenceVerdict[]) => ({
    site: 'beijing',
    nodes: verdicts.map((verdict, index) => ({ node: `bj${index}`, verdict, detail: '' })),
  });

  test.each<[FenceVerdict[], boolean, boolean, boolean]>([
    [['closed', 'closed'], true, false, true],
    [['closed', 'down'], true, false, true],
    [['closed', 'open'], false, false, true],
    [['closed', 'unknown'], false, false, false],
    [['down', 'down'], false, false, false],
    [['open', 'open'], false, true, true],
    [['open', 'down'], false, true, true],
    [['open', 'unknown'], false, false, false],
    [[], false, false, false],
  ])('of %j is closed: %s, open: %s, fenceable: %s', (verdicts, closed, open, fenceable) => {
    expect([isClosed, isOpen, isFenceable].map((is) => is(reading(...verdicts)))).toEqual([closed, open, fenceable]);
  });
});

describe('where a fence may be', () => {
  const claimed = operation('claimed');
  const stalled = operation('stalled');
  test.each<[string, Partial<PairRecord>, string, string]>([
    ['stays on the side that was left', {}, 'shanghai', 'set'],
    ['never stays on the desired side', { desired: 'beijing' }, 'beijing', 'releasing'],
    [
      'never stays on it while traffic is elsewhere, or nobody knows where',
      { desired: 'beijing' },
      'unknown',
      'releasing',
    ],
    ['never stays on the side that traffic goes to', {}, 'beijing', 'releasing'],
    ['stays while an operation leaves its side', { desired: 'beijing', operation: claimed }, 'beijing', 'set'],
    ['stays while a committed operation has yet to flip', { operation: operation('committed') }, 'beijing', 'set'],
    ['goes when that operation is stalled and traffic is still there', { operation: stalled }, 'beijing', 'releasing'],
    ['stays when it is stalled elsewhere', { operation: stalled }, 'shanghai', 'set'],
  ])('it %s', (_, change, active, expected) => {
    expect(stateOf(withReleases(record({}, change), { active, comesBack: false }, nowMs))).toBe(expected);
  });

  test('one whose time is over is lifted, not earlier', () => {
    const timed = record({ untilMs: nowMs });
    expect(stateOf(withReleases(timed, onShanghai, nowMs - 1))).toBe('set');
    expect(stateOf(withReleases(timed, onShanghai, nowMs))).toBe('releasing');
  });

  test('one that never wrote a limit just goes away', () => {
    const wanted = record({ state: 'wanted', savedLimits: null }, { desired: 'beijing' });
    expect(stateOf(withReleases(wanted, { active: 'beijing', comesBack: false }, nowMs))).toBe('gone');
  });

  test('what is as it should be is not written again', () => {
    const well = record({});
    expect(withReleases(well, onShanghai, nowMs)).toBe(well);
    expect(withFenceResults(well, [result('look', 'closed')], nowMs, () => 0)).toBe(well);
  });
});

describe('what comes of work on a fence', () => {
  test.each<[Fence['state'], FenceResult['work'], FenceVerdict | null, string]>([
    ['wanted', 'set', 'closed', 'set'],
    ['set', 'look', 'partly', 'wanted'],
    ['released', 'look', 'partly', 'releasing'],
    ['wanted', 'set', 'open', 'wanted'],
    ['wanted', 'set', 'unknown', 'wanted'],
    ['wanted', 'set', null, 'wanted'],
    ['set', 'look', 'closed', 'set'],
    ['set', 'look', 'unknown', 'set'],
    ['set', 'look', 'open', 'wanted'],
    ['releasing', 'set', 'closed', 'releasing'],
    ['releasing', 'release', 'open', 'released'],
    ['releasing', 'release', 'closed', 'releasing'],
    ['releasing', 'release', 'unknown', 'releasing'],
    ['released', 'look', 'open', 'released'],
    ['released', 'look', 'closed', 'releasing'],
    ['released', 'set', 'closed', 'released'],
  ])('%s, %s says %s: %s', (state, work, verdict, expected) => {
    expect(stateOf(withFenceResults(record({ state, sinceMs: nowMs }), [result(work, verdict)], nowMs, () => 0))).toBe(
      expected,
    );
  });

  test('limits are saved once, and never our own', () => {
    const limits = { ...result('save', null), limits: { app: 0 } };
    const fresh = withFenceResults(record({ state: 'wanted', savedLimits: null }), [limits], nowMs, () => 0);
    expect(fresh.fences.beijing?.savedLimits).toEqual({ app: 0 });
    expect(withFenceResults(record({ state: 'wanted' }), [limits], nowMs, () => 0).fences.beijing?.savedLimits).toEqual(
      {
        app: 50,
      },
    );
  });

  test('a released fence is forgotten once no limit write can land any more', () => {
    const released = record({ state: 'released', sinceMs: 0 });
    const look = [result('look', 'open')];
    expect(stateOf(withFenceResults(released, look, nowMs, () => releaseWatchMs))).toBe('released');
    expect(stateOf(withFenceResults(released, look, nowMs, () => releaseWatchMs + 1))).toBe('gone');
  });

  test('limits that were 0 before us are no fence', () => {
    const released = record({ state: 'released', savedLimits: { app: 0 }, sinceMs: nowMs });
    expect(stateOf(withFenceResults(released, [result('look', 'closed')], nowMs, () => 0))).toBe('released');
  });
});

describe('the work that fences call for', () => {
  test.each<[Partial<Fence>, string, string[]]>([
    [{ state: 'wanted', savedLimits: null }, 'save', ['app']],
    [{ state: 'wanted' }, 'set', ['app']],
    [{ state: 'set' }, 'look', ['app']],
    [{ state: 'releasing' }, 'release', ['app']],
    [{ state: 'released' }, 'look', ['app']],
    [{ state: 'released', savedLimits: { app: 50, batch: 0 } }, 'look', ['app']],
  ])('%j: %s %j', (fence, work, users) => {
    expect(fenceWork(record(fence), fencedPair)).toMatchObject([{ site: 'beijing', work, users }]);
  });

  test('a user that joined the configuration is saved first, then shut out; one that left it is still let in again', () => {
    const [task] = fenceWork(record({ savedLimits: { old: 7 } }), fencedPair);
    expect(task).toMatchObject({ work: 'save', users: ['app'] });
    const saved = { ...result('save', null), limits: { app: 3, old: 0 } };
    const after = withFenceResults(record({ savedLimits: { old: 7 } }), [saved], nowMs, () => 0);
    expect(after.fences.beijing).toMatchObject({ state: 'wanted', savedLimits: { old: 7, app: 3 } });
    expect(fenceWork(record({ state: 'releasing', savedLimits: { old: 7 } }), fencedPair)).toMatchObject([
      { work: 'release', users: ['old'], limits: { old: 7 } },
    ]);
  });

  test('is left to an operation that has not committed', () => {
    expect(fenceWork(record({ state: 'wanted' }, { operation: operation('claimed') }), fencedPair)).toEqual([]);
    expect(fenceWork(record({ state: 'wanted' }, { operation: operation('committed') }), fencedPair)).toHaveLength(1);
  });
});
