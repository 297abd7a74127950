import { createHash } from 'node:crypto';
import { createVirtualClock } from '../../../../adapters/memory/clock.ts';
import { createMemoryFencer } from '../../../../adapters/memory/fencer.ts';
import { createMemoryStore } from '../../../../adapters/memory/store.ts';
import { createMemoryTarget } from '../../../../adapters/memory/target.ts';
import { type OperationWanted, Refusal, type RefusalName } from '../../../../core/flow/control/control.ts';
import { createControl } from '../../../../core/flow/control/local.ts';
import type { Act, Caller } from '../../../../core/model/act.ts';
import type { Pair } from '../../../../core/model/config.ts';
import type { Decision } from '../../../../core/model/decision.ts';
import type { Drill, Fence, Latch, OperationRequest, PairRecord } from '../../../../core/model/record.ts';
import { newPairRecord } from '../../../../core/model/record.ts';
import { healthInState } from '../../../support/situation.ts';
import { testConfig, type WorldOptions } from '../../../support/world.ts';

export const alice: Caller = { who: 'alice', via: 'cli', from: 'desk-1' };
export const everything = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, limit: 100 };
export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

export interface DeskOptions {
  options?: WorldOptions;
  /** Null: nothing is recorded about the pair. */
  record?: Partial<PairRecord> | null;
  /** What the target says. */
  active?: string;
  /** How long ago the pair was watched last; null: never. */
  watchedAgoMs?: number | null;
  decision?: Partial<Decision>;
}

/** A person at a desk: control over a store in memory, about a pair that is watched and well, on a Thursday at midnight UTC. */
export async function createDesk({ options, record = {}, active, watchedAgoMs = 1_000, decision }: DeskOptions = {}) {
  const { pairs, fleet } = testConfig({ fence: true, ...options });
  const [pair] = pairs as [Pair];
  const clock = createVirtualClock();
  const store = createMemoryStore();
  const target = createMemoryTarget('haproxy', 'beijing', { clock, sites: ['beijing', 'shanghai'] });
  const users = { users: ['app'] };
  const sites = { beijing: { nodes: ['bj1'], ...users }, shanghai: { nodes: ['sh1'], ...users } };
  const fencer = createMemoryFencer({ clock, sites });
  if (active) target.edit(active);
  if (record) await store.writePair({ ...newPairRecord('demo'), desired: 'beijing', epoch: 1, ...record });
  const watched = (agoMs: number) =>
    store.recordDecision({
      pair: 'demo',
      vantage: 'local',
      atMs: clock.nowMs() - agoMs,
      decision: { ...allWell, ...decision },
      health: [healthInState('beijing', 'up'), healthInState('shanghai', 'up')],
      fences: ['beijing', 'shanghai'].map((site) => ({ site, nodes: [{ node: site, verdict: 'open', detail: '' }] })),
    });
  if (watchedAgoMs !== null) await watched(watchedAgoMs);
  let ids = 0;
  const control = createControl({
    pairs,
    fleet,
    store,
    clock,
    targetsOf: () => [target],
    fencer: () => fencer,
    newId: () => {
      ids += 1;
      return `id-${ids}`;
    },
    fingerprint: (text) => createHash('sha256').update(text).digest('hex'),
    killSwitch: () => false,
  });
  return {
    control,
    store,
    clock,
    target,
    fencer,
    pair,
    watched,
    nowMs: clock.nowMs(),
    /** The record as it is stored. */
    async stored(): Promise<PairRecord> {
      return (await store.readPair('demo')) ?? newPairRecord('demo');
    },
    acts: (subject = 'demo'): Promise<Act[]> => store.listActs(subject, everything),
    operations: () => store.listOperations('demo', everything),
  };
}

const allWell: Decision = {
  outcome: 'hold',
  reason: 'all-well',
  sentence: 'Both sides are up.',
  severity: 'info',
  from: 'beijing',
  to: 'shanghai',
  guards: [],
};

/** What alice wants, now and for a reason, unless the test says otherwise. */
export function wanted(change: Partial<OperationWanted> = {}): OperationWanted {
  const now = { atMs: null, to: null, holdMs: null };
  return { verb: 'switchover', reason: 'new disks', overrides: [], ...now, ...change };
}

export const why = (reason = 'it was looked at') => ({ reason, dryRun: false });

/** The refusal that a promise is rejected with: its name and what it says. */
export async function refusalOf(promise: Promise<unknown>): Promise<{ name: RefusalName; sentence: string }> {
  const error = await promise.then(
    () => new Error('it was not refused'),
    (reason: unknown) => reason,
  );
  if (error instanceof Refusal) return { name: error.refusal, sentence: error.message };
  throw error;
}

export function request(change: Partial<OperationRequest> = {}): OperationRequest {
  return {
    id: 'demo-asked',
    verb: 'switchover',
    who: 'bob',
    reason: 'upgrade',
    from: 'beijing',
    to: 'shanghai',
    overrides: [],
    notBeforeMs: 0,
    untilMs: Number.MAX_SAFE_INTEGER,
    supersedes: null,
    ...change,
  };
}

export function drill(change: Partial<Drill> = {}): Drill {
  return {
    id: 'demo-drill',
    who: 'bob',
    reason: 'monthly',
    home: 'beijing',
    away: 'shanghai',
    phase: 'there',
    startedAtMs: 0,
    holdMs: minuteMs,
    holdUntilMs: null,
    operations: ['demo-drill-1'],
    cutShort: '',
    ...change,
  };
}

export const latch: Latch = { because: 'failover', epoch: 1, sinceMs: 1, reason: 'beijing was down' };

export function fence(change: Partial<Fence> = {}): Fence {
  const saved = { epoch: 1, savedLimits: { app: 100 }, untilMs: null };
  return { site: 'shanghai', ...saved, state: 'set', sinceMs: 0, detail: '', ...change };
}
