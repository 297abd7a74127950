import { hookSentence } from '../../explain/operation.ts';
import { reportSentence } from '../../explain/report.ts';
import type { Operation } from '../../model/operation.ts';
import type { Latch, PairRecord } from '../../model/record.ts';
import { withOperation, withoutOwnFence, withStep, withTimedFence } from '../../plan/steps.ts';
import { releaseSlot } from '../claim.ts';
import { type Turn, tell } from '../turn.ts';

/**
 * Ends an operation before its point of no return: its own fence is lifted, its epoch stays burnt.
 * `latch`: why there is no further try by itself until a person has looked; null: there may be. @throws VersionConflict, StoreUnavailable
 */
export async function abort(
  turn: Turn,
  record: PairRecord,
  because: string,
  latch: string | null = null,
): Promise<PairRecord> {
  if (!record.operation) return record;
  const nowMs = turn.ports.clock.nowMs();
  const ended = { ...record.operation, phase: 'aborted' as const, outcome: because };
  ended.timeline = { ...ended.timeline, endedAtMs: nowMs };
  await turn.ports.store.saveOperation(ended);
  const after = await turn.ports.store.writePair({
    ...withoutOwnFence(record, ended, nowMs),
    operation: null,
    lastEnded: { id: ended.id, phase: ended.phase },
    latch: latch === null ? record.latch : { because: 'unfenced', epoch: ended.epoch, sinceMs: nowMs, reason: latch },
    evidenceGeneration: record.evidenceGeneration + 1,
  });
  await releaseSlot(turn, ended);
  tell(turn, 'report', latch === null ? 'warning' : 'critical', because, { operation: ended });
  tellHook(turn, ended);
  return after;
}

/**
 * Ends the operation. The report is kept first: a crash in between writes it again, never loses it. An automatic
 * failover leaves the latch; the cooldown starts; evidence must be gathered anew.
 */
export async function finish(turn: Turn, record: PairRecord, operation: Operation): Promise<PairRecord> {
  const nowMs = turn.ports.clock.nowMs();
  const done = withStep(record, 'report', { status: 'done', startedAtMs: nowMs, endedAtMs: nowMs, attempts: 1 });
  const timeline = { ...operation.timeline, endedAtMs: nowMs };
  const fenced = record.fences[operation.from]?.state === 'set' ? ('fenced' as const) : ('unfenced' as const);
  const outcome = `traffic is on ${operation.to}`;
  const finished = withOperation(done, { phase: 'finished', timeline, fenced, outcome }).operation ?? operation;
  await turn.ports.store.saveOperation(finished);
  const { cooldownMs, fenceForMs } = turn.watch.pair.failover;
  const after = await turn.ports.store.writePair({
    ...withTimedFence(record, operation, nowMs + fenceForMs),
    operation: null,
    lastEnded: { id: finished.id, phase: finished.phase },
    latch: latchAfter(record, operation, nowMs),
    cooldownUntilMs: nowMs + cooldownMs,
    evidenceGeneration: record.evidenceGeneration + 1,
  });
  const severity = operation.startedBy.kind === 'automatic' ? 'critical' : 'warning';
  tell(turn, 'report', severity, reportSentence(finished), { operation: finished });
  tellHook(turn, finished);
  return after;
}

/** A person who moved traffic has answered what an unfenced side was asked for; an automatic move waits for its `ack`. */
function latchAfter({ latch }: PairRecord, { startedBy, epoch }: Operation, nowMs: number): Latch | null {
  if (startedBy.kind === 'automatic') return { because: 'failover', epoch, sinceMs: nowMs, reason: startedBy.reason };
  return latch?.because === 'unfenced' ? null : latch;
}

/** Beside the loop: whoever is told afterwards must not hold up what comes next. */
function tellHook(turn: Turn, operation: Operation): void {
  const { after } = turn.ports.hooks;
  if (!after) return;
  void after(operation).then(({ answer, detail }) => {
    if (answer !== 'proceed') tell(turn, 'alert', 'warning', hookSentence('after', answer, detail));
  });
}
