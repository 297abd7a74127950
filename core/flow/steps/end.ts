import { hookSentence } from '../../explain/operation.ts';
import { reportSentence } from '../../explain/report.ts';
import type { Operation } from '../../model/operation.ts';
import type { Latch, PairRecord } from '../../model/record.ts';
import { withEnded } from '../../plan/request.ts';
import { withFencesUndone, withOperation, withStep, withTimedFence } from '../../plan/steps.ts';
import { agreedMs } from '../agreedClock.ts';
import { releaseSlot } from '../claim.ts';
import { keepEnded } from '../ended.ts';
import { type Turn, tell } from '../turn.ts';

/** What an automatic operation that was given up leaves behind, so that it is not tried again at once. */
export interface Aftermath {
  /** No further try by itself until a person has looked, for this reason. */
  latch?: string;
  /** No further try by itself for so long. */
  coolDownMs?: number;
}

/**
 * Ends an operation before its point of no return: what it did to fences is undone, its epoch stays burnt. One that was to take
 * the place of a stalled operation gives that its place back. @throws VersionConflict, StoreUnavailable
 */
export async function abort(
  turn: Turn,
  record: PairRecord,
  because: string,
  { latch, coolDownMs }: Aftermath = {},
): Promise<PairRecord> {
  if (!record.operation) return record;
  const nowMs = agreedMs(turn);
  const ended = { ...record.operation, phase: 'aborted' as const, outcome: because };
  ended.timeline = { ...ended.timeline, endedAtMs: nowMs };
  const after = await turn.ports.store.writePair({
    ...withEnded(withFencesUndone(record, ended, nowMs), ended),
    operation: record.superseded,
    superseded: null,
    latch:
      latch === undefined ? record.latch : { because: 'unfenced', epoch: ended.epoch, sinceMs: nowMs, reason: latch },
    cooldownUntilMs: coolDownMs === undefined ? record.cooldownUntilMs : nowMs + coolDownMs,
    evidenceGeneration: record.evidenceGeneration + 1,
  });
  await keepEnded(turn, after);
  await releaseSlot(turn, ended);
  tell(turn, 'report', latch === undefined ? 'warning' : 'critical', because, { operation: ended });
  tellHook(turn, ended);
  return after;
}

/**
 * Ends the operation: its report is part of the write that ends it, and copied to history after that. An automatic failover
 * leaves the latch; the cooldown starts; evidence must be gathered anew.
 */
export async function finish(turn: Turn, record: PairRecord, operation: Operation): Promise<PairRecord> {
  const nowMs = agreedMs(turn);
  const done = withStep(record, 'report', { status: 'done', startedAtMs: nowMs, endedAtMs: nowMs, attempts: 1 });
  const timeline = { ...operation.timeline, endedAtMs: nowMs };
  const fenced = record.fences[operation.from]?.state === 'set' ? ('fenced' as const) : ('unfenced' as const);
  const outcome = `traffic is on ${operation.to}`;
  const finished = withOperation(done, { phase: 'finished', timeline, fenced, outcome }).operation ?? operation;
  const { cooldownMs, fenceForMs } = turn.watch.pair.failover;
  const after = await turn.ports.store.writePair({
    ...withEnded(withTimedFence(record, operation, nowMs + fenceForMs), finished),
    operation: null,
    latch: latchAfter(record, operation, nowMs),
    cooldownUntilMs: nowMs + cooldownMs,
    evidenceGeneration: record.evidenceGeneration + 1,
  });
  await keepEnded(turn, after);
  const severity = operation.startedBy.kind === 'automatic' ? 'critical' : 'warning';
  tell(turn, 'report', severity, reportSentence(finished), { operation: finished });
  tellHook(turn, finished);
  return after;
}

/** A person who moved traffic has answered what an unfenced side or a lost store asked; an automatic move waits for its `ack`. */
function latchAfter({ latch }: PairRecord, { startedBy, epoch }: Operation, nowMs: number): Latch | null {
  if (startedBy.kind === 'automatic') return { because: 'failover', epoch, sinceMs: nowMs, reason: startedBy.reason };
  return latch?.because === 'failover' ? latch : null;
}

/** Beside the loop: whoever is told afterwards must not hold up what comes next. */
function tellHook(turn: Turn, operation: Operation): void {
  const { after } = turn.ports.hooks;
  if (!after) return;
  void after(operation).then(({ answer, detail }) => {
    if (answer !== 'proceed') tell(turn, 'alert', 'warning', hookSentence('after', answer, detail));
  });
}
