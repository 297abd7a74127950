import type { VirtualClock } from '../../adapters/memory/clock.ts';
import type { MemoryFencer } from '../../adapters/memory/fencer.ts';
import type { MemoryStore } from '../../adapters/memory/store.ts';
import type { MemoryTarget } from '../../adapters/memory/target.ts';
import {
  FenceError,
  type Fencer,
  type Store,
  StoreUnavailable,
  type Target,
  VersionConflict,
} from '../../core/flow/ports.ts';
import type { Pair } from '../../core/model/config.ts';
import type { FenceReading } from '../../core/model/fence.ts';
import type { PairRecord } from '../../core/model/record.ts';
import type { Brokers } from './brokers.ts';
import type { Judge } from './judge.ts';
import type { Armed, Process } from './process.ts';
import type { Dice } from './random.ts';

/** What the ports of every process share: the true outside of one pair, and what is wrong with the ways to it. */
export interface Outside {
  pair: Pair;
  clock: VirtualClock;
  dice: Dice;
  judge: Judge;
  brokers: Brokers;
  store: MemoryStore;
  targets: MemoryTarget[];
  fencer: MemoryFencer;
  trouble: Trouble;
  /** What all pairs share. */
  fleet: FleetFacts;
}

/** Since when all pairs are paused; null: they are not. */
export interface FleetFacts {
  pausedSinceMs: number | null;
}

/** What is wrong with the ways to the outside now. */
export interface Trouble {
  /** By vantage, or null: for everybody; how many events say so. */
  storeGone: Map<string | null, number>;
  storeLatencyMs: number;
  targetLatencyMs: number;
  killSwitch: number;
  /** Limit writes land once more, up to a minute later: a peer of the broker hangs. */
  lateLimits: number;
  armed: Armed[];
  lostAnswers: { vantage: string; nth: number; tookEffect: boolean; error: 'unavailable' | 'conflict' }[];
}

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
      const work = inner[method] as (...parameters: unknown[]) => Promise<unknown>;
      return (...parameters: unknown[]) => call(() => work(...parameters));
    },
  });
  return {
    ...wrapped,
    async writePair(record) {
      const struck = process ? takeArmed(outside, process, ['before', 'after']) : null;
      if (process && struck?.at === 'before') struck.strike(process);
      // Whoever was struck stands still here, or for ever.
      await through(async () => {});
      const lost = process ? takeLostAnswer(outside, process.vantage) : null;
      const written = (await call(() => write(outside, record, process, lost))) as PairRecord;
      if (process && struck?.at === 'after') struck.strike(process);
      await through(async () => {});
      return written;
    },
    async readPair(pair) {
      const record = await wrapped.readPair(pair);
      if (process && record?.operation) takeArmed(outside, process, ['read'])?.strike(process);
      await through(async () => {});
      return record;
    },
    async writeFleet(record) {
      const written = await wrapped.writeFleet(record);
      outside.fleet.pausedSinceMs = written.pause ? (outside.fleet.pausedSinceMs ?? outside.clock.monotonicMs()) : null;
      return written;
    },
    async recordDecision(row) {
      await wrapped.recordDecision(row);
      outside.judge.onDecision(row.decision.reason);
    },
    async saveOperation(operation) {
      await wrapped.saveOperation(operation);
      outside.judge.onSaved(operation);
    },
  };
}

async function write(
  { store, judge }: Outside,
  record: PairRecord,
  process: Process | null,
  lost: Trouble['lostAnswers'][number] | null,
): Promise<PairRecord> {
  const error =
    lost?.error === 'conflict'
      ? new VersionConflict('ordered by the trace')
      : new StoreUnavailable('the answer was lost');
  if (lost && !lost.tookEffect) throw error;
  const written = await store.writePair(record);
  judge.onRecord(written, process);
  if (lost) throw error;
  return written;
}

const passStore = ({ clock, dice, trouble }: Outside) =>
  clock.sleep(1 + dice.between(0, 4) + trouble.storeLatencyMs / 2);

