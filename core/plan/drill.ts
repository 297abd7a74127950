import type { HealthState } from '../model/health.ts';
import type { Drill, OperationRequest, PairRecord } from '../model/record.ts';

/** What becomes of a drill now. */
export type DrillStep =
  | { step: 'wait' }
  /** Traffic arrived on the other side. */
  | { step: 'hold'; untilMs: number }
  /** Time is over, or something is wrong: back home. */
  | { step: 'back'; request: OperationRequest; cutShort: string }
  /** It came home, or it ended somewhere else than planned. */
  | { step: 'end'; home: boolean };

/** How long the way back may wait for its guards. */
const requestValidMs = 60_000;
const tryAgainAfterMs = 15_000;
const triesMax = 40;

/**
 * | phase     | nothing is under way and …               | then                                       |
 * |-----------|------------------------------------------|--------------------------------------------|
 * | `there`   | the way there is finished                | hold                                       |
 * | `there`   | it is not                                | end: refused, aborted, or overtaken by another operation |
 * | `holding` | the time is over, or somebody called it off | back, as a switchover                   |
 * | `holding` | the other side does not serve well       | back at once; as a failover if it is down  |
 * | `holding` | `desired` is home already                | end: a failover went there by itself       |
 * | `back`    | `desired` is home, or it was tried for long enough | end                              |
 * | `back`    | it was refused or aborted                | hold again for a while, then back          |
 */
export function nextDrillStep(record: PairRecord, awayHealth: HealthState, nowMs: number): DrillStep {
  const { drill, operation, request, desired } = record;
  if (!drill || operation || request) return { step: 'wait' };
  if (drill.phase === 'back') return comingBack(drill, desired, nowMs);
  if (drill.phase === 'there') {
    // An automatic failover may have gone there meanwhile: that is no drill, and nothing comes back by itself.
    const isThere = record.ended.some(({ id, phase }) => phase === 'finished' && drill.operations.includes(id));
    return isThere ? { step: 'hold', untilMs: nowMs + drill.holdMs } : { step: 'end', home: desired === drill.home };
  }
  if (desired !== drill.away) return { step: 'end', home: desired === drill.home };
  // Between two tries of the way back it only waits.
  const isSick = drill.operations.length === 1 && (awayHealth === 'down' || awayHealth === 'degraded');
  const trouble = isSick ? `${drill.away} is ${awayHealth}` : '';
  const leftMs = (drill.holdUntilMs ?? nowMs) - nowMs;
  // More than was meant: a clock was set back.
  const isOver = leftMs <= 0 || leftMs > Math.max(drill.holdMs, tryAgainAfterMs);
  if (trouble === '' && !isOver) return { step: 'wait' };
  return {
    step: 'back',
    cutShort: drill.cutShort || (isOver ? '' : trouble),
    request: wayBack(drill, awayHealth === 'down' ? 'failover' : 'switchover', nowMs),
  };
}

/** Traffic is not left on a side that may be dead because home was not ready in the one moment it was asked. */
function comingBack({ home, away, operations }: Drill, desired: string | null, nowMs: number): DrillStep {
  const tried = operations.length - 1;
  if (desired !== away || tried >= triesMax) return { step: 'end', home: desired === home };
  return { step: 'hold', untilMs: nowMs + tryAgainAfterMs };
}

function wayBack(drill: Drill, verb: OperationRequest['verb'], nowMs: number): OperationRequest {
  return {
    id: `${drill.id}-${drill.operations.length + 1}`,
    verb,
    who: drill.who,
    reason: `the way back of a drill: ${drill.reason}`,
    from: drill.away,
    to: drill.home,
    overrides: [],
    notBeforeMs: nowMs,
    untilMs: nowMs + requestValidMs,
    supersedes: null,
  };
}
