import { within } from '../../core/flow/deadline.ts';
import type { Clock, Random } from '../../core/flow/ports.ts';
import { type Failure, failureOf } from './failure.ts';

const attemptsMax = 5;
const firstPauseMs = 50;
const longestPauseMs = 1_000;

/** The condition of a write did not hold, or another Region wrote at the same time. */
export class ConditionLost extends Error {
  override readonly name = 'ConditionLost';
}

/** All attempts failed. */
export class Unanswered extends Error {
  readonly failure: Failure;
  readonly isUncertain: boolean;
  constructor(failure: Failure, isUncertain: boolean, cause: unknown) {
    super(failure.sentence, { cause });
    this.failure = failure;
    this.isUncertain = isUncertain;
  }
}

const late = () => Object.assign(new Error('no answer in time'), { name: 'TimeoutError' });

/**
 * Tries until there is an answer, trying again does not help, or the time is over.
 * @throws ConditionLost, Unanswered
 */
export async function retried<T>(
  { clock, random }: { clock: Clock; random: Random },
  over: AbortSignal,
  attempt: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  let isUncertain = false;
  for (let attempts = 1; ; attempts += 1) {
    try {
      // Finding credentials does not listen to a signal.
      return await within(over, attempt(over), late);
    } catch (error) {
      const failure = failureOf(error);
      if (failure.kind === 'lost') throw new ConditionLost(failure.sentence, { cause: error });
      isUncertain ||= failure.kind === 'uncertain';
      if (failure.kind === 'refused' || attempts === attemptsMax || over.aborted)
        throw new Unanswered(failure, isUncertain, error);
      // Full jitter: a random part of a pause that doubles.
      await clock.sleep(random() * Math.min(longestPauseMs, firstPauseMs * 2 ** attempts), over);
      if (over.aborted) throw new Unanswered(failure, isUncertain, error);
    }
  }
}
