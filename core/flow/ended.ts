import type { Operation } from '../model/operation.ts';
import type { PairRecord } from '../model/record.ts';
import type { Memory } from './memory.ts';
import { type Ports, StoreUnavailable } from './ports.ts';

/**
 * Copies what ended to history. Whoever sees the record does so, since the one that wrote it may have died; each process once,
 * and again should history not have been there. An end that was not written is never copied.
 */
export async function keepEnded(
  { ports: { store }, memory }: { ports: Pick<Ports, 'store'>; memory: Pick<Memory, 'kept'> },
  { ended }: PairRecord,
): Promise<void> {
  for (const operation of ended.filter((each) => !memory.kept.includes(keyOf(each)))) {
    try {
      await store.saveOperation(operation);
      memory.kept = [...memory.kept, keyOf(operation)].slice(-20);
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      return;
    }
  }
}

/** After the loss of a store, epochs may come again, and with them ids. */
const keyOf = ({ id, timeline }: Operation) => `${id} ${timeline.endedAtMs}`;
