import { healthStates } from '../../../core/model/health.ts';
import type { Operation, OperationPhase } from '../../../core/model/operation.ts';
import type { Fence, OperationRequest, PairRecord } from '../../../core/model/record.ts';
import type { Situation } from '../../../core/model/situation.ts';
import { fenceReading, operation } from '../situation.ts';

/** What differs between combinations, each value by the name it has in the table. */
export interface Combination {
  store: (typeof stores)[number];
  traffic: (typeof traffics)[number];
  state: StateName;
  prober: (typeof probers)[number];
  /** The health of the side that traffic was decided to be on. */
  decided: (typeof healthStates)[number];
  other: (typeof healthStates)[number];
  votes: (typeof votes)[number];
  fence: (typeof fences)[number];
}

/** The two sides of a combination: as every rule is about roles and not about names, they can change places. */
export interface Sides {
  decided: string;
  other: string;
}

const stores = ['well', 'gone'] as const;
const traffics = [
  'as decided',
  'on the other side',
  'on the other side since a restart',
  'on both sides',
  'nowhere',
  'unreadable',
  'on a side, nothing recorded',
  'on both sides, nothing recorded',
  'on a side, record lost',
  'on both sides, record lost',
  'on a side, nothing recorded, marker unread',
] as const;
const probers = ['trusts itself', 'doubts itself'] as const;
const votes = ['alone, quorum 1', 'majority agrees', 'nobody agrees'] as const;
const fences = ['allow', 'wait, it can be fenced', 'wait, it cannot be fenced'] as const;

const farMs = Date.UTC(2100, 0, 1);
const pause = { owner: 'alice', reason: 'release', untilMs: farMs };
const by = { who: 'alice', reason: 'x', atMs: 0 };

type Change = Partial<Omit<Situation, 'record'>> & { record?: Partial<PairRecord> };

/** What else can be the matter with a pair: each is one change of a situation in which nothing is. */
const states = {
  nothing: () => ({}),
  latched: () => ({ record: { latch: { because: 'failover', epoch: 1, sinceMs: 0, reason: '' } } }),
  'latched unfenced': () => ({ record: { latch: { because: 'unfenced', epoch: 1, sinceMs: 0, reason: 'no' } } }),
  'latched, the store was lost': () => ({
    record: { latch: { because: 'store-lost', epoch: 1, sinceMs: 0, reason: 'x' } },
  }),
  cooling: () => ({ record: { cooldownUntilMs: farMs } }),
  paused: () => ({ record: { pause } }),
  'all pairs paused': () => ({ fleetPause: pause }),
  'decided side in maintenance': ({ decided }) => ({ record: { maintenance: { [decided]: pause } } }),
  'other side in maintenance': ({ other }) => ({ record: { maintenance: { [other]: pause } } }),
  'breaker spent': () => ({ slots: Array.from({ length: 3 }, () => ({ pair: 'another', epoch: 1, atMs: 0 })) }),
  'other side fenced': ({ other }) => ({ record: { fences: { [other]: fenceOf(other, 'set') } } }),
  'fence of the other side released': ({ other }) => ({ record: { fences: { [other]: fenceOf(other, 'released') } } }),
  'limits set by hand on the decided side': ({ decided }) => ({
    fences: { [decided]: fenceReading(decided, 'closed') },
  }),
  'limits set by hand on the other side': ({ other }) => ({ fences: { [other]: fenceReading(other, 'closed') } }),
  'operation claimed by itself': (sides) => ({ record: { operation: operationOf(sides, 'claimed') } }),
  'operation claimed for a person': (sides) => ({
    record: { operation: { ...operationOf(sides, 'claimed'), startedBy: { kind: 'person', ...by } } },
  }),
  'operation committed': (sides) => ({ record: { operation: operationOf(sides, 'committed') } }),
  'operation stalled': (sides) => ({ record: { operation: operationOf(sides, 'stalled') } }),
  'failover asked': (sides) => ({ record: { request: asked(sides) } }),
  'failover asked past the quorum': (sides) => ({ record: { request: asked(sides, { overrides: ['quorum'] }) } }),
  'failover asked past quorum and self-trust': (sides) => ({
    record: { request: asked(sides, { overrides: ['quorum', 'self-trust'] }) },
  }),
  'switchover asked': (sides) => ({ record: { request: asked(sides, { verb: 'switchover' }) } }),
  'switchover asked for later': (sides) => ({
    record: { request: asked(sides, { verb: 'switchover', notBeforeMs: farMs - 1 }) },
  }),
  'failover asked instead of the stalled one': (sides) => ({
    record: { request: asked(sides, { supersedes: 2 }), operation: operationOf(sides, 'stalled') },
  }),
  'the same past the quorum': (sides) => ({
    record: {
      request: asked(sides, { supersedes: 2, overrides: ['quorum'] }),
      operation: operationOf(sides, 'stalled'),
    },
  }),
  'told to adopt the other side': ({ other }) => ({ record: { driftAnswer: { ...by, choice: 'adopt', site: other } } }),
  'told to restore': () => ({ record: { driftAnswer: { ...by, choice: 'restore' } } }),
} satisfies Record<string, (sides: Sides) => Change>;
export type StateName = keyof typeof states;

/** What a state changes. */
export const changeOf = (state: StateName, sides: Sides): Change => states[state](sides);

function fenceOf(site: string, state: Fence['state']): Fence {
  return { site, epoch: 1, savedLimits: { app: null }, state, sinceMs: 0, untilMs: null, detail: '' };
}

function operationOf({ decided, other }: Sides, phase: OperationPhase): Operation {
  return { ...operation(phase), from: decided, to: other };
}

function asked({ decided, other }: Sides, change: Partial<OperationRequest> = {}): OperationRequest {
  const way = { from: decided, to: other, notBeforeMs: 0, untilMs: farMs };
  return {
    id: 'x',
    verb: 'failover',
    who: 'alice',
    reason: 'lost',
    overrides: [],
    supersedes: null,
    ...way,
    ...change,
  };
}

/** Every value of every dimension; the order is that of the table. */
export const dimensions: { [Key in keyof Combination]: readonly Combination[Key][] } = {
  store: stores,
  traffic: traffics,
  state: Object.keys(states) as StateName[],
  prober: probers,
  decided: healthStates,
  other: healthStates,
  votes,
  fence: fences,
};
