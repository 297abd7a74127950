import { describe, expect, test } from '@jest/globals';
import { decide } from '../../../core/decide/decide.ts';
import { guardsOf } from '../../../core/decide/guards.ts';
import { rules } from '../../../core/decide/rules.ts';
import { explainDecision, hasSentence } from '../../../core/explain/decision.ts';
import { healthStates } from '../../../core/model/health.ts';
import type { PairRecord } from '../../../core/model/record.ts';
import type { Doubt, Situation } from '../../../core/model/situation.ts';
import { fencedPair, fenceReading, healthInState, operation, reading, situation } from '../../support/situation.ts';

const asked = {
  id: 'x',
  verb: 'failover' as const,
  who: 'alice',
  reason: 'lost',
  from: 'beijing',
  to: 'shanghai',
  overrides: [],
  notBeforeMs: 0,
  untilMs: Date.UTC(2100, 0, 1),
  supersedes: null,
};
const fence = {
  site: 'shanghai',
  epoch: 1,
  savedLimits: { app: null },
  state: 'set',
  sinceMs: 0,
  untilMs: null,
  detail: '',
} as const;
const pause = { owner: 'alice', reason: 'release', untilMs: Date.UTC(2100, 0, 1) };

/** Every kind of record, reading and doubt that the table tells apart. */
const records: Partial<PairRecord>[] = [
  {},
  { desired: null, epoch: 0 },
  { desired: null, epoch: 7 },
  { desired: 'shanghai' },
  { latch: { because: 'failover', epoch: 1, sinceMs: 0, reason: '' } },
  { latch: { because: 'unfenced', epoch: 1, sinceMs: 0, reason: 'no' } },
  { latch: { because: 'store-lost', epoch: 8, sinceMs: 0, reason: 'nobody knows' } },
  { pause },
  { desired: 'shanghai', pause },
  { maintenance: { beijing: pause } },
  { cooldownUntilMs: Date.UTC(2100, 0, 1) },
  { request: asked },
  { request: { ...asked, verb: 'switchover' } },
  { request: { ...asked, verb: 'switchover', notBeforeMs: Date.UTC(2099, 0, 1) } },
  { request: { ...asked, supersedes: 2 }, operation: operation('stalled') },
  { request: { ...asked, supersedes: 2, overrides: ['quorum'] }, operation: operation('stalled') },
  { fences: { shanghai: fence } },
  { request: { ...asked, overrides: ['quorum', 'self-trust'] } },
  { operation: operation('committed') },
  { operation: operation('stalled') },
  { driftAnswer: { choice: 'adopt', site: 'shanghai', who: 'alice', reason: 'x', atMs: 0 } },
  { driftAnswer: { choice: 'restore', who: 'alice', reason: 'x', atMs: 0 } },
  { desired: 'shanghai', writes: { haproxy: { site: 'shanghai', epoch: 1, instance: 'another', atMs: 0 } } },
];
const actives = ['beijing', 'shanghai', 'split', 'none', 'unreadable'];
const doubts: (Doubt | null)[] = [null, 'both-sides-dark', 'references-dark'];

function everySituation(): Situation[] {
  const all: Situation[] = [];
  for (const beijing of healthStates)
    for (const shanghai of healthStates)
      for (const record of records)
        for (const active of actives)
          for (const doubt of doubts)
            for (const storeProblem of [null, 'The disk is full.'])
              for (const slots of [[], Array.from({ length: 3 }, () => ({ pair: 'other', epoch: 1, atMs: 0 }))])
                all.push(
                  situation({
                    pair: fencedPair,
                    fences: { beijing: fenceReading('beijing', 'open'), shanghai: fenceReading('shanghai', 'open') },
                    health: {
                      beijing: healthInState('beijing', beijing),
                      shanghai: healthInState('shanghai', shanghai),
                    },
                    record,
                    readings: [reading(active)],
                    doubt,
                    storeProblem,
                    slots,
                  }),
                );
  return all;
}

describe('the rules table', () => {
  const decided = everySituation().map((each) => ({ each, judgement: decide(each) }));

  test('answers every combination, and puts the answer into words', () => {
    // One expectation for all: a hundred thousand of them are slow.
    const wordless = decided.filter(({ each, judgement }) => {
      const { sentence, guards } = explainDecision(judgement, each);
      return !/^[A-Z`a-z].*[.)`]$/.test(sentence) || guards.some((guard) => guard.sentence === '');
    });
    expect(wordless).toEqual([]);
  });

  const moves = decided.filter(({ judgement: { outcome } }) => outcome === 'failover');

  test('moves traffic by itself only when the active side is down, the other ready, and nothing speaks against it', () => {
    const automatic = moves.filter(({ judgement: { reason } }) => reason === 'active-down');
    for (const { each, judgement } of automatic) {
      const from = each.record.desired ?? '';
      expect(each.health[from]?.state).toBe('down');
      expect(each.health[judgement.to ?? '']?.state).toBe('up');
      expect(each.doubt).toBeNull();
      expect(each.storeProblem).toBeNull();
      expect(judgement.guards.every(({ verdict }) => verdict === 'pass')).toBe(true);
      expect(judgement.guards.map(({ guard }) => guard)).toEqual(guardsOf('automatic'));
    }
    expect(automatic.length).toBeGreaterThan(0);
  });

  test('moves traffic for a person only to a ready side, past no guard but those that were named', () => {
    const requested = moves.filter(({ judgement: { reason } }) => reason !== 'active-down');
    for (const { each, judgement } of requested) {
      const overrides = each.record.request?.overrides ?? [];
      expect(each.health[judgement.to ?? '']?.state).toBe('up');
      const state = each.health.beijing?.state ?? '';
      if (each.record.request?.verb === 'switchover') expect(['up', 'degraded']).toContain(state);
      else expect(state === 'down' || overrides.includes('quorum')).toBe(true);
      expect(each.doubt === null || overrides.includes('self-trust')).toBe(true);
      expect(each.storeProblem).toBeNull();
    }
    expect(requested.length).toBeGreaterThan(0);
  });

  test('repairs only while the pair is not paused and the decided side is not down', () => {
    for (const { each } of decided.filter(({ judgement: { reason } }) => reason === 'target-restarted')) {
      expect(each.record.pause).toBeNull();
      expect(each.health[each.record.desired ?? '']?.state).not.toBe('down');
    }
  });

  test('has no row that never decides, but for the guards that another row above always answers', () => {
    const hit = new Set(decided.map(({ judgement: { reason } }) => reason));
    const never = rules.map(({ reason }) => reason).filter((reason) => !hit.has(reason));
    // Lag cannot be configured; `unfenced: allow` asks for no fence; an operation, disagreeing targets and a doubting prober are rows of their own above.
    expect(never.sort()).toEqual(
      [
        'blocked-fence-ready',
        'blocked-lag',
        'blocked-no-operation',
        'blocked-quorum',
        'blocked-self-trust',
        'blocked-targets-agree',
      ].sort(),
    );
  });

  test('is well formed: reasons are unique and have a sentence, and every row says in words when it applies', () => {
    expect(new Set(rules.map(({ reason }) => reason)).size).toBe(rules.length);
    for (const rule of rules) {
      expect(hasSentence(rule.reason)).toBe(true);
      expect(rule.words).not.toBe('');
    }
  });
});
