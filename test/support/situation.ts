import type { Pair } from '../../core/model/config.ts';
import type { FenceReading, FenceVerdict } from '../../core/model/fence.ts';
import type { HealthState, NodeState, SiteHealth } from '../../core/model/health.ts';
import type { Operation, OperationPhase } from '../../core/model/operation.ts';
import { newPairRecord, type PairRecord } from '../../core/model/record.ts';
import type { Situation } from '../../core/model/situation.ts';
import type { TargetReading } from '../../core/model/target.ts';
import { emptyOperation } from '../../core/plan/request.ts';
import { plannedSteps } from '../../core/plan/steps.ts';
import { testConfig } from './world.ts';

const nodeStateOf: Record<HealthState, NodeState> = {
  up: 'passing',
  degraded: 'warned',
  suspect: 'suspect',
  down: 'failed',
  unknown: 'unseen',
};

/** A site whose three nodes all make it what it is. */
export function healthInState(site: string, state: HealthState): SiteHealth {
  const findings = state === 'up' || state === 'unknown' ? [] : [{ class: 'refused' as const, detail: 'refused' }];
  const nodes = ['1', '2', '3'].map((suffix) => ({
    node: `${site}${suffix}`,
    state: nodeStateOf[state],
    failures: state === 'down' ? 3 : 0,
    passes: state === 'up' ? 10 : 0,
    findings,
  }));
  return {
    site,
    state,
    sinceMs: 0,
    cause: findings[0]?.class ?? null,
    nodes,
    firstFailureAtMs: null,
    lastFailureAtMs: null,
  };
}

/** What the one target says: a site, `split`, `none`, or `unreadable`. */
export function reading(active: string, markerUnread?: string): TargetReading {
  if (active === 'unreadable') return { target: 'haproxy', status: 'unreadable', detail: 'connection refused' };
  return { target: 'haproxy', status: 'read', active, instance: 'one', uptimeMs: 60_000, markerUnread, detail: '' };
}

export function operation(phase: OperationPhase): Operation {
  const sides = { from: 'beijing', to: 'shanghai' };
  return {
    ...emptyOperation('demo', 2, sides),
    id: 'demo-2',
    verb: 'failover',
    startedBy: { kind: 'automatic', who: 'test', reason: 'beijing is down' },
    phase,
    holder: 'process-1',
    steps: plannedSteps({ pair, record: newPairRecord('demo'), ...sides, targets: ['haproxy'] }),
    timeline: {
      firstFailureAtMs: null,
      decidedAtMs: 0,
      claimedAtMs: 0,
      committedAtMs: null,
      flippedAtMs: null,
      endedAtMs: null,
    },
  };
}

const config = testConfig();
const [pair] = config.pairs as [Pair];

/** The same pair, with a user that can be fenced on both sides. */
export const [fencedPair] = testConfig({ fence: true }).pairs as [Pair];

/** What the nodes of a site say of its fence. */
export function fenceReading(site: string, verdict: FenceVerdict): FenceReading {
  return { site, nodes: ['1', '2', '3'].map((suffix) => ({ node: `${site}${suffix}`, verdict, detail: verdict })) };
}

/** Beijing active and up, shanghai ready, nothing recorded but that: changed by what the test says. */
export function situation(change: Partial<Omit<Situation, 'record'>> & { record?: Partial<PairRecord> }): Situation {
  return {
    pair,
    fleet: config.fleet,
    vantage: 'test',
    storeProblem: null,
    readings: [reading('beijing')],
    health: { beijing: healthInState('beijing', 'up'), shanghai: healthInState('shanghai', 'up') },
    doubt: null,
    slots: [],
    fleetPause: null,
    others: [],
    configHash: '',
    fences: {},
    nowMs: 1_000,
    ...change,
    record: { ...newPairRecord('demo'), desired: 'beijing', epoch: 1, ...change.record },
  };
}
