import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { evaluateGuards } from '../../../core/decide/guards.ts';
import type { Pair } from '../../../core/model/config.ts';
import { healthStates } from '../../../core/model/health.ts';
import type { OtherVantage } from '../../../core/model/observation.ts';
import type { Doubt, Situation } from '../../../core/model/situation.ts';
import { holdsFor } from '../../support/property.ts';
import { healthInState, situation } from '../../support/situation.ts';
import { testConfig } from '../../support/world.ts';

const own = 'own';
const anyHealth = fc.constantFrom(...healthStates);
const anyDoubt = fc.constantFrom<Doubt | null>(null, null, null, 'references-dark', 'clock-jumped');

/** What another vantage may have said; mostly something that counts. */
const anyOther = fc.record({
  standing: fc.constantFrom<OtherVantage['standing']>('fresh', 'fresh', 'fresh', 'stale', 'absent'),
  health: fc.oneof(fc.constant('down' as const), anyHealth),
  doubt: anyDoubt,
  configHash: fc.constantFrom('same', 'same', 'same', 'another'),
  generation: fc.constantFrom(3, 3, 3, 2),
  near: fc.constantFrom(undefined, 'beijing', 'shanghai'),
});
type Other = typeof anyOther extends fc.Arbitrary<infer Value> ? Value : never;

const anyCase = fc.record({
  others: fc.array(anyOther, { maxLength: 6 }),
  health: fc.oneof(fc.constant('down' as const), anyHealth),
  doubt: anyDoubt,
  near: fc.constantFrom(undefined, 'beijing', 'shanghai'),
  quorum: fc.constantFrom<'majority' | number>('majority', 'majority', 1, 2),
});
type Case = typeof anyCase extends fc.Arbitrary<infer Value> ? Value : never;

function situationOf({ others, health, doubt, near, quorum }: Case): Situation {
  const place = (name: string, near: string | undefined) => (near ? { name, near } : name);
  const vantages = [place(own, near), ...others.map((other, index) => place(`other-${index}`, other.near))];
  const [pair] = testConfig({ vantages, failover: { quorum } }).pairs as [Pair];
  return situation({
    pair,
    vantage: own,
    doubt,
    configHash: 'same',
    record: { evidenceGeneration: 3 },
    health: { beijing: healthInState('beijing', health), shanghai: healthInState('shanghai', 'up') },
    others: others.map((other, index) => heard(other, `other-${index}`)),
  });
}

function heard({ standing, health, doubt, configHash, generation }: Other, vantage: string): OtherVantage {
  const says = { configHash, evidenceGeneration: generation, doubt, health: { beijing: health } };
  const observation = { pair: 'demo', vantage, holder: vantage, sequence: 1, atMs: 0, ...says };
  return { vantage, standing, observation: standing === 'absent' ? null : observation };
}

function isAgreed(each: Case): boolean {
  const move = { from: 'beijing', to: 'shanghai', mover: 'automatic' } as const;
  return evaluateGuards(situationOf(each), move).find(({ guard }) => guard === 'quorum')?.verdict === 'pass';
}

/** A vote, as a person would count it. */
const counts = ({ standing, health, doubt, configHash, generation }: Other) =>
  standing === 'fresh' && health === 'down' && doubt === null && configHash === 'same' && generation === 3;

describe('the quorum', () => {
  test('is there exactly when enough of the configured vantages vote, and not only those near the side', () => {
    holdsFor([anyCase], (each) => {
      const votes = each.others.filter(counts).map(({ near }) => near);
      if (each.health === 'down' && each.doubt === null) votes.push(each.near);
      const configured = each.others.length + 1;
      const needed = each.quorum === 'majority' ? Math.max(2, Math.floor(configured / 2) + 1) : each.quorum;
      expect(isAgreed(each)).toBe(votes.length >= needed && votes.some((near) => near !== 'beijing'));
    });
  });

  test('is never a majority without more than half of all that are configured', () => {
    holdsFor([anyCase.map((each) => ({ ...each, quorum: 'majority' as const }))], (each) => {
      const votes = each.others.filter(counts).length + (each.health === 'down' && each.doubt === null ? 1 : 0);
      if (isAgreed(each)) expect(votes * 2).toBeGreaterThan(each.others.length + 1);
    });
  });

  test('is not made by whoever falls silent, doubts, or is told something else; nor lost by one more vote', () => {
    const anyLoss = fc.constantFrom<Partial<Other>>(
      { standing: 'stale' },
      { standing: 'absent' },
      { doubt: 'clock-jumped' },
      { configHash: 'another' },
      { generation: 2 },
      { health: 'up' },
      { health: 'suspect' },
    );
    holdsFor([anyCase, fc.nat(5), anyLoss], (each, at, loss) => {
      const withOther = (change: Partial<Other>): Case => ({
        ...each,
        others: each.others.map((other, index) => (index === at ? { ...other, ...change } : other)),
      });
      const vote = { standing: 'fresh', health: 'down', doubt: null, configHash: 'same', generation: 3 } as const;
      if (isAgreed(withOther(loss))) expect(isAgreed(each)).toBe(true);
      if (isAgreed(each)) expect(isAgreed(withOther(vote))).toBe(true);
    });
  });

  test('is not made by configuring vantages that nobody ever hears of', () => {
    const nobody = { standing: 'absent', health: 'down', doubt: null, configHash: 'same', generation: 3 } as const;
    holdsFor([anyCase], (each) => {
      const more = { ...each, others: [...each.others, { ...nobody, near: undefined }] };
      if (isAgreed(more)) expect(isAgreed(each) || each.others.length === 0).toBe(true);
    });
  });

  test('does not depend on the order in which the vantages stand', () => {
    holdsFor([anyCase], (each) => {
      expect(isAgreed({ ...each, others: each.others.toReversed() })).toBe(isAgreed(each));
    });
  });
});
