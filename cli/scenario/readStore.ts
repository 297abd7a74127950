import { openSqliteStore } from '../../adapters/sqlite/store.ts';
import { systemClock } from '../../adapters/system/clock.ts';
import type { Store } from '../../core/flow/ports.ts';
import type { WarrenEvent } from '../../core/model/event.ts';
import type { Operation } from '../../core/model/operation.ts';
import { type Course, decisionsIn, operationsIn } from './course.ts';

/** The operations that the store of a scenario remembers, newest first. */
export function readOperations(storePath: string): Promise<Operation[]> {
  const everything = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, limit: 100 };
  return reading(storePath, (store) => store.listOperations('demo', everything));
}

/** What came of a scenario: by what Warren said, which may still grow, and by what it stored. */
export async function readCourse(
  storePath: string,
  events: () => readonly WarrenEvent[],
  wanted: readonly string[] = [],
  withinMs = 0,
): Promise<Course> {
  const untilMs = systemClock.monotonicMs() + withinMs;
  while (isYetToCome(decisionsIn(events()), wanted) && systemClock.monotonicMs() < untilMs)
    await systemClock.sleep(200);
  const operations = operationsIn(await readOperations(storePath));
  const record = await reading(storePath, (store) => store.readPair('demo'));
  return { decisions: decisionsIn(events()), operations, desired: record?.desired ?? null };
}

/** What was decided is the beginning of what is wanted. */
function isYetToCome(decisions: string[], wanted: readonly string[]): boolean {
  return decisions.length < wanted.length && decisions.every((reason, index) => reason === wanted[index]);
}

async function reading<T>(storePath: string, read: (store: Store) => Promise<T>): Promise<T> {
  const store = openSqliteStore(storePath);
  try {
    return await read(store);
  } finally {
    await store.close();
  }
}
