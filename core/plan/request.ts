import type { Operation } from '../model/operation.ts';
import type { OperationRequest, PairRecord } from '../model/record.ts';

/** As many as can end with one write, and those of the write before. */
const endedKept = 6;

/** The record with what just ended. */
export function withEnded(record: PairRecord, ...ended: Operation[]): PairRecord {
  const others = record.ended.filter(({ id }) => !ended.some((operation) => operation.id === id));
  return { ...record, ended: [...others, ...ended].slice(-endedKept) };
}

/**
 * An operation as it is kept when nothing came of a person's request: nothing was done, and who asked learns why.
 * `outcome` is the sentence that says so.
 */
export function endedRequest(
  request: OperationRequest,
  { pair, epoch }: Pick<PairRecord, 'pair' | 'epoch'>,
  nowMs: number,
  outcome: string,
): Operation {
  return {
    ...emptyOperation(pair, epoch, request),
    id: request.id,
    verb: request.verb,
    startedBy: { kind: 'person', who: request.who, reason: request.reason },
    overrides: request.overrides,
    supersedes: request.supersedes,
    phase: 'aborted',
    timeline: {
      firstFailureAtMs: null,
      decidedAtMs: nowMs,
      claimedAtMs: nowMs,
      committedAtMs: null,
      flippedAtMs: null,
      endedAtMs: nowMs,
    },
    outcome,
  };
}

/** What every operation begins with: nothing done, nothing known. */
export function emptyOperation(
  pair: string,
  epoch: number,
  { from, to }: { from: string; to: string },
): Omit<Operation, 'id' | 'verb' | 'startedBy' | 'timeline'> {
  return {
    pair,
    epoch,
    from,
    to,
    overrides: [],
    supersedes: null,
    guards: [],
    phase: 'claimed',
    holder: '',
    steps: [],
    fenced: 'unfenced',
    cancelled: null,
    surveys: [],
    outcome: '',
  };
}
