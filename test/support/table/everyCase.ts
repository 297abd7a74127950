import { decide } from '../../../core/decide/decide.ts';
import type { Pair } from '../../../core/model/config.ts';
import type { Judgement } from '../../../core/model/decision.ts';
import type { OtherVantage } from '../../../core/model/observation.ts';
import type { Situation } from '../../../core/model/situation.ts';
import type { TargetReading } from '../../../core/model/target.ts';
import { filterByMode, type Plan, planFor } from '../../../core/plan/plan.ts';
import { fenceReading, healthInState, reading, situation } from '../situation.ts';
import { testConfig } from '../world.ts';
import { type Combination, changeOf, dimensions, type Sides } from './dimensions.ts';

/** One combination, what is decided, and what is done about it under each mode. */
export interface Case {
  combination: Combination;
  situation: Situation;
  judgement: Judgement;
  plans: Record<ModeName, Plan>;
}

/** How a decision may be carried out. `approved`: mode approve, and a person agreed to this move. */
export const modes = ['observe', 'approve', 'approved', 'automatic', 'kill switch'] as const;
export type ModeName = (typeof modes)[number];

/** Calls for every combination there is, one at a time. */
export function forEveryCase(
  visit: (each: Case) => void,
  sides: Sides = { decided: 'beijing', other: 'shanghai' },
): void {
  for (const combination of combinations()) {
    const built = situationOf(combination, sides);
    const judgement = decide(built);
    visit({ combination, situation: built, judgement, plans: plansOf(judgement, built) });
  }
}

function* combinations(): Generator<Combination> {
  const { store, traffic, state, prober, decided, other, votes, fence } = dimensions;
  for (const ofStore of store)
    for (const ofTraffic of traffic)
      for (const ofState of state)
        for (const ofProber of prober)
          for (const ofDecided of decided)
            for (const ofOther of other)
              for (const ofVotes of votes)
                for (const ofFence of fence)
                  yield {
                    store: ofStore,
                    traffic: ofTraffic,
                    state: ofState,
                    prober: ofProber,
                    decided: ofDecided,
                    other: ofOther,
                    votes: ofVotes,
                    fence: ofFence,
                  };
}

function plansOf(judgement: Judgement, built: Situation): Case['plans'] {
  const plan = planFor(judgement, built);
  const { from, to } = judgement;
  const yes = from !== null && to !== null ? { who: 'alice', reason: 'x', from, to, untilMs: built.nowMs + 1 } : null;
  const under = (mode: 'observe' | 'approve' | 'automatic', approval: typeof yes, killSwitch: boolean) =>
    filterByMode(
      plan,
      { ...built, pair: withMode(built.pair, mode), record: { ...built.record, approval } },
      killSwitch,
    );
  return {
    observe: under('observe', null, false),
    approve: under('approve', null, false),
    approved: under('approve', yes, false),
    automatic: under('automatic', null, false),
    'kill switch': under('automatic', null, true),
  };
}

const withMode = (pair: Pair, mode: Pair['failover']['mode']): Pair => ({
  ...pair,
  failover: { ...pair.failover, mode },
});

function situationOf(combination: Combination, sides: Sides): Situation {
  const { store, traffic, state, prober, votes, fence } = combination;
  const { decided, other } = sides;
  const change = changeOf(state, sides);
  const open = { [decided]: fenceReading(decided, fenceOf(fence)), [other]: fenceReading(other, 'open') };
  const writes = { haproxy: { site: decided, epoch: 1, instance: 'another', atMs: 0 } };
  return situation({
    pair: pairOf(votes, fence),
    health: {
      [decided]: healthInState(decided, combination.decided),
      [other]: healthInState(other, combination.other),
    },
    readings: [readingOf(traffic, sides)],
    doubt: prober === 'doubts itself' ? 'references-dark' : null,
    storeProblem: store === 'gone' ? 'The disk is full.' : null,
    others: othersOf(votes, decided),
    ...change,
    fences: { ...open, ...change.fences },
    record: {
      ...recordedOf(traffic, decided),
      ...(traffic.endsWith('restart') ? { writes } : {}),
      ...change.record,
    },
  });
}

/** A lost record leaves the newest epoch that targets or processes remember. */
function recordedOf(traffic: Combination['traffic'], decided: string): { desired: string | null; epoch?: number } {
  if (traffic.includes('nothing recorded')) return { desired: null, epoch: 0 };
  return { desired: traffic.endsWith('record lost') ? null : decided };
}

const fenceOf = (fence: Combination['fence']) => (fence.endsWith('cannot be fenced') ? 'unknown' : 'open');

function readingOf(traffic: Combination['traffic'], { decided, other }: Sides): TargetReading {
  if (traffic === 'unreadable') return reading('unreadable');
  if (traffic === 'nowhere') return reading('none');
  if (traffic.startsWith('on both sides')) return reading('split');
  const markerUnread = traffic.endsWith('marker unread') ? 'throttled' : undefined;
  return reading(traffic.startsWith('on the other side') ? other : decided, markerUnread);
}

/** What two other vantages say. */
function othersOf(votes: Combination['votes'], decided: string): OtherVantage[] {
  if (votes === 'alone, quorum 1') return [];
  const health = { [decided]: votes === 'majority agrees' ? ('down' as const) : ('up' as const) };
  return ['witness', 'third'].map((vantage) => ({
    vantage,
    standing: 'fresh',
    observation: {
      pair: 'demo',
      vantage,
      holder: vantage,
      sequence: 1,
      atMs: 0,
      configHash: '',
      evidenceGeneration: 0,
      doubt: null,
      health,
    },
  }));
}

const pairs = new Map<string, Pair>();

function pairOf(votes: Combination['votes'], fence: Combination['fence']): Pair {
  const isAlone = votes === 'alone, quorum 1';
  const unfenced = fence === 'allow' ? 'allow' : 'wait';
  const known = pairs.get(`${isAlone} ${unfenced}`);
  if (known) return known;
  const vantages = isAlone ? [] : ['test', 'witness', 'third'];
  const failover = { unfenced, quorum: isAlone ? 1 : 'majority' };
  const [pair] = testConfig({ fence: true, vantages, failover }).pairs as [Pair];
  pairs.set(`${isAlone} ${unfenced}`, pair);
  return pair;
}
