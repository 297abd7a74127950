import type { Store } from '../../core/flow/ports.ts';
import { type FleetRecord, newPairRecord, type PairRecord } from '../../core/model/record.ts';
import { openDatabase } from './database.ts';
import * as history from './history.ts';
import { readRecord, writeRecord } from './records.ts';

/**
 * The embedded store: one SQLite file in write-ahead mode, every write on disk before it is acknowledged. Several
 * processes on one machine may open the same file.
 * @throws StoreUnavailable when the file cannot be used, in a sentence that names it.
 */
export function openSqliteStore(path: string): Store {
  const database = openDatabase(path);
  // Each method is async so that what SQLite throws becomes a rejection, as the port promises.
  return {
    // Fields that an older release did not write are filled in.
    readPair: async (pair) => {
      const found = readRecord(database, pairId(pair));
      return found && { ...newPairRecord(pair), ...found };
    },
    writePair: async (record: PairRecord) => writeRecord(database, pairId(record.pair), record),
    readFleet: async () => ({ slots: [], version: 0, ...readRecord(database, 'fleet') }),
    writeFleet: async (record: FleetRecord) => writeRecord(database, 'fleet', record),
    saveOperation: async (operation) => history.saveOperation(database, operation),
    listOperations: async (pair, query) => history.listOperations(database, pair, query),
    recordDecision: async (row) => history.recordDecision(database, row),
    listDecisions: async (pair, query) => history.listDecisions(database, pair, query),
    recordTransition: async (transition) => history.recordTransition(database, transition),
    listTransitions: async (pair, query) => history.listTransitions(database, pair, query),
    close: async () => database.close(),
  };
}

function pairId(pair: string): string {
  return `pair/${pair}`;
}