function requireStore({ trouble }: Outside, process: Process | null): void {
  const gone = (trouble.storeGone.get(null) ?? 0) + (process ? (trouble.storeGone.get(process.vantage) ?? 0) : 0);
  if (gone > 0) throw new StoreUnavailable('the store does not answer');
}

function takeArmed({ trouble }: Outside, { vantage }: Process, at: readonly Armed['at'][]): Armed | null {
  for (const armed of trouble.armed.filter((each) => each.vantage === vantage && at.includes(each.at))) {
    armed.nth -= 1;
    if (armed.nth > 0) continue;
    trouble.armed = trouble.armed.filter((each) => each !== armed);
    return armed;
  }
  return null;
}

function takeLostAnswer({ trouble }: Outside, vantage: string): Trouble['lostAnswers'][number] | null {
  for (const lost of trouble.lostAnswers.filter((each) => each.vantage === vantage)) {
    lost.nth -= 1;
    if (lost.nth > 0) continue;
    trouble.lostAnswers = trouble.lostAnswers.filter((each) => each !== lost);
    return lost;
  }
  return null;
}

/** A process's own way to a target. */
export function targetFor(outside: Outside, target: MemoryTarget, process: Process | null): Target {
  const { clock, dice, judge, trouble } = outside;
  const pass = () => clock.sleep(1 + dice.between(0, 4) + trouble.targetLatencyMs / 2);
  const through = process ? process.through : <T>(work: () => Promise<T>) => work();
  return {
    id: target.id,
    close: () => target.close(),
    read: () =>
      through(async () => {
        await pass();
        return target.read();
      }),
    flip(site, epoch) {
      judge.onFlipBegun(target.id, site, trouble.killSwitch > 0);
      return through(async () => {
        await pass();
        const before = target.flips.length;
        try {
          return await target.flip(site, epoch);
        } finally {
          if (target.flips.length > before) judge.onFlip(target.id, site, epoch, process?.holder ?? '');
          await pass();
        }
      });
    },
  };
}

/** A broker gives up what it was asked for after this long. */
export const lateWithinMs = 60_000;

/** A process's own way to the management APIs. */
export function fencerFor({ fencer, brokers, judge, trouble, clock, dice }: Outside, process: Process): Fencer {
  const landLate = (site: string, limit: number | null) => {
    if (trouble.lateLimits === 0) return;
    void clock.sleep(dice.between(1_000, lateWithinMs)).then(() => fencer.setLimit(site, 'app', limit));
  };
  const { through, vantage } = process;
  const unknown = (site: string): FenceReading => ({
    site,
    nodes: Object.keys(judge.limitsOf(site)).map((node) => ({ node, verdict: 'unknown', detail: 'cut off' })),
  });
  const cut = (site: string) => brokers.isCutOff(vantage, site);
  const reach = <T>(site: string, budgetMs: number, work: () => Promise<T>, otherwise: () => T): Promise<T> =>
    through(async () => {
      if (!cut(site)) return work();
      await clock.sleep(budgetMs);
      return otherwise();
    });
  return {
    look: (site, users, budgetMs) =>
      reach(
        site,
        budgetMs,
        () => fencer.look(site, users, budgetMs),
        () => unknown(site),
      ),
    readLimits: (site, users, budgetMs) =>
      reach(
        site,
        budgetMs,
        () => fencer.readLimits(site, users, budgetMs),
        () => {
          throw new FenceError('cut off');
        },
      ),
    set(site, users, budgetMs) {
      judge.onFence(site, trouble.killSwitch > 0, process.holder);
      landLate(site, 0);
      return reach(
        site,
        budgetMs,
        () => fencer.set(site, users, budgetMs),
        () => unknown(site),
      );
    },
    release(site, saved, budgetMs) {
      landLate(site, saved.app ?? null);
      return reach(
        site,
        budgetMs,
        () => fencer.release(site, saved, budgetMs),
        () => unknown(site),
      );
    },
    survey: (site, users, budgetMs) =>
      reach(
        site,
        budgetMs,
        () => fencer.survey(site, users, budgetMs),
        () => ({ site, connections: null, messages: null, queues: [] }),
      ),
  };
}
