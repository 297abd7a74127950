import { openedAgainSentence, stepSentence } from '../../explain/operation.ts';
import type { Operation } from '../../model/operation.ts';
import type { PairRecord } from '../../model/record.ts';
import { withFence } from '../../plan/fences.ts';
import { withOperation, withPresentTargets } from '../../plan/steps.ts';
import { type FlipResult, flipTargets } from '../act.ts';
import { agreedMs } from '../agreedClock.ts';
import { momentOf } from '../moment.ts';
import { type Turn, tell } from '../turn.ts';
import { begin, ended } from './step.ts';

/** Writes every target that does not have its flip done, all at once: a slow one must not hold up the others. */
export async function flip(turn: Turn, record: PairRecord, operation: Operation): Promise<PairRecord> {
  const steps = withPresentTargets(
    operation.steps,
    turn.ports.targets.map(({ id }) => id),
  );
  const open = steps.filter(({ name, status }) => name === 'flip' && status !== 'done' && status !== 'skipped');
  const provenAt = momentOf(turn.ports.clock);
  const intent = await begin(turn, withOperation(record, { steps }), open);
  if (intent.operation?.phase === 'stalled') return intent;
  const ids = open.flatMap(({ target }) => target ?? []);
  const results = await flipTargets(turn, ids, { site: operation.to, epoch: operation.epoch, provenAt });
  const flipped = withFlips(turn, intent, results);
  const opened = withFenceByFlips(turn, flipped, operation);
  // Who was overtaken meanwhile cannot store what became of its writes: it is told all the same.
  const stored = await turn.ports.store.writePair(opened).finally(() => tellFlips(turn, operation, results));
  if (opened !== flipped && results.some(({ write }) => !write))
    tell(turn, 'step', 'critical', openedAgainSentence(operation));
  return stored;
}

function tellFlips(turn: Turn, operation: Operation, results: FlipResult[]): void {
  for (const { target, write, detail } of results)
    tell(turn, 'step', write ? 'info' : 'warning', stepSentence(operation, 'flip', write ? '' : detail, target));
}

const triesBeforeOpening = 3;

/**
 * A planned move shut applications out of a side that is well. Where no target can be written they would be kept out for as long
 * as that lasts: they are let in again, and shut out once traffic has moved.
 */
function withFenceByFlips(turn: Turn, record: PairRecord, { verb, from }: Operation): PairRecord {
  const flips = record.operation?.steps.filter(({ name }) => name === 'flip') ?? [];
  const fence = record.fences[from];
  if (verb === 'failover' || !fence?.savedLimits) return record;
  const sinceMs = agreedMs(turn);
  const isOpening = fence.state === 'releasing' || fence.state === 'released';
  const none = flips.every(({ status }) => status === 'failed');
  if (none && !isOpening && flips.some(({ attempts }) => attempts >= triesBeforeOpening))
    return withFence(record, { ...fence, state: 'releasing', sinceMs });
  if (isOpening && flips.every(({ status }) => status === 'done' || status === 'skipped'))
    return withFence(record, { ...fence, state: 'wanted', sinceMs });
  return record;
}

function withFlips(turn: Turn, record: PairRecord, results: FlipResult[]): PairRecord {
  let after = record;
  for (const { target, write, detail } of results) {
    after = ended(turn, after, 'flip', { status: write ? 'done' : 'failed', detail }, target);
    if (write) after = { ...after, writes: { ...after.writes, [target]: write } };
  }
  if (results.some(({ write }) => !write) || !after.operation) return after;
  const flippedAtMs = turn.ports.clock.nowMs();
  return withOperation(after, { timeline: { ...after.operation.timeline, flippedAtMs } });
}
