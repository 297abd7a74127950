import { stepSentence } from '../../explain/operation.ts';
import type { Operation } from '../../model/operation.ts';
import type { PairRecord } from '../../model/record.ts';
import { withOperation, withPresentTargets } from '../../plan/steps.ts';
import { type FlipResult, flipTargets } from '../act.ts';
import { type Turn, tell } from '../turn.ts';
import { begin, ended } from './step.ts';

/** Writes every target that does not have its flip done, all at once: a slow one must not hold up the others. */
export async function flip(turn: Turn, record: PairRecord, operation: Operation): Promise<PairRecord> {
  const steps = withPresentTargets(
    operation.steps,
    turn.ports.targets.map(({ id }) => id),
  );
  const open = steps.filter(({ name, status }) => name === 'flip' && status !== 'done' && status !== 'skipped');
  const provenAtMs = turn.ports.clock.monotonicMs();
  const intent = await begin(turn, withOperation(record, { steps }), open);
  if (intent.operation?.phase === 'stalled') return intent;
  const ids = open.flatMap(({ target }) => target ?? []);
  const results = await flipTargets(turn, ids, { site: operation.to, epoch: operation.epoch, provenAtMs });
  const stored = await turn.ports.store.writePair(withFlips(turn, intent, results));
  for (const { target, write, detail } of results)
    tell(turn, 'step', write ? 'info' : 'warning', stepSentence(operation, 'flip', write ? '' : detail, target));
  return stored;
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
