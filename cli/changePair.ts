import { setTimeout as sleep } from 'node:timers/promises';
import { type Store, VersionConflict } from '../core/flow/ports.ts';
import type { PairRecord } from '../core/model/record.ts';
import { CommandError, exitCodes } from './failure.ts';

const attemptsMax = 10;
const betweenMs = 50;

/**
 * Changes a pair's record under the condition that nobody wrote since it was read, reading it anew when somebody did.
 * @param change the record as it should be, or undefined when there is nothing to change; may throw to refuse
 * @returns the record as written; undefined when nothing was
 */
export async function changePair(
  store: Store,
  pair: string,
  change: (record: PairRecord) => PairRecord | undefined | Promise<PairRecord | undefined>,
): Promise<PairRecord | undefined> {
  for (let attempt = 1; attempt <= attemptsMax; attempt++) {
    const record = await store.readPair(pair);
    const changed = record && (await change(record));
    if (!changed) return undefined;
    try {
      return await store.writePair(changed);
    } catch (error) {
      if (!(error instanceof VersionConflict)) throw error;
      await sleep(betweenMs * attempt);
    }
  }
  throw new CommandError(
    `The record of ${pair} changed each time it was to be written. Nothing was done; try again.`,
    exitCodes.failed,
  );
}

/** A reason that says something. @throws CommandError */
export function requireReason(reason: string): string {
  if (reason.trim() !== '') return reason.trim();
  throw new CommandError('The reason is empty: say why, for those who read the history.', exitCodes.badInput);
}
