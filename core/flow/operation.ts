import { cancelledSentence } from '../explain/operation.ts';
import type { Step, StepName } from '../model/operation.ts';
import type { PairRecord } from '../model/record.ts';
import { withOperation, withUnprovenAgain } from '../plan/steps.ts';
import { leaseMs } from './act.ts';
import { ask } from './steps/ask.ts';
import { commit } from './steps/commit.ts';
import { abort, finish } from './steps/end.ts';
import { fence, release } from './steps/fence.ts';
import { flip } from './steps/flip.ts';
import type { TakeStep } from './steps/step.ts';
import { settle, verifyStep } from './steps/verify.ts';
import type { Turn } from './turn.ts';

const retryAfterMs = { first: 1_000, longest: 10_000 };

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
 * before each act and the outcome after it. Stops where it has to wait; the next turn goes on from what is stored.
 * @returns the record as it is afterwards. @throws VersionConflict, StoreUnavailable: nothing more is done this turn.
 */
export async function advance(turn: Turn, start: PairRecord): Promise<PairRecord> {
  let record = start;
  for (;;) {
    const { operation } = record;
    // Asked before every step: the switch is there to stop what is under way.
    if (!operation || operation.phase === 'stalled' || turn.ports.observeOnly()) return record;
    if (operation.holder !== turn.watch.holder) {
      if (!mayTakeOver(turn, record)) return record;
      record = await takeOver(turn, record);
      continue;
    }
    if (operation.cancelled && operation.phase === 'claimed')
      return abort(turn, record, cancelledSentence(operation, operation.cancelled));
    const next = operation.steps.find(({ status }) => status !== 'done' && status !== 'skipped');
    if (!next || isTooSoon(turn, next)) return record;
    const after = await takeStep[next.name](turn, record, operation);
    if (after.version === record.version) return after;
    record = after;
    const step = record.operation?.steps.find(({ name, target }) => name === next.name && target === next.target);
    if (step?.status === 'failed') return record;
  }
}

/** This process holds the operation, or the one that does has not written for a lease time. */
export function mayTakeOver({ memory, ports, watch }: Turn, record: PairRecord): boolean {
  if (record.operation?.holder === watch.holder) return true;
  const { version, sinceMs } = memory.seenVersion;
  return version === record.version && ports.clock.monotonicMs() - sinceMs >= leaseMs;
}

/** What was proven before the point of no return was proven to somebody else, some time ago: it is proven again. */
function takeOver({ ports, watch }: Turn, record: PairRecord): Promise<PairRecord> {
  return ports.store.writePair(withOperation(withUnprovenAgain(record), { holder: watch.holder }));
}

/** A step that failed is tried again after a pause that doubles, with jitter: a target that restarts gets its time. */
function isTooSoon({ ports }: Turn, { status, attempts, endedAtMs }: Step): boolean {
  if (status !== 'failed' || endedAtMs === null) return false;
  const pauseMs = Math.min(retryAfterMs.longest, retryAfterMs.first * 2 ** (attempts - 1));
  return ports.clock.nowMs() - endedAtMs < pauseMs * (0.75 + ports.random() / 2);
}
