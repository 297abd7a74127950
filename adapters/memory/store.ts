import { type HealthTransition, type Store, StoreUnavailable, VersionConflict } from '../../core/flow/ports.ts';
import type { Act } from '../../core/model/act.ts';
import type { DecisionRow } from '../../core/model/decision.ts';
import { isOvertaken, type Observation } from '../../core/model/observation.ts';
import type { Operation } from '../../core/model/operation.ts';
import { type FleetRecord, newFleetRecord, type PairRecord } from '../../core/model/record.ts';
import { createFaults, type Fault } from './faults.ts';
import { frozenCopyOf } from './frozen.ts';
import { extendsRow, newestFirst } from './history.ts';

export type StoreMethod = Exclude<keyof Store, 'close'>;
/** Called around each write; what it throws, the write throws; while it waits, the write waits. */
export type WriteHook = (method: StoreMethod, phase: 'before' | 'after') => void | Promise<void>;

/** A store that forgets everything with its process, with faults to order. */
export interface MemoryStore extends Store {
  /** The next call of `method` fails; with `afterTakingEffect` the write is done all the same, as when an answer is lost. */
  failNext(method: StoreMethod, error: Error, fault?: Fault): void;
  /** One hook at a time. A hook that never resolves is a process that dies there. */
  onWrite(hook: WriteHook | null): void;
  /** Everything that was kept is gone, for every connection. */
  lose(): void;
  /** Another connection to the same contents, as after a restart or from a second process. */
  reopen(): MemoryStore;
}

interface Contents {
  pairs: Map<string, PairRecord>;
  fleet: FleetRecord;
  operations: Map<string, Operation>;
  decisions: DecisionRow[];
  transitions: HealthTransition[];
  acts: Map<string, Act>;
  /** By pair and vantage. */
  observations: Map<string, Observation>;
}

export function createMemoryStore(): MemoryStore {
  return openMemoryStore(emptyContents());
}

const emptyContents = (): Contents => ({
  pairs: new Map(),
  fleet: newFleetRecord(),
  operations: new Map(),
  decisions: [],
  transitions: [],
  acts: new Map(),
  observations: new Map(),
});

function openMemoryStore(contents: Contents): MemoryStore {
  const faults = createFaults<StoreMethod>();
  let hook: WriteHook | null = null;
  let closed = false;

  // What is kept is a copy that cannot be changed, so that nobody holds on to what is stored.
  async function call<T>(method: StoreMethod, work: () => T): Promise<T> {
    if (closed) throw new StoreUnavailable('the store is closed');
    return faults.around(method, async () => work());
  }
  async function write<T, R>(method: StoreMethod, value: T, work: (copy: T) => R): Promise<R> {
    const copy = frozenCopyOf(value);
    await hook?.(method, 'before');
    const result = await call(method, () => work(copy));
    await hook?.(method, 'after');
    return result;
  }

  return {
    readPair: (pair) => call('readPair', () => contents.pairs.get(pair)),
    writePair: (record) => write('writePair', record, (copy) => replacePair(contents, copy)),
    readFleet: () => call('readFleet', () => contents.fleet),
    writeFleet: (record) => write('writeFleet', record, (copy) => replaceFleet(contents, copy)),
    saveOperation: (operation) =>
      write('saveOperation', operation, (copy) => void contents.operations.set(copy.id, copy)),
    listOperations: (pair, query) =>
      call('listOperations', () => {
        const ofPair = [...contents.operations.values()].filter((operation) => operation.pair === pair);
        return newestFirst(ofPair, query, ({ timeline }) => [timeline.claimedAtMs, timeline.claimedAtMs]);
      }),
    recordDecision: (row) => write('recordDecision', row, (copy) => keepDecision(contents, copy)),
    listDecisions: (pair, query) =>
      call('listDecisions', () => {
        const ofPair = contents.decisions.filter((row) => row.pair === pair);
        return newestFirst(ofPair, query, (row) => [row.fromMs, row.toMs]);
      }),
    recordTransition: (transition) =>
      write('recordTransition', transition, (copy) => void contents.transitions.push(copy)),
    listTransitions: (pair, query) =>
      call('listTransitions', () => {
        const ofPair = contents.transitions.filter((transition) => transition.pair === pair);
        return newestFirst(ofPair, query, ({ atMs }) => [atMs, atMs]);
      }),
    writeObservation: (observation) =>
      write('writeObservation', observation, (copy) => {
        const key = JSON.stringify([copy.pair, copy.vantage]);
        if (!isOvertaken(copy, contents.observations.get(key))) contents.observations.set(key, copy);
      }),
    listObservations: (pair) =>
      call('listObservations', () => [...contents.observations.values()].filter((each) => each.pair === pair)),
    recordAct: (act) => write('recordAct', act, (copy) => void contents.acts.set(copy.id, copy)),
    readAct: (id) => call('readAct', () => contents.acts.get(id)),
    listActs: (pair, query) =>
      call('listActs', () => {
        const ofPair = [...contents.acts.values()].filter((act) => act.pair === pair);
        return newestFirst(ofPair, query, ({ atMs }) => [atMs, atMs]);
      }),
    close: async () => {
      closed = true;
    },
    failNext: faults.failNext,
    onWrite: (next) => {
      hook = next;
    },
    lose: () => void Object.assign(contents, emptyContents()),
    reopen: () => openMemoryStore(contents),
  };
}

function replacePair({ pairs }: Contents, record: PairRecord): PairRecord {
  const written = nextVersion(`pair/${record.pair}`, pairs.get(record.pair)?.version ?? 0, record);
  pairs.set(record.pair, written);
  return written;
}

function replaceFleet(contents: Contents, record: FleetRecord): FleetRecord {
  contents.fleet = nextVersion('fleet', contents.fleet.version, record);
  return contents.fleet;
}

function nextVersion<T extends { version: number }>(id: string, stored: number, record: T): T {
  if (stored === record.version) return Object.freeze({ ...record, version: stored + 1 });
  throw new VersionConflict(`${id}: someone else wrote it since version ${record.version} was read`);
}

function keepDecision({ decisions }: Contents, row: Parameters<Store['recordDecision']>[0]): void {
  const { atMs, ...rest } = row;
  const index = decisions.findLastIndex(({ pair, vantage }) => pair === row.pair && vantage === row.vantage);
  const last = decisions[index];
  if (last && extendsRow(last.decision, row.decision))
    decisions[index] = { ...last, ...rest, toMs: Math.max(last.toMs, atMs), count: last.count + 1 };
  else decisions.push({ ...rest, fromMs: atMs, toMs: atMs, count: 1 });
}
