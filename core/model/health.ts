import type { FailureClass, NodeProbe, ProbeDepth } from './probe.ts';

export const healthStates = ['up', 'degraded', 'suspect', 'down', 'unknown'] as const;
export type HealthState = (typeof healthStates)[number];

/**
 * - `unseen`: no evidence since the last reset
 * - `passing`: messages go through
 * - `warned`: messages go through, but something is wrong that does not (yet) vote
 * - `suspect`: voting failures, fewer than `fall`
 * - `failed`: voting failures reached `fall`
 * - `recovering`: had failed, and has not yet passed `rise` times in a row
 * - `blind`: the node could not be judged (wrong password, TLS, …)
 */
export const nodeStates = ['unseen', 'passing', 'warned', 'suspect', 'failed', 'recovering', 'blind'] as const;
export type NodeState = (typeof nodeStates)[number];

/** A finding about one node: a failure class with its detail. */
export interface Finding {
  class: FailureClass;
  detail: string;
}

/** By class that votes only when it lasts: a moment, or how long, in milliseconds. */
export type Conditions = Partial<Record<FailureClass, number>>;

/** The recent past of one node, folded from its probes. All times are on the prober's monotonic clock. */
export interface NodeWindow {
  node: string;
  state: NodeState;
  sinceMs: number;
  /** Voting failures in a row. A pass of either depth ends them. */
  servingFailures: number;
  /** Full probes in a row that found a condition (alarm, stalled metadata) old enough to vote. */
  conditionFailures: number;
  /** Probes in a row in which messages went through. */
  passes: number;
  /** Start of the last probe that counted as a failure: two probes of one moment are one piece of evidence. */
  lastFailureStartedAtMs: number | null;
  /** When a probe last ended in a failure that votes. */
  lastFailureEndedAtMs: number | null;
  /** When the present run of failures began; null while there is none. */
  firstFailureAtMs: number | null;
  /** The kept connection passed and has not broken since. */
  keptAlive: boolean;
  /** When it last broke, by its own account. */
  keptBrokenAtMs: number | null;
  /** When it last passed. */
  keptPassedAtMs: number | null;
  /** Start of the newest exercise of it that has ended, however. */
  keptAnsweredStartMs: number | null;
  /** Start of the newest probe of each depth that passed: a failure of an older one says nothing any more. */
  lastPassStartedAtMs: Record<ProbeDepth, number | null>;
  lastResultAtMs: number | null;
  /** What the last probe of each depth found. */
  findings: Record<ProbeDepth, Finding[]>;
  /** Since when a class that votes later has been seen without a break. */
  conditionSinceMs: Conditions;
  /** The same, as far as the process before this one saw it: counts once this one sees the condition too. */
  inheritedSinceMs: Conditions;
  /** The whole site is to be probed: a full probe of this node is due unless one started after this moment. */
  fullRequestedAtMs: number | null;
  identity: NodeProbe['identity'] | null;
}

/** The recent past of a pair as one vantage saw it. Reset (by a new generation) whenever fresh evidence is required. */
export interface PairWindow {
  generation: number;
  startedAtMs: number;
  /** site -> node -> window */
  sites: Record<string, Record<string, NodeWindow>>;
}

/** What one vantage makes of one node. */
export interface NodeHealth {
  node: string;
  state: NodeState;
  failures: number;
  passes: number;
  findings: Finding[];
  /** For how long (ms) each condition that votes later has lasted; a process that starts goes on from that. */
  lastingMs?: Conditions;
}

/** What one vantage makes of one site. `sinceMs` is monotonic. */
export interface SiteHealth {
  site: string;
  state: HealthState;
  sinceMs: number;
  /** The class that explains the state best; null when all is well. */
  cause: FailureClass | null;
  nodes: NodeHealth[];
  /** When the present failures of the site began; null while there are none. */
  firstFailureAtMs: number | null;
  /** When a probe of the site last ended in a failure that votes. */
  lastFailureAtMs: number | null;
}
