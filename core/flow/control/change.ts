import { refusalWords } from '../../explain/control.ts';
import type { FleetRecord, PairRecord } from '../../model/record.ts';
import { type Clock, type Store, VersionConflict } from '../ports.ts';
import { refuse } from './refuse.ts';

const attemptsMax = 10;
const betweenMs = 50;

interface Place {
  store: Store;
  clock: Clock;
}

/**
 * Changes a pair's record under the condition that nobody wrote since it was read, reading it anew when somebody did.
 * @param change the record as it should be, or undefined when there is nothing to change; may throw to refuse
 * @param dryRun whether to stop before the write
 * @returns the record as written (or as it would be); undefined when there is nothing to change
 * @throws Refusal `not-recorded`, `changed-meanwhile`
 */
export function changePair(
  { store, clock }: Place,
  pair: string,
  change: (record: PairRecord) => PairRecord | undefined,
  dryRun = false,
): Promise<PairRecord | undefined> {
  return untilWritten(clock, pair, async () => {
    const record = (await store.readPair(pair)) ?? refuse('not-recorded', refusalWords.notRecorded(pair));
    const changed = change(record);
    return changed && !dryRun ? await store.writePair(changed) : changed;
  });
}

/** The same for what all pairs share. */
export function changeFleet(
  { store, clock }: Place,
  change: (record: FleetRecord) => FleetRecord | undefined,
  dryRun = false,
): Promise<FleetRecord | undefined> {
  return untilWritten(clock, 'all pairs', async () => {
    const changed = change(await store.readFleet());
    return changed && !dryRun ? await store.writeFleet(changed) : changed;
  });
}

async function untilWritten<T>(clock: Clock, subject: string, write: () => Promise<T>): Promise<T> {
  for (let attempt = 1; attempt <= attemptsMax; attempt++) {
    try {
      return await write();
    } catch (error) {
      if (!(error instanceof VersionConflict)) throw error;
      await clock.sleep(betweenMs * attempt);
    }
  }
  return refuse('changed-meanwhile', refusalWords.changedMeanwhile(subject));
}
