import { abortedSentence, cancelledSentence } from '../explain/operation.ts';
import type { Operation, Step, StepName } from '../model/operation.ts';
import type { PairRecord } from '../model/record.ts';
import { withOperation, withPresentTargets, withUnprovenAgain } from '../plan/steps.ts';
import { agreedMs } from './agreedClock.ts';
import { leaseMs } from './moment.ts';
import { ask } from './steps/ask.ts';
import { commit } from './steps/commit.ts';
import { abort, finish } from './steps/end.ts';
import { fence, release } from './steps/fence.ts';
import { flip } from './steps/flip.ts';
import type { TakeStep } from './steps/step.ts';
import { settle, surveyEveryMs, verifyStep } from './steps/verify.ts';
import type { Turn } from './turn.ts';

const retryAfterMs = { first: 1_000, longest: 10_000 };
const plannedWithinMs = 120_000;

const takeStep: Record<StepName, TakeStep> = {
  ask,
  release,
  fence,
  commit,
  flip,
  verify: verifyStep,
  settle,
  report: finish,
};

/**
 * Advances the operation under way as far as it will go now: one idempotent step after the other, the intent stored
 * before each act and the outcome after it; each act asks for the kill switch itself. Stops where it has to wait; the next turn
 * goes on from what is stored.
 * @returns the record as it is afterwards. @throws VersionConflict, StoreUnavailable: nothing more is done this turn.
 */
export async function advance(turn: Turn, start: PairRecord): Promise<PairRecord> {
  let record = start;
  for (;;) {
    const { operation } = record;
    if (!operation || operation.phase === 'stalled') return record;
    if (operation.holder !== turn.watch.holder) {
      if (!mayTakeOver(turn, record)) return record;
      record = await takeOver(turn, record);
      continue;
    }
    const over = whyOver(turn, operation);
    if (over !== null) return abort(turn, record, over);
    const next = stepsNow(turn, operation).find(({ status }) => status !== 'done' && status !== 'skipped');
    if (!next || isTooSoon(turn, next)) return record;
    const after = await takeStep[next.name](turn, record, operation);
    if (after.version === record.version) return after;
    record = after;
    const step = record.operation?.steps.find(({ name, target }) => name === next.name && target === next.target);
    if (step?.status === 'failed') return record;
  }
}

/** Why an operation that has not committed is given up now; null: it is not. */
function whyOver({ ports, watch, memory }: Turn, operation: Operation): string | null {
  const { phase, cancelled, verb, timeline } = operation;
  if (phase !== 'claimed') return null;
  if (cancelled) return cancelledSentence(operation, cancelled);
  // A planned move belongs to its moment: nobody expects it half an hour later.
  const late = verb !== 'failover' && agreedMs({ ports, watch, memory }) - timeline.claimedAtMs > plannedWithinMs;
  return late ? abortedSentence(operation, 'it was held up for too long.') : null;
}

/** With the targets as they are configured now. */
const stepsNow = ({ ports }: Turn, { steps }: Operation) =>
  withPresentTargets(
    steps,
    ports.targets.map(({ id }) => id),
  );

/** This process holds the operation, or the one that does has not written for a lease time. */
export function mayTakeOver({ memory, ports, watch }: Turn, record: PairRecord): boolean {
  if (record.operation?.holder === watch.holder) return true;
  const { version, sinceMs } = memory.seenVersion;
  // Whoever waits to count once more writes nothing meanwhile, and is not gone.
  const restMs = (record.operation?.surveys.length ?? 0) > 0 ? surveyEveryMs : 0;
  return version === record.version && ports.clock.monotonicMs() - sinceMs >= leaseMs + restMs;
}

/** What was proven before the point of no return was proven to somebody else, some time ago: it is proven again. */
function takeOver({ ports, watch }: Turn, record: PairRecord): Promise<PairRecord> {
  return ports.store.writePair(withOperation(withUnprovenAgain(record), { holder: watch.holder }));
}

/** A step that failed is tried again after a pause that doubles, with jitter: a target that restarts gets its time. */
function isTooSoon({ ports }: Turn, { status, attempts, endedAtMs }: Step): boolean {
  if (status !== 'failed' || endedAtMs === null) return false;
  const pauseMs = Math.min(retryAfterMs.longest, retryAfterMs.first * 2 ** (attempts - 1));
  const sinceMs = ports.clock.nowMs() - endedAtMs;
  // A clock that was set back does not make anybody wait for that long.
  return sinceMs >= 0 && sinceMs < pauseMs * (0.75 + ports.random() / 2);
}
