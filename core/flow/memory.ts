import type { Pair } from '../model/config.ts';
import type { Decision } from '../model/decision.ts';
import type { PairWindow, SiteHealth } from '../model/health.ts';
import type { Observation, OtherVantage } from '../model/observation.ts';
import type { FleetRecord, PairRecord } from '../model/record.ts';
import type { TargetReading } from '../model/target.ts';
import type { Alert } from '../observe/siteHealth.ts';
import { emptyWindow, type Inherited } from '../observe/window.ts';
import type { Moment } from './moment.ts';
import type { HealthTransition, Store } from './ports.ts';

/**
 * What one watch of one pair remembers from turn to turn. Nothing here is needed for safety: a process that starts with
 * an empty memory gathers fresh evidence and reads the rest from the store and the targets.
 */
export interface Memory {
  window: PairWindow;
  /** What the process before this one knew of conditions that last, until this one knows which evidence counts. */
  inherited: Inherited;
  health: Record<string, SiteHealth>;
  state: KnownState | null;
  /**
   * Clocks at the end of the last turn, the wall clock as it should have been by the monotonic one since the turn began, and how
   * long the loop meant to sleep; null before the first turn.
   */
  lastTurn: { wallMs: number; monotonicMs: number; plannedMs: number } | null;
  /** The newest epoch this process has seen in the store, and the newest version of it: what is left should the store be lost. */
  newest: { epoch: number; version: number };
  /** When this process began to watch (monotonic). */
  bornAtMs: number;
  /** When it last found that it had been held up, or its clock set (monotonic). */
  heldUpAtMs: number;
  /** When the present turn began. */
  began: Moment;
  /** How this process's own clocks and schedule looked at the beginning of the present turn. */
  self: { lateByMs: number; clockJumpMs: number };
  /** What people were last told, to tell only what is new. */
  told: {
    health: Record<string, SiteHealth>;
    decision: Decision | null;
    alerts: Record<string, Alert>;
    unfenceable: Record<string, boolean>;
    shutOut: Record<string, boolean>;
    clockOff: boolean;
  };
  /** What could not be written to history yet, oldest first. */
  unrecorded: { transitions: HealthTransition[]; decisions: Parameters<Store['recordDecision']>[0][] };
  /** When the decision was last written to history (monotonic). */
  recordedAtMs: number;
  referencesAtMs: number;
  /** By reference, as the present turn sees it: could it be seen? Empty: none is configured, or none was looked at yet. */
  referencesVisible: boolean[];
  /** Whether this prober could see nothing that it should, when it last looked. */
  isBlind: boolean;
  /** When the record's present version was first seen here (monotonic): how a lease expires. */
  seenVersion: { version: number; sinceMs: number };
  heard: Heard;
  /** What this vantage told the others last, and when (monotonic). */
  said: { observation: Observation; atMs: number } | null;
  /** When the evidence of an operation's last question to the guards was seen. */
  seenAt: Moment;
  /** By site: its fence as this process last knew it, and since when. */
  fences: Record<string, { key: string; known: Moment }>;
  /** Operations that were copied to history, by id and end. */
  kept: string[];
  /** Which operation this process saw waiting for evidence, and since when. */
  waiting: { operation: string; known: Moment } | null;
}

/**
 * By vantage: which observation of it is the newest, when it was first seen here (monotonic; or when it was last looked for before
 * that, if that is long ago), when it was last looked for, whether it has been seen to change, so that the vantage was alive then, and
 * what its wall clock said; null: it speaks only when something changes.
 */
export type Heard = Record<
  string,
  { key: string; atMs: number; lookedAtMs: number; changed: boolean; clockMs: number | null }
>;

/** The outside state that a decision needs, and when it was read (monotonic). */
export interface KnownState {
  record: PairRecord;
  readings: TargetReading[];
  slots: FleetRecord['slots'];
  fleetPause: FleetRecord['pause'];
  others: OtherVantage[];
  readAtMs: number;
  /** When the targets were read (monotonic): less often than the store. */
  readingsAtMs: number;
  /** Why the store could not be read; the record is then the last known one and must not be acted on. */
  storeProblem: string | null;
}

export function emptyMemory(pair: Pair, nowMs: number, inherited: Inherited = {}): Memory {
  return {
    window: emptyWindow(pair, 0, nowMs, inherited),
    inherited,
    health: {},
    state: null,
    lastTurn: null,
    newest: { epoch: 0, version: 0 },
    bornAtMs: nowMs,
    heldUpAtMs: nowMs,
    began: { monotonicMs: nowMs, wallMs: 0 },
    self: { lateByMs: 0, clockJumpMs: 0 },
    told: { health: {}, decision: null, alerts: {}, unfenceable: {}, shutOut: {}, clockOff: false },
    unrecorded: { transitions: [], decisions: [] },
    recordedAtMs: Number.NEGATIVE_INFINITY,
    referencesAtMs: Number.NEGATIVE_INFINITY,
    referencesVisible: [],
    isBlind: false,
    seenVersion: { version: -1, sinceMs: nowMs },
    heard: {},
    said: null,
    seenAt: { monotonicMs: Number.NEGATIVE_INFINITY, wallMs: 0 },
    fences: {},
    kept: [],
    waiting: null,
  };
}
