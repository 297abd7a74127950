import type { FenceReading } from './fence.ts';
import type { SiteHealth } from './health.ts';

/**
 * - `hold`: nothing to do, or nothing that may be done
 * - `adopt`: no record yet: take what the targets say as desired, write nothing to them
 * - `repair`: drive the targets back to `desired`
 * - `failover`: move traffic to the standby
 * - `blocked`: a failover is called for, and a guard forbids it
 * - `refuse`: a person asked for something that a guard forbids
 * - `advance`: an operation is under way: its next step
 */
export const outcomes = ['hold', 'adopt', 'repair', 'failover', 'blocked', 'refuse', 'advance'] as const;
export type Outcome = (typeof outcomes)[number];

/** In the order in which they are named when several fail: what a person can change first, then what must heal. */
export const guardNames = [
  'self-trust',
  'quorum',
  'no-operation',
  'not-latched',
  'not-paused',
  'not-in-maintenance',
  'cooldown',
  'fleet-breaker',
  'targets-agree',
  'active-serves',
  'standby-ready',
  'fence-ready',
  'lag',
] as const;
export type GuardName = (typeof guardNames)[number];

/** What wants to move traffic: a failover by itself, or what a person asked for. Each has its own guards. */
export type Mover = 'automatic' | 'failover' | 'switchover' | 'drill';

/** A named condition that can block a decision. It explains itself. */
export interface GuardResult {
  guard: GuardName;
  verdict: 'pass' | 'fail' | 'unknown';
  sentence: string;
}

/** A guard as decided, before explain/ puts it into words. */
export type GuardVerdict = Omit<GuardResult, 'sentence'>;

/** How loudly a decision should be told: `info` to the log, `warning` to a channel, `critical` to a person's phone. */
export type Severity = 'info' | 'warning' | 'critical';

export interface Decision {
  outcome: Outcome;
  /** Stable machine-readable reason, the id of the row of the rules table. */
  reason: string;
  sentence: string;
  severity: Severity;
  from: string | null;
  to: string | null;
  guards: GuardResult[];
}

/** A decision before explain/ puts it into words. */
export type Judgement = Omit<Decision, 'sentence' | 'guards'> & { guards: GuardVerdict[] };

/** Why a plan that would act does not. */
export type Withheld = 'observe-mode' | 'approval-needed' | 'kill-switch';

/** May an operation that was claimed pass its point of no return? */
export type CommitVerdict =
  | { answer: 'go'; guards: GuardVerdict[] }
  /** Evidence is still missing: ask again, but not for ever. */
  | { answer: 'wait'; guards: GuardVerdict[] }
  | { answer: 'abort'; because: 'active-side-is-back' | 'traffic-already-moved' | 'guard'; guards: GuardVerdict[] };

/** A decision as history keeps it: unchanged decisions are one row. Wall-clock milliseconds. */
export interface DecisionRow {
  pair: string;
  vantage: string;
  fromMs: number;
  toMs: number;
  count: number;
  decision: Decision;
  /** The observations behind it. */
  health: SiteHealth[];
  fences: FenceReading[];
}
