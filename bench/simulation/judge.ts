import type { VirtualClock } from '../../adapters/memory/clock.ts';
import type { MemoryFencer } from '../../adapters/memory/fencer.ts';
import type { MemoryTarget } from '../../adapters/memory/target.ts';
import { toleranceMs } from '../../core/flow/agreedClock.ts';
import type { Pair } from '../../core/model/config.ts';
import type { DecisionRow } from '../../core/model/decision.ts';
import type { Operation } from '../../core/model/operation.ts';
import { newPairRecord, type PairRecord } from '../../core/model/record.ts';
import type { TargetReading } from '../../core/model/target.ts';
import type { Brokers } from './brokers.ts';
import {
  checkDecision,
  checkFenceIntent,
  checkFlipEffect,
  checkFlipIntent,
  type Flip,
  provenForMs,
  type Stored,
} from './checkAct.ts';
import { checkAsked } from './checkAsked.ts';
import { checkClaim } from './checkClaim.ts';
import { checkFenceWords, checkLeftOpen } from './checkFenceWords.ts';
import { checkMove, fencesHealthySide, thePair } from './checkMove.ts';
import { type Broken, checkRecord, newMemo } from './checkRecord.ts';
import { checkRepair } from './checkRepair.ts';
import { createToldLedger, type ToldLedger } from './checkTold.ts';
import { createCooldownLedger } from './cooldown.ts';
import type { FenceTruth } from './fenceTruth.ts';
import { createLostStoreLedger } from './lostStore.ts';
import { type Move, noteMove } from './moves.ts';
import type { FleetFacts } from './outside.ts';
import { createPauseLedger } from './pauses.ts';
import { fenceUserOf } from './policy.ts';

import type { Host, Process, Standstill } from './process.ts';

/** A promise that was broken, and when. */
export interface Violation {
  atMs: number;
  invariant: string;
  detail: string;
}

/** Sees everything that truly happens, and says which promise it breaks. */
export interface Judge {
  readonly moves: Move[];
  /** The pair's record as it truly is. */
  record(): PairRecord;
  /** @param by null: a person */
  /** @param standstill the writer's last one before it asked for the write */
  onRecord(record: PairRecord, by: Process | null, standstill: Standstill | null): void;
  /** The store is empty: what was promised is not known any more. */
  onStoreLost(forgotten: ReadonlySet<string>): void;
  onSaved(operation: Operation): void;
  /** A person has seen what moved by itself. */
  onAck(changed: boolean): void;
  onReport(id: string): void;
  /** Whether traffic was moved by itself since then. */
  movedSince(atMs: number): boolean;
  /** What people were told, and what of it is missing. */
  readonly told: ToldLedger;
  /** A process has read the record. */
  onRead(holder: string, epoch: number): void;
  onDecision(row: Pick<DecisionRow, 'vantage' | 'decision' | 'health'>): void;
  /** Why what was decided last was decided. */
  reason(): string;
  onFlipBegun(flip: Flip, killSwitch: boolean): void;
  /** A flip took effect. @param by null: nobody waited for it any more */
  onFlip(flip: Flip, before: TargetReading, after: TargetReading, by: string | null): void;
  onFence(site: string, killSwitch: boolean, by: string): void;
  /** Since when the site's fence is recorded as released; null: it is not. */
  releasedSinceMs(site: string): number | null;
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
  fenceTruth: FenceTruth;
  targets: MemoryTarget[];
  isAlive(holder: string): boolean;
  /** What slows a decision down without being wrong. */
  allowanceMs(): number;
}

/** For so long an act may follow the proof that it is still right to. */
const leftOverMs = 5_000;

