import type { GuardName, GuardResult } from './decision.ts';

export type Verb = 'failover' | 'switchover' | 'drill';

/**
 * In the order in which they are taken, where they apply. Every step is done, or the operation does not finish; `skipped` is
 * what could not be done and need not be: a fence in a failover, a `flip` of a target that left the configuration.
 * - `ask`: the hook before the point of no return is asked
 * - `release`: the destination's own fence is lifted
 * - `fence`: applications are shut out of the old side
 * - `commit`: the point of no return
 * - `settle`: connections are counted on both sides, and messages left on the old one
 */
export const stepNames = ['ask', 'release', 'fence', 'commit', 'flip', 'verify', 'settle', 'report'] as const;
export type StepName = (typeof stepNames)[number];
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

/** Applications' connections to a site, and messages in its queues (without Warren's own); null: could not be read. */
export interface SiteSurvey {
  site: string;
  atMs: number;
  connections: number | null;
  messages: number | null;
  /** Queues with messages, the fullest first, at most ten. */
  queues: { name: string; messages: number }[];
}

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
  /** The epoch of the stalled operation whose place it took. */
  supersedes: number | null;
  /** What every guard said when it was claimed. */
  guards: GuardResult[];
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
  /** A person called it off before its point of no return. */
  cancelled: { who: string; reason: string } | null;
  /** What was counted after the move; the newest last. */
  surveys: SiteSurvey[];
  outcome: string;
}
