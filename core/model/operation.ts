import type { GuardName } from './decision.ts';

export type Verb = 'failover' | 'switchover' | 'drill';

/** Every step is done, or the operation does not finish; a `flip` of a target that left the configuration is `skipped`. */
export type StepName = 'commit' | 'flip' | 'verify' | 'report';
export type StepStatus = 'pending' | 'running' | 'done' | 'failed' | 'skipped';

/** One step of an operation's journal. The intent (`running`) is stored before the act, the outcome after it. */
export interface Step {
  name: StepName;
  /** The target a `flip` writes to. */
  target?: string;
  status: StepStatus;
  attempts: number;
  startedAtMs: number | null;
  endedAtMs: number | null;
  detail: string;
}

/**
 * - `claimed`: before the point of no return; may be aborted
 * - `committed`: after it; there is only forward
 * - `stalled`: a step used up its attempts; a person must choose
 */
export type OperationPhase = 'claimed' | 'committed' | 'stalled' | 'finished' | 'aborted';

/** One switchover, failover or drill. Times are wall-clock milliseconds (for people), never compared for safety. */
export interface Operation {
  id: string;
  pair: string;
  verb: Verb;
  epoch: number;
  from: string;
  to: string;
  startedBy: { kind: 'automatic' | 'person'; who: string; reason: string };
  /** Guards that the person who started it overrode, by name. */
  overrides: GuardName[];
  phase: OperationPhase;
  /** Which process advances it; another may take over when the record has not changed for a lease time. */
  holder: string;
  steps: Step[];
  timeline: {
    /** First failure seen of the lost side. */
    firstFailureAtMs: number | null;
    decidedAtMs: number;
    claimedAtMs: number;
    committedAtMs: number | null;
    flippedAtMs: number | null;
    endedAtMs: number | null;
  };
  fenced: 'fenced' | 'unfenced';
  outcome: string;
}