export function createJudge(options: JudgeOptions): Judge {
  const { pair, violations, clock, fencer } = options;
  const moves: Move[] = [];
  let memo = newMemo();
  let lost: { desired: string | null; atMs: number } | null = null;
  const reported = new Set<string>();
  const saved = new Map<string, string>();
  let lastReason = 'nothing was decided';
  let current = newPairRecord(pair.name);
  let past: Stored[] = [];
  const releasedSinceMs = new Map<string, number>();
  /** By target that keeps one: the newest epoch written. */
  const markers = new Map<string, number>();
  const pauses = createPauseLedger(clock, options.hosts, toleranceMs(pair));
  const cooldown = createCooldownLedger(pair.failover.cooldownMs, clock, options.hosts);
  const lostStore = createLostStoreLedger();
  const told = createToldLedger();
  const violate = (invariant: string, detail: string) =>
    void violations.push({ atMs: clock.monotonicMs(), invariant, detail });
  const violateAll = (broken: Broken[], by: string) => {
    for (const { invariant, detail } of broken) violate(invariant, `${detail} (by ${by})`);
  };
  const replace = (record: PairRecord) => {
    const nowMs = clock.monotonicMs();
    past = [...past.filter(({ untilMs }) => nowMs - untilMs <= provenForMs), { record: current, untilMs: nowMs }];
    current = record;
    for (const site of Object.keys(pair.sites)) {
      if (record.fences[site]?.state !== 'released') releasedSinceMs.delete(site);
      else if (!releasedSinceMs.has(site)) releasedSinceMs.set(site, nowMs);
    }
  };
  /** The records that a process may have proven, and still act on. */
  const stored = (): Stored[] => {
    const recent = past.filter(({ untilMs }) => clock.monotonicMs() - untilMs <= provenForMs);
    return [...recent, { record: current, untilMs: Number.POSITIVE_INFINITY }];
  };

  return {
    moves,
    told,
    violate,
    record: () => current,
    onRecord(record, by, standstill) {
      const before = current;
      replace(record);
      const nowMs = clock.monotonicMs();
      told.onRecord(before, record, by, nowMs);
      noteMove(moves, before, record, { ...options, nowMs });
      const { everyMs, recheckMs, timeoutMs } = pair.probe;
      const turnMs = everyMs + recheckMs + 2 * timeoutMs + 2 * options.allowanceMs();
      const facts = {
        ...options,
        nowMs,
        pauses,
        by,
        cooldown,
        lostStore: () => lostStore.check(options.isAlive, turnMs, nowMs),
      };
      const broken = [
        ...pauses.change(pausesOf(before), pausesOf(record), by === null),
        ...checkRecord(before, record, memo),
        ...checkClaim(before, record, by, { ...facts, standstill }),
        ...checkMove(before, record, facts),
        ...checkAsked(before, record, facts),
        ...checkLeftOpen(before, record, facts),
        ...checkFenceWords(before, record, facts),
      ];
      violateAll(broken, by?.holder ?? 'a person');
      cooldown.onRecord(before, record, by === null);
      if (isPersonsEnd(before, record)) lostStore.onAnswered();
    },
    onStoreLost(forgotten) {
      lost = { desired: current.desired, atMs: clock.monotonicMs() };
      memo = newMemo(forgotten);
      reported.clear();
      saved.clear();
      pauses.forget();
      cooldown.forget();
      told.forget();
      lostStore.onLost(markers.size > 0);
      replace(newPairRecord(pair.name));
    },
    onSaved({ id, phase, outcome }) {
      const known = saved.get(id);
      if (known !== undefined && known !== phase) violate('ends-once', `${id} is in history as ${known} and ${phase}`);
      if (phase !== 'finished' && phase !== 'aborted')
        violate('ends-once', `${id} is in history as ${phase}: ${outcome}`);
      saved.set(id, phase);
    },
    onAck(changed) {
      if (changed) lostStore.onAnswered();
      cooldown.forget();
      memo.movedByItself = null;
    },
    onReport(id) {
      if (reported.has(id)) violate('reports-once', `${id} was reported twice`);
      reported.add(id);
    },
    movedSince: (atMs) => moves.some(({ committedAtMs }) => (committedAtMs ?? 0) >= atMs),
    onRead: (holder, epoch) => lostStore.onRead(holder, epoch, clock.monotonicMs()),
    onDecision(row) {
      lastReason = row.decision.reason;
      told.onKept(row, clock.monotonicMs());
      violateAll(checkDecision(Object.keys(pair.sites), row), 'a decision');
    },
    reason: () => lastReason,
    onFlipBegun(flip, killSwitch) {
      const { target, site } = flip;
      violateAll(checkFlipIntent(stored(), flip), 'a flip');
      if (killSwitch) violate('kill-switch', `${target} was to be flipped to ${site} while the kill switch was on`);
    },
    onFlip(flip, before, after, by) {
      const { target, site, epoch } = flip;
      violateAll(checkFlipEffect(flip, markers.get(target) ?? null, before, after), by ?? 'nobody any more');
      if (after.status === 'read' && after.markerEpoch !== undefined) markers.set(target, epoch);
      const nowMs = clock.monotonicMs();
      if (by !== null) violateAll(checkRepair(stored(), flip, before, { ...options, pauses, nowMs }), by);
      const { desired, epoch: now } = current;
      // What was committed in a store that is lost may still be on its way.
      const isLeftOver = site === lost?.desired && nowMs - lost.atMs <= leftOverMs + options.allowanceMs();
      // One that lands late may be anybody's of yesterday; what keeps no marker cannot refuse it.
      if (by !== null && site !== desired && !isLeftOver)
        violate('stale-flip', `${by} flipped ${target} to ${site} for epoch ${epoch}; ${desired} is desired in ${now}`);
    },
    onFence(site, killSwitch, by) {
      if (killSwitch) violate('kill-switch', `${by} shut applications out of ${site} while the kill switch was on`);
      const { operation, desired } = current;
      const leaves = operation !== null && operation.from === site;
      if (site === desired && !leaves) violate('fence-on-desired', `${by} shut applications out of ${site}`);
      violateAll(checkFenceIntent(stored(), site), by);
      violateAll(fencesHealthySide(current, site, { ...options, nowMs: clock.monotonicMs() }), by);
    },
    releasedSinceMs: (site) => releasedSinceMs.get(site) ?? null,
    limitsOf: (site) =>
      Object.fromEntries(
        (pair.sites[site]?.nodes ?? []).map(({ name }) => [name, fencer.limits(site, name)[fenceUserOf(pair)] ?? null]),
      ),
  };
}

const pausesOf = ({ pause, maintenance }: PairRecord) => ({ ...maintenance, ...(pause ? { [thePair]: pause } : {}) });

/** A person who moved traffic has looked. */
const isPersonsEnd = ({ operation }: PairRecord, after: PairRecord) =>
  operation?.startedBy.kind === 'person' &&
  after.ended.some(({ id, phase }) => id === operation.id && phase === 'finished');
