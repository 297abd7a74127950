import { mayCommit } from '../../decide/commit.ts';
import { abortedSentence, abortSentence, stepSentence, supersededSentence } from '../../explain/operation.ts';
import type { Operation } from '../../model/operation.ts';
import type { PairRecord } from '../../model/record.ts';
import { withEnded } from '../../plan/request.ts';
import { withOperation, withStep } from '../../plan/steps.ts';
import { agreedMs } from '../agreedClock.ts';
import { keepEnded } from '../ended.ts';
import { isRecent, lastedMs, momentOf } from '../moment.ts';
import { type Turn, tell } from '../turn.ts';
import { abort } from './end.ts';
import { heldUp } from './step.ts';

const evidenceWaitMs = 60_000;

/** The point of no return: `desired` changes here and nowhere else in an operation. */
export async function commit(turn: Turn, record: PairRecord, operation: Operation): Promise<PairRecord> {
  // Applications are shut out by now: a planned move does not keep them waiting for evidence.
  const isPlanned = operation.verb !== 'failover';
  if (isPlanned && record.fences[operation.from]?.state !== 'set')
    return abort(turn, record, abortedSentence(operation, `${operation.from} is not fenced.`));
  const halt = await gate(turn, record, operation, !isPlanned);
  if (halt) return halt;
  const nowMs = turn.ports.clock.nowMs();
  const done = withStep(record, 'commit', { status: 'done', startedAtMs: nowMs, endedAtMs: nowMs, attempts: 1 });
  const timeline = { ...operation.timeline, committedAtMs: nowMs };
  const written = { ...withOperation(done, { phase: 'committed', timeline }), desired: operation.to };
  const committed = await turn.ports.store.writePair(withoutSuperseded(written, operation, nowMs));
  await keepEnded(turn, committed);
  tell(turn, 'step', 'info', stepSentence(operation, 'commit', ''));
  return committed;
}

/** From here on the stalled operation whose place this one took cannot come back. */
function withoutSuperseded(record: PairRecord, by: Operation, nowMs: number): PairRecord {
  const { superseded } = record;
  if (!superseded) return record;
  const timeline = { ...superseded.timeline, endedAtMs: nowMs };
  const ended = { ...superseded, phase: 'aborted' as const, timeline, outcome: supersededSentence(superseded, by) };
  return { ...withEnded(record, ended), superseded: null };
}

/**
 * Asks every guard again, on fresh observations.
 * @param mayWait for evidence that is missing, but not for ever; otherwise what is not clear now ends the operation
 * @returns the record where the operation stops, or null: it may go on
 * @throws VersionConflict also when this process was held up since it looked
 */
export async function gate(
  turn: Turn,
  record: PairRecord,
  operation: Operation,
  mayWait: boolean,
): Promise<PairRecord | null> {
  const situation = await turn.freshSituation(record, operation);
  const verdict = mayCommit(situation, operation);
  if (verdict.answer === 'go' && !isRecent(turn.ports.clock, turn.memory.seenAt)) throw heldUp();
  if (verdict.answer === 'go') return turn.ports.observeOnly() ? record : null;
  const waited = verdict.answer === 'wait' && mayWait ? waitedMs(turn, operation) : Number.POSITIVE_INFINITY;
  return waited > evidenceWaitMs ? abort(turn, record, abortSentence(operation, verdict, situation)) : record;
}

/** For how long evidence about this operation has been waited for, by this process and by those before it. */
function waitedMs({ memory, ports, watch }: Turn, { id, timeline }: Operation): number {
  if (memory.waiting?.operation !== id) memory.waiting = { operation: id, known: momentOf(ports.clock) };
  return lastedMs(ports.clock, timeline.claimedAtMs, agreedMs({ ports, watch, memory }), memory.waiting.known);
}
