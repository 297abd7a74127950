import { beforeAll, describe, expect, test } from '@jest/globals';
import { guardsOf } from '../../../core/decide/guards.ts';
import { rules } from '../../../core/decide/rules.ts';
import { explainDecision, hasSentence } from '../../../core/explain/decision.ts';
import { isFenceable } from '../../../core/model/fence.ts';
import type { StateName } from '../../support/table/dimensions.ts';
import { type Case, forEveryCase, type ModeName, modes } from '../../support/table/everyCase.ts';

/** What a promise says of a case under one mode: what is wrong, or nothing. */
type Promised = (each: Case, mode: ModeName) => string | undefined;

/** In these, nothing may begin by itself. */
const holding: StateName[] = [
  'latched',
  'latched unfenced',
  'latched, the store was lost',
  'cooling',
  'paused',
  'all pairs paused',
  'decided side in maintenance',
  'other side in maintenance',
  'breaker spent',
  'other side fenced',
  'limits set by hand on the other side',
  'operation claimed by itself',
  'operation claimed for a person',
  'operation committed',
  'operation stalled',
];

const isAsked = ({ judgement: { reason } }: Case) => reason === 'requested' || reason === 'superseding';
const startsByItself = (each: Case, mode: ModeName) => each.plans[mode].act === 'start' && !isAsked(each);

/** The promises, over every combination and mode. Each returns the value that it must not see. */
const promises: Record<string, Promised> = {
  'nothing begins by itself in a state that holds it back': (each, mode) =>
    startsByItself(each, mode) && holding.includes(each.combination.state) ? each.combination.state : undefined,
  'nothing begins by itself but in mode automatic, or with a yes to it': (each, mode) =>
    startsByItself(each, mode) && mode !== 'automatic' && mode !== 'approved' ? mode : undefined,
  'traffic leaves by itself only a side that is down, for one that is up': (each, mode) => {
    const { decided, other } = each.combination;
    return startsByItself(each, mode) && (decided !== 'down' || other !== 'up') ? `${decided} to ${other}` : undefined;
  },
  'traffic leaves by itself only the side where it was decided to be': (each, mode) => {
    const { traffic } = each.combination;
    return startsByItself(each, mode) && traffic !== 'as decided' ? traffic : undefined;
  },
  'nothing begins by itself without enough votes of probers that trust themselves': (each, mode) => {
    const { votes, prober } = each.combination;
    const isAgreed = votes !== 'nobody agrees' && prober === 'trusts itself';
    return startsByItself(each, mode) && !isAgreed ? `${votes}, ${prober}` : undefined;
  },
  'nothing begins by itself unfenced where the policy waits for the fence': (each, mode) => {
    const { pair, fences } = each.situation;
    const reading = fences[each.judgement.from ?? ''];
    const waits = pair.failover.unfenced === 'wait' && !(reading && isFenceable(reading));
    return startsByItself(each, mode) && waits ? 'started' : undefined;
  },
  'everybody who is asked has agreed to what begins by itself': (each, mode) => {
    if (!startsByItself(each, mode)) return undefined;
    const passing = each.judgement.guards.filter(({ verdict }) => verdict === 'pass').map(({ guard }) => guard);
    return guardsOf('automatic').find((guard) => !passing.includes(guard));
  },
  'no store, no act': (each, mode) =>
    each.combination.store === 'gone' && each.plans[mode].act !== 'nothing' ? each.plans[mode].act : undefined,
  'the kill switch lets through only what moves and undoes nothing': (each, mode) =>
    mode === 'kill switch' && !['nothing', 'adopt', 'refuse', 'abandon'].includes(each.plans[mode].act)
      ? each.plans[mode].act
      : undefined,
  'no person moves traffic onto a side that is not up': (each, mode) =>
    each.plans[mode].act === 'start' && each.combination.other !== 'up' ? each.combination.other : undefined,
  'a person passes no guard but those that were named': (each, mode) => {
    if (each.plans[mode].act !== 'start' || !isAsked(each)) return undefined;
    const { combination, situation } = each;
    const overrides = situation.record.request?.overrides ?? [];
    if (combination.prober === 'doubts itself' && !overrides.includes('self-trust')) return 'self-trust';
    if (situation.record.request?.verb === 'switchover')
      return ['up', 'degraded'].includes(combination.decided) ? undefined : 'active-serves';
    const isAgreed = combination.votes === 'majority agrees' || combination.decided === 'down';
    return isAgreed || overrides.includes('quorum') ? undefined : 'quorum';
  },
  'no second operation begins, but for a person and in place of a stalled one': (each, mode) => {
    const { operation, request } = each.situation.record;
    const instead = operation?.phase === 'stalled' && request?.supersedes === operation.epoch;
    return operation && each.plans[mode].act === 'start' && !instead ? operation.phase : undefined;
  },
  'nothing is set back by itself while paused, or onto a side that does not serve': (each, mode) => {
    const { state, decided } = each.combination;
    if (each.plans[mode].act !== 'repair' || state === 'told to restore') return undefined;
    const isHeld = state === 'paused' || state === 'all pairs paused' || !['up', 'degraded'].includes(decided);
    return isHeld ? `${state}, ${decided}` : undefined;
  },
  'what others changed is set back only after a restart, or for a person': (each, mode) => {
    const { traffic, state } = each.combination;
    if (each.plans[mode].act !== 'repair' || state === 'told to restore') return undefined;
    return traffic === 'on the other side since a restart' ? undefined : traffic;
  },
  'only what points to one site is adopted': (each, mode) =>
    each.plans[mode].act === 'adopt' && !['beijing', 'shanghai'].includes(each.judgement.from ?? '')
      ? String(each.judgement.from)
      : undefined,
};

