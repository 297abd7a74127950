import { operationSentence } from '../../explain/operation.ts';
import type { Operation, Step, StepName } from '../../model/operation.ts';
import type { PairRecord } from '../../model/record.ts';
import { withOperation, withStep } from '../../plan/steps.ts';
import { VersionConflict } from '../ports.ts';
import { type Turn, tell } from '../turn.ts';

/**
 * Takes one step of an operation as far as it goes now. Idempotent: whoever comes after a crash takes it again.
 * @returns the record afterwards; the same version when it has to wait. @throws VersionConflict, StoreUnavailable
 */
export type TakeStep = (turn: Turn, record: PairRecord, operation: Operation) => Promise<PairRecord>;

const attemptsMax = 20;

/** Stores the intent of the steps, or stalls the operation when they used up their attempts. */
export async function begin(turn: Turn, record: PairRecord, steps: Step[]): Promise<PairRecord> {
  const worn = steps.find(({ attempts }) => attempts >= attemptsMax);
  if (worn && record.operation) {
    const outcome = `${worn.name}${worn.target ? ` of ${worn.target}` : ''} failed ${worn.attempts} times: ${worn.detail}`;
    const stalled = await turn.ports.store.writePair(withOperation(record, { phase: 'stalled', outcome }));
    if (stalled.operation) tell(turn, 'operation', 'critical', operationSentence(stalled.operation));
    return stalled;
  }
  let after = record;
  for (const { name, target, attempts, startedAtMs } of steps) {
    const started = startedAtMs ?? turn.ports.clock.nowMs();
    after = withStep(after, name, { status: 'running', attempts: attempts + 1, startedAtMs: started }, target);
  }
  return turn.ports.store.writePair(after);
}

/** The steps of that name which are not done. */
export function openSteps({ steps }: Operation, wanted: StepName): Step[] {
  return steps.filter(({ name, status }) => name === wanted && status !== 'done' && status !== 'skipped');
}

/** The record with the step ended. */
export function ended(
  { ports }: Turn,
  record: PairRecord,
  name: StepName,
  change: Pick<Step, 'status' | 'detail'>,
  target?: string,
): PairRecord {
  return withStep(record, name, { ...change, endedAtMs: ports.clock.nowMs() }, target);
}

/** As if somebody else had written: the next turn reads everything anew, and finds out. */
export const heldUp = () => new VersionConflict('this process was held up, and may not be the one to act any more');
