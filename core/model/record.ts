import type { GuardName } from './decision.ts';
import type { Operation } from './operation.ts';
import type { TargetWrite } from './target.ts';

/** A pause always has an owner, a reason and an end. It holds until its end was noticed and stored by a turn. */
export interface Pause {
  owner: string;
  reason: string;
  untilMs: number;
}

/**
 * No automatic move until a person has looked.
 * - `failover`: traffic was moved by itself
 * - `unfenced`: it was not, because the policy wants a person where the old side cannot be fenced
 * - `store-lost`: the store does not know what was decided before `epoch`, nor whether anything held then
 */
export interface Latch {
  because: 'failover' | 'unfenced' | 'store-lost';
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

/**
 * A person asks for an operation: a failover (the active side is lost), or a switchover (both sides are well). Guards stay
 * on, but for those that are named. Not for long.
 */
export interface OperationRequest {
  /** Also the id of the operation that comes of it. */
  id: string;
  verb: 'failover' | 'switchover';
  who: string;
  reason: string;
  from: string;
  to: string;
  overrides: GuardName[];
  /** Nothing is done before this moment. */
  notBeforeMs: number;
  untilMs: number;
  /** The epoch of a stalled operation that this one takes the place of. */
  supersedes: number | null;
}

/** A limit of connections per user, as the broker had it before the fence; null: none. */
export type SavedLimits = Record<string, number | null>;

/**
 * A side that applications are to be kept out of. It outlives the operation that set it.
 * - `wanted`: not proven yet; tried again until it is, also when the side returns from the dead
 * - `set`: proven at every node that answers AMQP
 * - `releasing`: the saved limits are being put back
 * - `released`: they were read back; looked at again for a while, because a limit write that timed out may still land
 */
export interface Fence {
  site: string;
  /** The operation it was set for. */
  epoch: number;
  /** Stored once, before the first limit is written; null until then. Our own 0 is never saved. */
  savedLimits: SavedLimits | null;
  state: 'wanted' | 'set' | 'releasing' | 'released';
  sinceMs: number;
  /** When it is lifted by itself; null: when a person says so. */
  untilMs: number | null;
  /** Why it is as it is. */
  detail: string;
}

/**
 * A switchover to the other side and, after a hold, back.
 * - `there`, `back`: the switchover in that direction is asked for or under way
 * - `holding`: traffic is on the other side until `holdUntilMs`
 */
export interface Drill {
  id: string;
  who: string;
  reason: string;
  /** Where traffic was, and comes back to. */
  home: string;
  away: string;
  phase: 'there' | 'holding' | 'back';
  startedAtMs: number;
  holdMs: number;
  holdUntilMs: number | null;
  /** Ids of the switchovers it consists of. */
  operations: string[];
  /** Why it goes back before its time; empty: it does not. */
  cutShort: string;
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
  /** The stalled operation that the present one takes the place of, until that has passed its point of no return. */
  superseded: Operation | null;
  /**
   * What ended lately, newest last: written together with what ended it, and copied to history by whoever sees it. So history
   * never tells of an end that was not written, nor misses one that was.
   */
  ended: Operation[];
  latch: Latch | null;
  /** What a person answered to a foreign edit of a target; consumed by the next turn. */
  driftAnswer: DriftAnswer | null;
  approval: Approval | null;
  request: OperationRequest | null;
  drill: Drill | null;
  /** By site. */
  fences: Record<string, Fence>;
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
    superseded: null,
    ended: [],
    latch: null,
    driftAnswer: null,
    approval: null,
    request: null,
    drill: null,
    fences: {},
    pause: null,
    maintenance: {},
    evidenceGeneration: 0,
    cooldownUntilMs: null,
    writes: {},
  };
}

/** What all pairs share: the slots taken from the fleet breaker, and a pause of everything. One item, written conditionally. */
export interface FleetRecord {
  version: number;
  pause: Pause | null;
  slots: { pair: string; epoch: number; atMs: number }[];
}

/**
 * What is left of a record that the store has lost, or that is older than what was: the newest epoch, by which targets know a stale
 * writer. What was under way by an older one is not gone on with; what holds back still does.
 * @param epoch the newest that is known to have been
 */
export function forgottenRecord(record: PairRecord, epoch: number): PairRecord {
  const underWay = { operation: null, superseded: null, driftAnswer: null, approval: null, request: null, drill: null };
  return { ...record, ...underWay, epoch, desired: null };
}

/** What was decided is not known any more, though there was an epoch. */
export function isForgotten({ epoch, desired }: PairRecord): boolean {
  return desired === null && epoch > 0;
}

export function newFleetRecord(): FleetRecord {
  return { version: 0, slots: [], pause: null };
}
