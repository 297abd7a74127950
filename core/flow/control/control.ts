import type { PairStatus } from '../../explain/status.ts';
import type { Act, Caller } from '../../model/act.ts';
import type { DecisionRow, GuardResult } from '../../model/decision.ts';
import type { HealthState } from '../../model/health.ts';
import type { Operation, SiteSurvey } from '../../model/operation.ts';
import type { Drill } from '../../model/record.ts';
import type { HealthTransition } from '../ports.ts';

/**
 * Everything a person can ask of Warren. The commands and the HTTP API are both written against this, and it has two
 * implementations: over the store, and over the HTTP API of another Warren. Every method may reject with Refusal (what was
 * asked cannot be done, and why) or StoreUnavailable; every method that changes something writes the audit first.
 */
export interface Control {
  /** Where each pair stands; of one, or of all. @throws Refusal `unknown-pair` */
  status(pair?: string): Promise<PairStatus[]>;
  decisions(pair: string, page: PageQuery): Promise<Page<DecisionRow>>;
  transitions(pair: string, page: PageQuery): Promise<Page<HealthTransition>>;
  /** Operations that have ended and the one under way, newest first. */
  operations(pair: string, page: PageQuery): Promise<Page<Operation>>;
  /** What people did; null: to all pairs at once. */
  acts(pair: string | null, page: PageQuery): Promise<Page<Act>>;
  /** Share of time that each site spent in each state, per slice of `resolutionMs`. */
  health(pair: string, range: { fromMs: number; toMs: number; resolutionMs: number }): Promise<HealthSlice[]>;
  /** An operation that is asked for, under way or over. @throws Refusal `unknown-operation` */
  operation(id: string): Promise<OperationState>;

  /** What would happen: every guard and every step. Changes nothing. */
  rehearse(pair: string, wanted: OperationWanted): Promise<Rehearsal>;
  /** Asks for an operation; the running service does it. @returns how to follow it */
  operate(caller: Caller, pair: string, wanted: OperationWanted): Promise<OperationAccepted>;
  /** Calls off what is asked for, scheduled, or claimed and before its point of no return; ends the hold of a drill. */
  cancel(caller: Caller, id: string, why: Why): Promise<Answer>;
  /** In mode approve: agrees to the move that waits. */
  approve(caller: Caller, pair: string, why: Why): Promise<Answer>;
  /** Lets a stalled operation try again. */
  retry(caller: Caller, pair: string, why: Why): Promise<Answer>;
  /** Releases the latch and the cooldown and lifts the standby's fence; or answers a foreign edit. */
  ack(caller: Caller, pair: string, why: Why & { drift?: 'adopt' | 'restore' | undefined }): Promise<Answer>;
  /** A null pair: all of them. */
  pause(caller: Caller, pair: string | null, why: Why & { untilMs: number }): Promise<Answer>;
  resume(caller: Caller, pair: string | null, why: Why): Promise<Answer>;
  maintain(caller: Caller, pair: string, site: string, why: Why & { untilMs: number }): Promise<Answer>;
  endMaintenance(caller: Caller, pair: string, site: string, why: Why): Promise<Answer>;
  close(): Promise<void>;
}

/** Newest first, within a closed range of wall-clock milliseconds; `cursor` is what the previous page said. */
export interface PageQuery {
  fromMs: number;
  toMs: number;
  limit: number;
  cursor?: string | undefined;
}

export interface Page<T> {
  items: T[];
  /** Where the next page begins; null: this is the last. */
  nextCursor: string | null;
}

export interface HealthSlice {
  site: string;
  fromMs: number;
  toMs: number;
  /** Share of the slice (0 to 1) in each state; what nothing is known of counts as `unknown`. */
  shares: Partial<Record<HealthState, number>>;
}

/** What every change carries. */
export interface Why {
  /** Not empty. */
  reason: string;
  /** Say what would be done, and change nothing. */
  dryRun: boolean;
  /** The same key with the same request is answered as it was the first time, for a day, and changes nothing again. */
  idempotencyKey?: string | undefined;
}

export interface OperationWanted {
  verb: 'failover' | 'switchover' | 'drill';
  reason: string;
  /** Guards of a failover that are overridden, by name. */
  overrides: readonly string[];
  /** Not before this moment; null: now. Only for a switchover or a drill. */
  atMs: number | null;
  /** The destination; null: the other side. */
  to: string | null;
  /** How long a drill stays on the other side; null: as configured. */
  holdMs: number | null;
  idempotencyKey?: string | undefined;
}

export interface Rehearsal {
  verb: OperationWanted['verb'];
  from: string;
  to: string;
  allowed: boolean;
  guards: (GuardResult & { overridden: boolean })[];
  steps: string[];
  /** What is on each side now: on the way back, `to` has what is stranded there. */
  surveys: SiteSurvey[];
}

export interface OperationAccepted {
  id: string;
  verb: OperationWanted['verb'];
  from: string;
  to: string;
  notBeforeMs: number;
}

/** Where something that was asked for stands. */
export type OperationState =
  | { state: 'waiting'; notBeforeMs: number; sentence: string }
  | { state: 'under-way' | 'ended'; operation: Operation; sentence: string }
  | { state: 'drill'; drill: Drill; sentence: string };

export interface Answer {
  /** False: there was nothing to change, or it was a dry run. */
  changed: boolean;
  sentence: string;
}

/**
 * Every way in which what a person asks for can be wrong, and what kind of wrong it is: `bad-input` (it can never work as it
 * was asked), `not-found`, or `refused` (not now). Stable: scripts and the types of API problems refer to the names.
 */
export const refusals = {
  'unknown-pair': 'not-found',
  'unknown-site': 'not-found',
  'unknown-operation': 'not-found',
  'unknown-guard': 'bad-input',
  'empty-reason': 'bad-input',
  'bad-time': 'bad-input',
  'bad-cursor': 'bad-input',
  'bad-request': 'bad-input',
  'idempotency-key-reused': 'bad-input',
  'already-active': 'refused',
  'not-recorded': 'refused',
  'not-watched': 'refused',
  'operation-under-way': 'refused',
  'request-waiting': 'refused',
  'targets-deviate': 'refused',
  'targets-as-decided': 'refused',
  'past-point-of-no-return': 'refused',
  'nothing-to-cancel': 'refused',
  'nothing-to-approve': 'refused',
  'nothing-stalled': 'refused',
  'outside-window': 'refused',
  'no-fence': 'refused',
  'kill-switch': 'refused',
  'changed-meanwhile': 'refused',
} as const;
export type RefusalName = keyof typeof refusals;

/** What was asked for cannot be done: which rule says so, and one sentence that says what is allowed. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly refusal: RefusalName;

  constructor(refusal: RefusalName, sentence: string) {
    super(sentence);
    this.refusal = refusal;
  }

  get kind(): (typeof refusals)[RefusalName] {
    return refusals[this.refusal];
  }
}
