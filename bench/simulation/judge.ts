import type { VirtualClock } from '../../adapters/memory/clock.ts';
import type { MemoryFencer } from '../../adapters/memory/fencer.ts';
import type { MemoryTarget } from '../../adapters/memory/target.ts';
import type { Pair } from '../../core/model/config.ts';
import type { Operation } from '../../core/model/operation.ts';
import { newPairRecord, type PairRecord } from '../../core/model/record.ts';
import type { Brokers } from './brokers.ts';
import { checkMove } from './checkMove.ts';
import { checkRecord, newMemo } from './checkRecord.ts';
import { fenceUserOf } from './policy.ts';
import type { FleetFacts } from './ports.ts';
import type { Host, Process } from './process.ts';

/** A promise that was broken, and when. */
export interface Violation {
  atMs: number;
  invariant: string;
  detail: string;
}

/** An automatic failover as the judge saw it. */
export interface Move {
  epoch: number;
  /** When the lost side was truly lost; null: it was not, to everybody. */
  lostAtMs: number | null;
  claimedAtMs: number;
  committedAtMs: number | null;
  finishedAtMs: number | null;
}

/** Sees everything that truly happens, and says which promise it breaks. */
export interface Judge {
  readonly moves: Move[];
  /** The pair's record as it truly is. */
  record(): PairRecord;
  /** @param by null: a person */
  onRecord(record: PairRecord, by: Process | null): void;
  /** The store is empty: what was promised is not known any more. */
  onStoreLost(forgotten: ReadonlySet<string>): void;
  onSaved(operation: Operation): void;
  /** A person has seen what moved by itself. */
  onAck(): void;
  onReport(id: string): void;
  /** Whether traffic was moved by itself since then. */
  movedSince(atMs: number): boolean;
  onDecision(reason: string): void;
  /** Why what was decided last was decided. */
  reason(): string;
  onFlipBegun(target: string, site: string, killSwitch: boolean): void;
  onFlip(target: string, site: string, epoch: number, by: string): void;
  onFence(site: string, killSwitch: boolean, by: string): void;
  /** By node: the limit of the application's user. */
  limitsOf(site: string): Record<string, number | null>;
  violate(invariant: string, detail: string): void;
}

export interface JudgeOptions {
  pair: Pair;
  hosts: ReadonlyMap<string, Host>;
  fleet: FleetFacts;
  /** Where broken promises are put. */
  violations: Violation[];
  clock: VirtualClock;
  brokers: Brokers;
  fencer: MemoryFencer;
  targets: MemoryTarget[];
  /** What slows a decision down without being wrong. */
  allowanceMs(): number;
}

/** For so long an act may follow the proof that it is still right to. */
const leftOverMs = 5_000;

export function createJudge(options: JudgeOptions): Judge {
  const { pair, violations, clock, brokers, fencer } = options;
  const moves: Move[] = [];
  let memo = newMemo();
  let lost: { desired: string | null; atMs: number } | null = null;
  const reported = new Set<string>();
  const saved = new Map<string, string>();
  let lastReason = 'nothing was decided';
  let current = newPairRecord(pair.name);
  const violate = (invariant: string, detail: string) =>
    void violations.push({ atMs: clock.monotonicMs(), invariant, detail });

  return {
    moves,
    violate,
    record: () => current,
    onRecord(record, by) {
      const before = current;
      current = record;
      const nowMs = clock.monotonicMs();
      noteMove(moves, before, record, brokers, nowMs);
      const facts = { ...options, nowMs, wallMs: clock.nowMs(), mode: by?.mode ?? null };
      for (const { invariant, detail } of [...checkRecord(before, record, memo), ...checkMove(before, record, facts)])
        violate(invariant, `${detail} (by ${by?.holder ?? 'a person'})`);
    },
    onStoreLost(forgotten) {
      lost = { desired: current.desired, atMs: clock.monotonicMs() };
      memo = newMemo(forgotten);
      reported.clear();
      saved.clear();
      current = newPairRecord(pair.name);
    },
    onSaved({ id, phase, outcome }) {
      const known = saved.get(id);
      if (known !== undefined && known !== phase) violate('ends-once', `${id} is in history as ${known} and ${phase}`);
      if (phase !== 'finished' && phase !== 'aborted')
        violate('ends-once', `${id} is in history as ${phase}: ${outcome}`);
      saved.set(id, phase);
    },
    onAck() {
      memo.movedByItself = null;
    },
    onReport(id) {
      if (reported.has(id)) violate('reports-once', `${id} was reported twice`);
      reported.add(id);
    },
    movedSince: (atMs) => moves.some(({ committedAtMs }) => (committedAtMs ?? 0) >= atMs),
    onDecision(reason) {
      lastReason = reason;
    },
    reason: () => lastReason,
    onFlipBegun(target, site, killSwitch) {
      if (killSwitch) violate('kill-switch', `${target} was to be flipped to ${site} while the kill switch was on`);
    },
    onFlip(target, site, epoch, by) {
      const { desired, epoch: now } = current;
      // What was committed in a store that is lost may still be on its way.
      const isLeftOver =
        site === lost?.desired && clock.monotonicMs() - lost.atMs <= leftOverMs + options.allowanceMs();
      if (site !== desired && !isLeftOver)
        violate('stale-flip', `${by} flipped ${target} to ${site} for epoch ${epoch}; ${desired} is desired in ${now}`);
    },
    onFence(site, killSwitch, by) {
      if (killSwitch) violate('kill-switch', `${by} shut applications out of ${site} while the kill switch was on`);
      const { operation, desired } = current;
      const leaves = operation !== null && operation.from === site;
      if (site === desired && !leaves) violate('fence-on-desired', `${by} shut applications out of ${site}`);
    },
    limitsOf: (site) =>
      Object.fromEntries(
        (pair.sites[site]?.nodes ?? []).map(({ name }) => [name, fencer.limits(site, name)[fenceUserOf(pair)] ?? null]),
      ),
  };
}

function noteMove(moves: Move[], before: PairRecord, after: PairRecord, brokers: Brokers, nowMs: number): void {
  const { operation } = after;
  if (operation && operation.startedBy.kind === 'automatic' && before.operation?.id !== operation.id) {
    const lostAtMs = brokers.lostSinceMs(operation.from);
    moves.push({ epoch: operation.epoch, lostAtMs, claimedAtMs: nowMs, committedAtMs: null, finishedAtMs: null });
  }
  const move = moves.find(({ epoch }) => epoch === (operation ?? before.operation)?.epoch);
  if (!move) return;
  if (operation?.phase === 'committed') move.committedAtMs ??= nowMs;
  if (operation === null && move.committedAtMs !== null) move.finishedAtMs ??= nowMs;
}
