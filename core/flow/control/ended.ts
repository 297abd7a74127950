import type { Drill, OperationRequest, PairRecord } from '../../model/record.ts';
import { emptyOperation, endedRequest } from '../../plan/request.ts';
import type { ControlOptions } from './options.ts';

/** What is named in the sentence about something that did not happen. */
export interface NotDone {
  verb: string;
  from: string;
  to: string;
  who: string;
}

/**
 * Keeps what was asked for and will not happen among the operations, so that who asked learns why. After the record was
 * written: before, it may still happen.
 */
export async function keepEnded(
  { store, clock }: ControlOptions,
  record: PairRecord,
  { request, drill }: { request: OperationRequest | null; drill: Drill | null },
  outcomeOf: (what: NotDone) => string,
): Promise<void> {
  const nowMs = clock.nowMs();
  if (request) await store.saveOperation(endedRequest(request, record, nowMs, outcomeOf(request)));
  if (!drill) return;
  const { id, who, reason, home: from, away: to } = drill;
  const timeline = { firstFailureAtMs: null, committedAtMs: null, flippedAtMs: null };
  await store.saveOperation({
    ...emptyOperation(record.pair, record.epoch, { from, to }),
    id,
    verb: 'drill',
    startedBy: { kind: 'person', who, reason },
    phase: 'aborted',
    timeline: { ...timeline, decidedAtMs: nowMs, claimedAtMs: nowMs, endedAtMs: nowMs },
    outcome: outcomeOf({ verb: 'drill', from, to, who }),
  });
}
