import type { MemoryStore } from '../../adapters/memory/store.ts';
import { type Store, StoreUnavailable, VersionConflict } from '../../core/flow/ports.ts';
import type { Observation } from '../../core/model/observation.ts';
import type { FleetRecord, PairRecord } from '../../core/model/record.ts';
import { allPairs, type LostAnswer, type Outside, takeNext } from './outside.ts';
import type { Armed, Process, Standstill } from './process.ts';
import { readLate } from './reads.ts';

/** A process's own way to the store. Null: a person's, which only fails when the store is gone for everybody. */
export function storeFor(outside: Outside, process: Process | null): Store {
  const through = process ? process.through : <T>(work: () => Promise<T>) => work();
  const call = (work: () => Promise<unknown>) =>
    through(async () => {
      await passStore(outside);
      requireStore(outside, process);
      const result = await work();
      await passStore(outside);
      requireStore(outside, process);
      return result;
    });
  const { store } = outside;
  const wrapped = new Proxy(store, {
    get(inner, method: keyof Store) {
      const work = workOf(outside, inner, method, process);
      return (...parameters: unknown[]) => call(() => answered(outside, method, process, () => work(...parameters)));
    },
  });
  return {
    ...wrapped,
    async writePair(record) {
      // A write that was on its way when its process stood still may land much later: its condition decides.
      const standstill = process?.lastStandstill() ?? null;
      const struck = process ? takeArmed(outside, process, ['before', 'after']) : null;
      if (process && struck?.at === 'before') struck.strike(process);
      // Whoever was struck stands still here, or for ever.
      await through(async () => {});
      const work = () => writePair(outside, record, { process, standstill });
      const written = (await call(() => answered(outside, 'writePair', process, work))) as PairRecord;
      if (process && struck?.at === 'after') struck.strike(process);
      await through(async () => {});
      return written;
    },
    async readPair(pair) {
      const record = await wrapped.readPair(pair);
      if (process) outside.judge.onRead(process.holder, record?.epoch ?? 0);
      if (process && record?.operation) takeArmed(outside, process, ['read'])?.strike(process);
      await through(async () => {});
      return record;
    },
    async recordDecision(row) {
      await wrapped.recordDecision(row);
      outside.judge.onDecision(row);
    },
    async saveOperation(operation) {
      await wrapped.saveOperation(operation);
      outside.judge.onSaved(operation);
    },
  };
}

type Work = (...parameters: unknown[]) => Promise<unknown>;

/** What a call of the store does, and whoever judges it learns. */
function workOf(outside: Outside, inner: MemoryStore, method: keyof Store, process: Process | null): Work {
  if (method === 'writeFleet') return (record) => writeFleet(outside, record as FleetRecord, process);
  if (method === 'writeObservation')
    return (observation) => writeObservation(outside, observation as Observation, process);
  return inner[method] as Work;
}

/** Whose write it is, and how that process had last stood still when it asked for it. */
interface Writer {
  process: Process | null;
  standstill: Standstill | null;
}

async function writePair({ store, judge }: Outside, record: PairRecord, by: Writer): Promise<PairRecord> {
  const written = await store.writePair(record);
  judge.onRecord(written, by.process, by.standstill);
  return written;
}

/** The answer, unless it is to be lost. */
async function answered(
  outside: Outside,
  method: keyof Store,
  process: Process | null,
  work: () => Promise<unknown>,
): Promise<unknown> {
  if (process && (await readLate(outside, process.vantage, method)) === 'failed')
    throw new StoreUnavailable('one read failed');
  const lost = process ? takeLostAnswer(outside, process.vantage, method) : null;
  if (!lost) return work();
  if (lost.tookEffect) await work();
  throw lost.error === 'conflict'
    ? new VersionConflict('ordered by the trace')
    : new StoreUnavailable('the answer was lost');
}

async function writeFleet(
  { store, fleet, judge }: Outside,
  record: FleetRecord,
  process: Process | null,
): Promise<FleetRecord> {
  const written = await store.writeFleet(record);
  const [before, after] = [fleet.pause, written.pause].map((pause) => (pause ? { [allPairs]: pause } : {}));
  for (const { invariant, detail } of fleet.ledger.change(before ?? {}, after ?? {}, process === null))
    judge.violate(invariant, `${detail} (by ${process?.holder ?? 'a person'})`);
  fleet.pause = written.pause;
  return written;
}

async function writeObservation(
  { store, clock }: Outside,
  observation: Observation,
  by: Process | null,
): Promise<void> {
  await store.writeObservation(observation);
  if (by) by.host.spokeAtMs = clock.monotonicMs();
}

const passStore = ({ clock, dice, trouble }: Outside) =>
  clock.sleep(1 + dice.between(0, 4) + trouble.storeLatencyMs / 2);

function requireStore({ trouble }: Outside, process: Process | null): void {
  const gone = (trouble.storeGone.get(null) ?? 0) + (process ? (trouble.storeGone.get(process.vantage) ?? 0) : 0);
  if (gone > 0) throw new StoreUnavailable('the store does not answer');
}

const takeArmed = ({ trouble }: Outside, { vantage }: Process, at: readonly Armed['at'][]) =>
  takeNext(trouble.armed, (each) => each.vantage === vantage && at.includes(each.at));

function takeLostAnswer({ trouble }: Outside, vantage: string, method: keyof Store): LostAnswer | null {
  const lost = takeNext(trouble.lostAnswers, (each) => each.vantage === vantage && each.method === method);
  lost?.over();
  return lost;
}
