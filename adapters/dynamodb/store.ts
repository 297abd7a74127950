import type { Store } from '../../core/flow/ports.ts';
import type { Act } from '../../core/model/act.ts';
import type { Operation } from '../../core/model/operation.ts';
import { newFleetRecord, newPairRecord } from '../../core/model/record.ts';
import { type ConnectionOptions, openConnection } from './connection.ts';
import { listDecisions } from './decisionList.ts';
import { recordDecision } from './decisions.ts';
import { encodeRow } from './document.ts';
import { keepEntry, readEntry } from './journal.ts';
import { moment, partitions } from './layout.ts';
import { listObservations, type ObservationPlace, writeObservation } from './observations.ts';
import { completedOperation, completedPair } from './older.ts';
import { readRecord, writeRecord } from './records.ts';
import { createTurns, expiry, type HistoryPlace, listRows, onHistory } from './rows.ts';

export interface DynamodbStoreOptions extends ConnectionOptions {
  stateTable: string;
  historyTable: string;
}

/**
 * The store on two DynamoDB tables (layout.ts, docs/dynamodb.md). Nothing is asked of AWS before the first call: what is
 * wrong with tables, Region or credentials is StoreUnavailable then, in a sentence that names table and Region.
 */
export function createDynamodbStore(options: DynamodbStoreOptions): Store {
  const { stateTable, historyTable, clock } = options;
  const connection = openConnection(options);
  const turns = createTurns(clock);
  const state = { connection, table: stateTable, turns };
  const history = { connection, table: historyTable, clock, turns };
  return { ...recordsIn(state), ...historyIn(history), close: async () => connection.close() };
}

type Records = Pick<
  Store,
  'readPair' | 'writePair' | 'readFleet' | 'writeFleet' | 'writeObservation' | 'listObservations'
>;

function recordsIn(state: ObservationPlace): Records {
  return {
    async readPair(pair) {
      const found = await readRecord(state, partitions.pair(pair));
      return found && completedPair({ ...newPairRecord(pair), ...found });
    },
    writePair: (record) => writeRecord(state, partitions.pair(record.pair), record),
    readFleet: async () => ({ ...newFleetRecord(), ...(await readRecord(state, partitions.fleet())) }),
    writeFleet: (record) => writeRecord(state, partitions.fleet(), record),
    writeObservation: (observation) => writeObservation(state, observation),
    listObservations: (pair) => listObservations(state, pair),
  };
}

function historyIn(history: HistoryPlace): Omit<Store, keyof Records | 'close'> {
  return {
    saveOperation: (operation) => keepEntry(history, operationEntry(operation)),
    async listOperations(pair, query) {
      const found = await listRows<Operation>(history, partitions.operations(pair), query);
      return found.map(completedOperation);
    },
    recordDecision: (row) => recordDecision(history, row),
    listDecisions: (pair, query) => listDecisions(history, pair, query),
    async recordTransition(transition) {
      const key = {
        partition: partitions.transitions(transition.pair),
        sort: `${moment(transition.atMs)}/${history.turns.next()}`,
      };
      await onHistory(history, (table) => table.put(key, { document: encodeRow(transition), ...expiry(history) }));
    },
    listTransitions: (pair, query) => listRows(history, partitions.transitions(pair), query),
    recordAct: (act) => keepEntry(history, actEntry(act)),
    readAct: (id) => readEntry<Act>(history, partitions.act(id)),
    listActs: (pair, query) => listRows(history, partitions.acts(pair), query),
  };
}

function operationEntry(operation: Operation) {
  const { id, pair, timeline } = operation;
  const [index, list] = [partitions.operation(id), partitions.operations(pair)];
  return { index, list, atMs: timeline.claimedAtMs, document: operation };
}

function actEntry(act: Act) {
  const { id, pair, atMs } = act;
  return { index: partitions.act(id), list: partitions.acts(pair), atMs, document: act };
}
