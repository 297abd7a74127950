import type { PairStatus } from '../../core/explain/status.ts';
import type { Answer, Control, Page } from '../../core/flow/control/control.ts';
import { Refusal } from '../../core/flow/control/control.ts';
import type { Act } from '../../core/model/act.ts';
import type { Operation } from '../../core/model/operation.ts';
import { newPairRecord } from '../../core/model/record.ts';

/** What a method of Control was called with. */
export interface Call {
  method: keyof Control;
  given: unknown[];
}

export interface FakeControl extends Control {
  readonly calls: Call[];
  /** The next call of any method rejects with this. */
  failNext(error: unknown): void;
  /** What the pair says of its protection. */
  protected: boolean;
}

export const operation: Operation = {
  id: 'trading-2',
  pair: 'trading',
  verb: 'failover',
  epoch: 2,
  from: 'beijing',
  to: 'shanghai',
  startedBy: { kind: 'person', who: 'on-call', reason: 'beijing is lost' },
  overrides: [],
  supersedes: null,
  guards: [{ guard: 'quorum', verdict: 'pass', sentence: 'One vote of one.' }],
  phase: 'stalled',
  holder: 'here:1',
  steps: [{ name: 'flip', target: 'haproxy', status: 'failed', attempts: 5, startedAtMs: 1, endedAtMs: 2, detail: '' }],
  timeline: {
    firstFailureAtMs: null,
    decidedAtMs: 1,
    claimedAtMs: 1,
    committedAtMs: 2,
    flippedAtMs: null,
    endedAtMs: null,
  },
  fenced: 'unfenced',
  cancelled: null,
  surveys: [],
  outcome: '',
};

export const act: Act = {
  id: 'act-1',
  who: 'on-call',
  via: 'api',
  from: '10.0.0.1',
  pair: 'trading',
  atMs: 1,
  verb: 'pause',
  reason: 'patching',
  details: {},
  outcome: 'done',
  sentence: 'Paused.',
  answer: null,
  fingerprint: '',
};

/** A Control over nothing: one pair, `trading`, that answers the same whatever is asked, and notes what was asked. */
export function createFakeControl(): FakeControl {
  const calls: Call[] = [];
  let failure: { error: unknown } | null = null;
  const called = <T>(method: keyof Control, given: unknown[], answer: () => T): Promise<T> => {
    calls.push({ method, given });
    const { error } = failure ?? {};
    const fails = failure !== null;
    failure = null;
    return fails ? Promise.reject(error) : new Promise((resolve) => resolve(answer()));
  };
  const known = (pair: string | null) => {
    if (pair !== null && pair !== 'trading') throw new Refusal('unknown-pair', `There is no pair "${pair}".`);
  };
  const page = <T>(item: T, limit: number): Page<T> => ({ items: [item], nextCursor: limit === 1 ? 'more' : null });
  const changed = (method: keyof Control, pair: string | null, given: unknown[]): Promise<Answer> =>
    called(method, given, () => {
      known(pair);
      return { changed: true, sentence: 'Done.' };
    });

  const fake: FakeControl = {
    calls,
    protected: true,
    failNext: (error) => {
      failure = { error };
    },
    status: (pair) =>
      called('status', [pair], () => {
        known(pair ?? null);
        return [statusOf(fake.protected)];
      }),
    decisions: (pair, query) =>
      called('decisions', [pair, query], () => {
        known(pair);
        return page(decisionRow, query.limit);
      }),
    transitions: (pair, query) =>
      called('transitions', [pair, query], () =>
        page(
          {
            pair,
            vantage: 'here',
            site: 'beijing',
            atMs: 1,
            from: null,
            to: 'up' as const,
            sentence: 'beijing is up.',
          },
          query.limit,
        ),
      ),
    operations: (pair, query) => called('operations', [pair, query], () => page(operation, query.limit)),
    acts: (pair, query) => called('acts', [pair, query], () => page(act, query.limit)),
    health: (pair, range) =>
      called('health', [pair, range], () => [{ site: 'beijing', fromMs: 0, toMs: 1, shares: { up: 1 } }]),
    operation: (id) =>
      called('operation', [id], () => {
        if (id === 'trading-2') return { state: 'under-way' as const, operation, sentence: 'It is stalled.' };
        if (id === 'trading-1') return { state: 'ended' as const, operation, sentence: 'It is over.' };
        if (id === 'trading-3') return { state: 'waiting' as const, notBeforeMs: 5, sentence: 'It waits.' };
        throw new Refusal('unknown-operation', `There is no operation "${id}".`);
      }),
    rehearse: (pair, wanted) =>
      called('rehearse', [pair, wanted], () => ({
        verb: wanted.verb,
        from: 'beijing',
        to: 'shanghai',
        allowed: false,
        guards: [{ guard: 'quorum', verdict: 'fail', sentence: 'No vote.', overridden: false }],
        steps: ['Fence beijing.'],
        surveys: [{ site: 'beijing', atMs: 1, connections: 2, messages: null, queues: [] }],
      })),
    operate: (caller, pair, wanted) =>
      called('operate', [caller, pair, wanted], () => {
        known(pair);
        return { id: 'trading-abc', verb: wanted.verb, from: 'beijing', to: 'shanghai', notBeforeMs: 1 };
      }),
    cancel: (caller, id, why) => changed('cancel', null, [caller, id, why]),
    approve: (caller, pair, why) => changed('approve', pair, [caller, pair, why]),
    retry: (caller, pair, why) => changed('retry', pair, [caller, pair, why]),
    ack: (caller, pair, why) => changed('ack', pair, [caller, pair, why]),
    pause: (caller, pair, why) => changed('pause', pair, [caller, pair, why]),
    resume: (caller, pair, why) => changed('resume', pair, [caller, pair, why]),
    maintain: (caller, pair, site, why) => changed('maintain', pair, [caller, pair, site, why]),
    endMaintenance: (caller, pair, site, why) => changed('endMaintenance', pair, [caller, pair, site, why]),
    close: async () => {},
  };
  return fake;
}

const decisionRow = {
  pair: 'trading',
  vantage: 'here',
  fromMs: 1,
  toMs: 2,
  count: 3,
  decision: {
    outcome: 'hold' as const,
    reason: 'all-well',
    sentence: 'All is well.',
    severity: 'info' as const,
    from: null,
    to: null,
    guards: [],
  },
  health: [],
  fences: [],
};

function statusOf(isProtected: boolean): PairStatus {
  const sentence = isProtected ? 'Protected.' : 'Not protected: the mode is observe.';
  return {
    pair: 'trading',
    atMs: 1_000,
    mode: 'automatic',
    active: 'beijing',
    readings: [{ target: 'haproxy', status: 'unreadable', detail: 'refused' }],
    record: { ...newPairRecord('trading'), operation },
    sites: [{ site: 'beijing', role: 'primary', state: 'up', sinceMs: 1, sentence: 'beijing is up.' }],
    decision: decisionRow,
    lastTickAtMs: 999,
    protection: { protected: isProtected, because: isProtected ? null : 'mode', sentence },
  };
}
