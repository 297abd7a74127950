import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decide } from '../../../core/decide/decide.ts';
import { explainDecision } from '../../../core/explain/decision.ts';
import type { Situation } from '../../../core/model/situation.ts';
import { holdsFor } from '../../support/property.ts';
import { fencedPair, fenceReading, healthInState, situation } from '../../support/situation.ts';
import { changeOf, dimensions, type StateName } from '../../support/table/dimensions.ts';

/** The full table has one thing the matter at a time; here several are at once. */
const sides = { decided: 'beijing', other: 'shanghai' };

/** A pair whose active side is down and whose standby is ready, with all of that the matter. */
function lostWith(states: readonly StateName[]): Situation {
  const changes = states.map((state) => changeOf(state, sides));
  const open = Object.fromEntries(['beijing', 'shanghai'].map((site) => [site, fenceReading(site, 'open')]));
  return situation({
    pair: fencedPair,
    health: { beijing: healthInState('beijing', 'down'), shanghai: healthInState('shanghai', 'up') },
    ...Object.assign({}, ...changes),
    fences: Object.assign({}, open, ...changes.map((change) => change.fences)),
    record: Object.assign({}, ...changes.map((change) => change.record)),
  });
}

const decidedWith = (...states: StateName[]) => decide(lostWith(states)).reason;
// A fence is released once its side was read as open; what refuses after that makes it releasing again (core/plan/fences.ts), so
// it never meets limits that were set by hand there.
const possible = dimensions.state.filter((state) => state !== 'fence of the other side released');
const harmless = possible.filter((state) => decidedWith(state) === 'active-down');
const holding = possible.filter((state) => decidedWith(state).startsWith('blocked-'));

test('what holds traffic back holds it, whatever else is the matter', () => {
  expect(holding.length).toBeGreaterThan(8);
  holdsFor([fc.shuffledSubarray(holding, { minLength: 1 }), fc.shuffledSubarray(harmless)], (held, others) => {
    for (const states of [
      [...held, ...others],
      [...others, ...held],
    ])
      expect(decide(lostWith(states)).outcome).toBe('blocked');
  });
});

test('whatever is the matter at once, there is an answer in words, and nothing but a person moves past what holds', () => {
  holdsFor([fc.shuffledSubarray(possible)], (states) => {
    const built = lostWith(states);
    const judgement = decide(built);
    expect(explainDecision(judgement, built).sentence).toMatch(/^[A-Z`a-z].*[.)`]$/);
    const { record } = built;
    const isHeld = record.latch ?? record.pause ?? record.operation ?? record.cooldownUntilMs ?? built.fleetPause;
    if (isHeld !== null) expect(judgement.reason).not.toBe('active-down');
  });
});
