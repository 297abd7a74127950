import type { GuardName } from './decision.ts';
import type { Operation } from './operation.ts';
import type { TargetWrite } from './target.ts';

/** A pause always has an owner, a reason and an end. It holds until its end was noticed and stored by a turn. */
export interface Pause {
  owner: string;
  reason: string;
  untilMs: number;
}

export interface Latch {
  epoch: number;
  sinceMs: number;
  reason: string;
}

/** A person's yes to a move that waited for it. Good for one operation, this way only, and not for long. */
export interface Approval {
  who: string;
  reason: string;
  from: string;
  to: string;
  untilMs: number;
}

/** A person says that the active side is lost. Guards stay on, but for those that are named. Not for long. */
export interface FailoverRequest {
  /** Also the id of the operation that comes of it. */
  id: string;
  who: string;
  reason: string;
  from: string;
  to: string;
  overrides: GuardName[];
  untilMs: number;
}

/** What a person answered to a foreign edit: keep it, with the site the person saw, or undo it. */
export type DriftAnswer = { who: string; reason: string; atMs: number } & (
  | { choice: 'adopt'; site: string }
  | { choice: 'restore' }
);

/**
 * The one record of a pair. Every change is a single conditional write on `version`; `desired` changes only at an
 * operation's point of no return, or when a person (or an empty store) adopts what the targets say.
 */
export interface PairRecord {
  pair: string;
  version: number;
  epoch: number;
  desired: string | null;
  operation: Operation | null;
  latch: Latch | null;
  /** What a person answered to a foreign edit of a target; consumed by the next turn. */
  driftAnswer: DriftAnswer | null;
  approval: Approval | null;
  request: FailoverRequest | null;
  pause: Pause | null;
  maintenance: Record<string, Pause>;
  /** Evidence gathered under an older generation does not count: restart, ack and the end of an operation raise it. */
  evidenceGeneration: number;
  cooldownUntilMs: number | null;
  /** By target id. */
  writes: Record<string, TargetWrite>;
}

export function newPairRecord(pair: string): PairRecord {
  return {
    pair,
    version: 0,
    epoch: 0,
    desired: null,
    operation: null,
    latch: null,
    driftAnswer: null,
    approval: null,
    request: null,
    pause: null,
    maintenance: {},
    evidenceGeneration: 0,
    cooldownUntilMs: null,
    writes: {},
  };
}

/** Automatic failovers across all pairs: the slots taken from the fleet breaker. One item, written conditionally. */
export interface FleetRecord {
  version: number;
  slots: { pair: string; epoch: number; atMs: number }[];
}
