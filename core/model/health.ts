import type { FailureClass, NodeProbe } from './probe.ts';

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

/** The recent past of one node, folded from its probes. All times are on the prober's monotonic clock. */
export interface NodeWindow {
  node: string;
  state: NodeState;
  sinceMs: number;
  votingFailures: number;
  passes: number;
  /** Start of the newest probe that passed: a failure of an older probe says nothing any more. */
  lastPassStartedAtMs: number | null;
  lastResultAtMs: number | null;
  lastFullStartedAtMs: number | null;
  /** The last result of each depth; findings of both are what is known about the node. */
  findings: { kept: Finding[]; full: Finding[] };
  /** Since when classes that vote later have been seen without a break. */
  conditionSinceMs: Partial<Record<FailureClass, number>>;
  identity: NodeProbe['identity'] | null;
}

/** The recent past of a pair as one vantage saw it. Reset (by a new generation) whenever fresh evidence is required. */
export interface PairWindow {
  generation: number;
  startedAtMs: number;
  /** site -> node -> window */
  sites: Record<string, Record<string, NodeWindow>>;
}

/** What one vantage makes of one site. `sinceMs` is monotonic. */
export interface SiteHealth {
  site: string;
  state: HealthState;
  sinceMs: number;
  /** The class that explains the state best; null when all is well. */
  cause: FailureClass | null;
  nodes: { node: string; state: NodeState; votingFailures: number; passes: number; findings: Finding[] }[];
}
