import type { Store } from '../../core/flow/ports.ts';
import { type FleetRecord, newFleetRecord, newPairRecord, type PairRecord } from '../../core/model/record.ts';
import { openDatabase } from './database.ts';
import * as history from './history.ts';
import { listObservations, writeObservation } from './observations.ts';
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
    readPair: async (pair) => {
      const found = readRecord(database, pairId(pair));
      return found && completed({ ...newPairRecord(pair), ...found });
    },
    writePair: async (record: PairRecord) => writeRecord(database, pairId(record.pair), record),
    readFleet: async () => ({ ...newFleetRecord(), ...readRecord(database, 'fleet') }),
    writeFleet: async (record: FleetRecord) => writeRecord(database, 'fleet', record),
    saveOperation: async (operation) => history.saveOperation(database, operation),
    listOperations: async (pair, query) => history.listOperations(database, pair, query),
    recordDecision: async (row) => history.recordDecision(database, row),
    listDecisions: async (pair, query) => history.listDecisions(database, pair, query),
    recordTransition: async (transition) => history.recordTransition(database, transition),
    listTransitions: async (pair, query) => history.listTransitions(database, pair, query),
    writeObservation: async (observation) => writeObservation(database, observation),
    listObservations: async (pair) => listObservations(database, pair),
    recordAct: async (act) => history.recordAct(database, act),
    readAct: async (id) => history.readAct(database, id),
    listActs: async (pair, query) => history.listActs(database, pair, query),
    close: async () => database.close(),
  };
}

/** Fills in what an older release did not write, so that a pair which it left in the middle of a move goes on. */
function completed(record: PairRecord): PairRecord {
  const { operation, request, latch } = record;
  return {
    ...record,
    operation: operation && history.withLaterFields(operation),
    request: request && { ...laterRequestFields, ...request },
    latch: latch && { ...laterLatchFields, ...latch },
  };
}

const laterRequestFields = { verb: 'failover', notBeforeMs: 0, supersedes: null } as const;
const laterLatchFields = { because: 'failover' } as const;

function pairId(pair: string): string {
  return `pair/${pair}`;
}
