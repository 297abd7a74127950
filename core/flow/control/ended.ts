import type { Operation } from '../../model/operation.ts';
import type { Drill, OperationRequest, PairRecord } from '../../model/record.ts';
import { emptyOperation, endedRequest, withEnded } from '../../plan/request.ts';
import { keepEnded } from '../ended.ts';
import type { ControlOptions } from './options.ts';

/** What is named in the sentence about something that did not happen. */
export interface NotDone {
  verb: string;
  from: string;
  to: string;
  who: string;
}

/** What was asked for and will not happen. */
export interface Withdrawn {
  request: OperationRequest | null;
  drill: Drill | null;
}

/** The record with what will not happen among what has ended, so that who asked learns why. */
export function withWithdrawn(
  record: PairRecord,
  { request, drill }: Withdrawn,
  nowMs: number,
  outcomeOf: (what: NotDone) => string,
): PairRecord {
  const ended: Operation[] = request ? [endedRequest(request, record, nowMs, outcomeOf(request))] : [];
  if (drill) ended.push(endedDrill(record, drill, nowMs, outcomeOf));
  return ended.length === 0 ? record : withEnded(record, ...ended);
}

function endedDrill(
  { pair, epoch }: PairRecord,
  { id, who, reason, home: from, away: to }: Drill,
  nowMs: number,
  outcomeOf: (what: NotDone) => string,
): Operation {
  const timeline = { firstFailureAtMs: null, committedAtMs: null, flippedAtMs: null };
  return {
    ...emptyOperation(pair, epoch, { from, to }),
    id,
    verb: 'drill',
    startedBy: { kind: 'person', who, reason },
    phase: 'aborted',
    timeline: { ...timeline, decidedAtMs: nowMs, claimedAtMs: nowMs, endedAtMs: nowMs },
    outcome: outcomeOf({ verb: 'drill', from, to, who }),
  };
}

/** Copies to history what has ended with this write; should that fail, the running service does. */
export function copyEnded({ store }: ControlOptions, written: PairRecord): Promise<void> {
  return keepEnded({ ports: { store }, memory: { kept: [] } }, written);
}