const broken = new Map<string, unknown[]>(Object.keys(promises).map((promise) => [promise, []]));
const wordless: string[] = [];
const hit = new Set<string>();
const done = new Set<string>();

function look(each: Case): void {
  const { judgement, situation, plans, combination } = each;
  hit.add(judgement.reason);
  const { sentence, guards } = explainDecision(judgement, situation);
  if (!/^[A-Z`a-z].*[.)`]$/.test(sentence) || guards.some((guard) => guard.sentence === '')) wordless.push(sentence);
  for (const mode of modes) {
    done.add(plans[mode].act);
    for (const [promise, wrong] of Object.entries(promises)) {
      const what = wrong(each, mode);
      if (what !== undefined) broken.get(promise)?.push({ what, mode, ...combination, reason: judgement.reason });
    }
  }
}

describe('over every combination', () => {
  beforeAll(() => forEveryCase(look), 60_000);

  // A few examples say enough.
  test.each(Object.keys(promises))('%s', (promise) => {
    expect(broken.get(promise)?.slice(0, 3)).toEqual([]);
  });

  test('there is an answer, and it is put into words', () => {
    expect(wordless.slice(0, 3)).toEqual([]);
  });

  test('everything that can be done is done in some', () => {
    expect([...done].sort()).toEqual(['abandon', 'adopt', 'advance', 'nothing', 'refuse', 'repair', 'start']);
  });

  test('every row of the table decides some, but for the guards that another row above always answers', () => {
    const never = rules.map(({ reason }) => reason).filter((reason) => !hit.has(reason));
    // Lag cannot be configured; an operation, disagreeing targets and a doubting prober are rows of their own above.
    expect(never.sort()).toEqual([
      'blocked-lag',
      'blocked-no-operation',
      'blocked-self-trust',
      'blocked-targets-agree',
    ]);
  });
});

test('the rules are well formed: reasons are unique and have a sentence, and every row says in words when it applies', () => {
  expect(new Set(rules.map(({ reason }) => reason)).size).toBe(rules.length);
  for (const rule of rules) {
    expect(hasSentence(rule.reason)).toBe(true);
    expect(rule.words).not.toBe('');
  }
});
