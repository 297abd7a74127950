import { describe, expect, test } from '@jest/globals';
import { mayCommit } from '../../../core/decide/commit.ts';
import type { Operation } from '../../../core/model/operation.ts';
import type { Fence, PairRecord } from '../../../core/model/record.ts';
import { fencedPair, fenceReading, healthInState, operation, reading, situation } from '../../support/situation.ts';

type Change = Parameters<typeof situation>[0];

const failover = operation('claimed');
const switchover: Operation = {
  ...failover,
  verb: 'switchover',
  startedBy: { kind: 'person', who: 'alice', reason: 'x' },
};
const up = healthInState('shanghai', 'up');
const nodes = (state: 'unseen' | 'failed') => up.nodes.map((node, index) => (index === 0 ? { ...node, state } : node));
const beijing = (state: Parameters<typeof healthInState>[1]) => healthInState('beijing', state);

const fenceOfShanghai = (state: Fence['state']): PairRecord['fences'] => ({
  shanghai: { site: 'shanghai', epoch: 1, savedLimits: { app: 50 }, state, sinceMs: 0, untilMs: null, detail: '' },
});

/** Beijing is down and shanghai ready; the operation has been claimed. */
function answer(change: Change, asked: Operation = failover): string {
  const health = { beijing: beijing('down'), shanghai: up };
  const verdict = mayCommit(
    situation({ health, ...change, record: { operation: asked, epoch: 2, ...change.record } }),
    asked,
  );
  return verdict.answer === 'abort' ? `abort: ${verdict.because}` : verdict.answer;
}

describe('at the point of no return', () => {
  test.each<[string, Change, string]>([
    ['goes on when all is as it was at the claim', {}, 'go'],
    [
      'is over when the active side is up again',
      { health: { beijing: beijing('up'), shanghai: up } },
      'abort: active-side-is-back',
    ],
    [
      'is over when the active side serves somehow',
      { health: { beijing: beijing('degraded'), shanghai: up } },
      'abort: active-side-is-back',
    ],
    ['waits while the active side is only suspect', { health: { beijing: beijing('suspect'), shanghai: up } }, 'wait'],
    ['waits while the active side cannot be judged', { health: { beijing: beijing('unknown'), shanghai: up } }, 'wait'],
    [
      'waits for a node of the destination that was not seen yet',
      { health: { beijing: beijing('down'), shanghai: { ...up, nodes: nodes('unseen') } } },
      'wait',
    ],
    [
      'is over when a node of the destination fails',
      { health: { beijing: beijing('down'), shanghai: { ...up, nodes: nodes('failed') } } },
      'abort: guard',
    ],
    ['is over when the prober doubts itself', { doubt: 'references-dark' }, 'abort: guard'],
    [
      'is over when the pair was paused',
      { record: { pause: { owner: 'alice', reason: 'x', untilMs: 2_000 } } },
      'abort: guard',
    ],
    ['is over when traffic is there already', { readings: [reading('shanghai')] }, 'abort: traffic-already-moved'],
    ['is over when targets disagree', { readings: [reading('split')] }, 'abort: guard'],
    ['waits for a target that cannot be read', { readings: [reading('unreadable')] }, 'wait'],
    [
      'is not held back by its own slot of the fleet',
      { slots: Array.from({ length: 3 }, () => ({ pair: 'demo', epoch: 2, atMs: 1_000 })) },
      'go',
    ],
    [
      'is over when others took the last slot',
      { slots: Array.from({ length: 3 }, () => ({ pair: 'other', epoch: 2, atMs: 1_000 })) },
      'abort: guard',
    ],
  ])('a failover %s', (_, change, expected) => {
    expect(answer(change)).toBe(expected);
  });

  test('a failover whose quorum a person overrode leaves a side that is up', () => {
    const overridden: Operation = { ...switchover, verb: 'failover', overrides: ['quorum'] };
    expect(answer({ health: { beijing: beijing('up'), shanghai: up } }, overridden)).toBe('go');
  });

  test.each<[string, Change, string]>([
    ['goes on while both sides serve', {}, 'go'],
    ['is over when the side it leaves is down', { health: { beijing: beijing('down'), shanghai: up } }, 'abort: guard'],
    [
      'waits while the side it leaves cannot be judged',
      { health: { beijing: beijing('unknown'), shanghai: up } },
      'wait',
    ],
    [
      'is not held back by a latch',
      { record: { latch: { because: 'failover', epoch: 1, sinceMs: 0, reason: '' } } },
      'go',
    ],
    ['goes on where it lifted the fence of its destination', { record: { fences: fenceOfShanghai('released') } }, 'go'],
    ['is over where that fence is there again', { record: { fences: fenceOfShanghai('releasing') } }, 'abort: guard'],
  ])('a switchover %s', (_, change, expected) => {
    const both = { beijing: beijing('up'), shanghai: up };
    const fences = { beijing: fenceReading('beijing', 'open'), shanghai: fenceReading('shanghai', 'open') };
    expect(answer({ pair: fencedPair, fences, health: both, ...change }, switchover)).toBe(expected);
  });
});
