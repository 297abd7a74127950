import type { Act } from '../model/act.ts';
import type { Config, Node, Pair } from '../model/config.ts';
import type { DecisionRow } from '../model/decision.ts';
import type { WarrenEvent } from '../model/event.ts';
import type { FenceReading } from '../model/fence.ts';
import type { HealthState } from '../model/health.ts';
import type { Observation } from '../model/observation.ts';
import type { Operation, SiteSurvey } from '../model/operation.ts';
import type { NodeProbe, ProbeDepth, ProbeHint } from '../model/probe.ts';
import type { FleetRecord, PairRecord, SavedLimits } from '../model/record.ts';
import type { TargetReading } from '../model/target.ts';

/**
 * Everything the core asks of the outside. Each port says what it promises and how it fails; adapters implement them,
 * and one contract suite per port runs over every implementation.
 */

export interface Clock {
  /** Wall-clock milliseconds since the epoch: for people and for history, never for safety between machines. */
  nowMs(): number;
  /** Milliseconds that never go backwards and do not jump; only differences mean anything. */
  monotonicMs(): number;
  /** Resolves after `ms`, or at once when the signal aborts. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Probes the nodes of one pair. Holds kept connections until closed. */
export interface Prober {
  /**
   * One run of the ladder against one node. Never rejects: what goes wrong is in the result. Ends within the sum of the
   * rungs' deadlines whatever the peer does. `startedAtMs` and `finishedAtMs` are on the clock's monotonic scale.
   */
  probe(site: string, node: Node, depth: ProbeDepth): Promise<NodeProbe>;
  /** A fresh publish-confirm-get through the clients' endpoint: which cluster answered, or why none did. Never rejects. */
  probeEndpoint(url: string): Promise<EndpointProbe>;
  /** Are the references visible? Never rejects. */
  probeReferences(): Promise<ReferenceProbe[]>;
  /** Tells what kept connections notice between probes. One listener at a time. */
  onHint(listener: (hint: ProbeHint) => void): void;
  /** Closes every connection; bounded in time. */
  close(): Promise<void>;
}

export interface ReferenceProbe {
  reference: string;
  visible: boolean;
  detail: string;
}

export interface EndpointProbe {
  status: 'pass' | 'fail';
  clusterName: string | null;
  detail: string;
}

/** A thing that steers traffic, for who only looks. */
export interface VisibleTarget {
  /** Stable id, such as `haproxy:127.0.0.1:9999/amqp`. Contains no secret. */
  readonly id: string;
  /** Reads what the target does now. Never rejects; bounded in time. */
  read(): Promise<TargetReading>;
}

/** A thing that steers traffic. */
export interface Target extends VisibleTarget {
  /**
   * Sends traffic to `site` and closes sessions to the other one. Idempotent; never leaves the target empty; reads back.
   * @returns what the target says afterwards. @throws TargetError when it could not be done or the outcome is unknown.
   */
  flip(site: string, epoch: number): Promise<TargetReading>;
  /** Closes every connection; bounded in time. What is asked for later opens new ones. */
  close(): Promise<void>;
}

/**
 * Shuts applications out of a site: their users' connection limits become 0 and their connections are closed. Every method is
 * bounded by its budget, whatever the peers do.
 */
export interface Fencer {
  /** What every node says of these users now. Changes nothing and opens no AMQP connection. Never rejects. */
  look(site: string, users: readonly string[], budgetMs: number): Promise<FenceReading>;
  /**
   * The limits of these users as they are now, from a node that answers.
   * @throws FenceError when no node does
   */
  readLimits(site: string, users: readonly string[], budgetMs: number): Promise<SavedLimits>;
  /**
   * Sets every limit to 0 and closes every connection of these users, through every node; again until every node proves it or
   * the budget is spent. Idempotent. Never rejects: what is not proven is in the reading.
   */
  set(site: string, users: readonly string[], budgetMs: number): Promise<FenceReading>;
  /** Puts the limits back as they were saved, through every node, and reads them back. Same contract as `set`. */
  release(site: string, savedLimits: SavedLimits, budgetMs: number): Promise<FenceReading>;
  /** Counts these users' connections and the messages in the virtual host's queues. Never rejects. */
  survey(site: string, users: readonly string[], budgetMs: number): Promise<Omit<SiteSurvey, 'atMs'>>;
}

export class FenceError extends Error {
  override readonly name = 'FenceError';
}

/** What the hook before the point of no return says of an operation. */
export interface HookAnswer {
  answer: 'proceed' | 'refuse' | 'silent';
  /** In its own words, shortened; or why there is no answer. */
  detail: string;
}

/** Somebody else's say before the point of no return, and their knowledge after the end. Bounded in time; never rejects. */
export interface Hooks {
  /** Null: no hook is configured. */
  before: ((operation: Operation) => Promise<HookAnswer>) | null;
  after: ((operation: Operation) => Promise<HookAnswer>) | null;
}

export class TargetError extends Error {
  override readonly name = 'TargetError';
}

/** The conditional write lost: someone else wrote since the record was read. Re-read and decide again. */
export class VersionConflict extends Error {
  override readonly name = 'VersionConflict';
}

/** The store cannot be read or written. No store, no act. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

/** A period of one site's health, for history. Wall-clock milliseconds. */
export interface HealthTransition {
  pair: string;
  vantage: string;
  site: string;
  atMs: number;
  from: HealthState | null;
  to: HealthState;
  sentence: string;
}

/** A closed range of wall-clock milliseconds and a cap on the number of rows; newest first. */
export interface HistoryQuery {
  fromMs: number;
  toMs: number;
  limit: number;
}

/**
 * State, journal and history. The port promises what the strictest store can: single-item conditional writes on a
 * version, no transactions across items. Every method rejects with StoreUnavailable when the store cannot answer.
 */
export interface Store {
  /** Strongly consistent. Undefined when there is none. */
  readPair(pair: string): Promise<PairRecord | undefined>;
  /**
   * Writes the record if the stored version is still `record.version` (0: if there is none yet), durably.
   * @returns the record with its new version. @throws VersionConflict
   */
  writePair(record: PairRecord): Promise<PairRecord>;
  readFleet(): Promise<FleetRecord>;
  /** Same contract as writePair. @throws VersionConflict */
  writeFleet(record: FleetRecord): Promise<FleetRecord>;
  /** Keeps a finished or aborted operation (idempotent by its id). */
  saveOperation(operation: Operation): Promise<void>;
  listOperations(pair: string, query: HistoryQuery): Promise<Operation[]>;
  /** Extends the newest row (toMs, count, latest health) when outcome and reason are the same, else adds one. */
  recordDecision(row: Omit<DecisionRow, 'fromMs' | 'toMs' | 'count'> & { atMs: number }): Promise<void>;
  /** Rows that overlap the range. */
  listDecisions(pair: string, query: HistoryQuery): Promise<DecisionRow[]>;
  recordTransition(transition: HealthTransition): Promise<void>;
  listTransitions(pair: string, query: HistoryQuery): Promise<HealthTransition[]>;
  /** Replaces what this vantage said of the pair last, unless both are lasting and that was said later. */
  writeObservation(observation: Observation): Promise<void>;
  /** What every vantage said last; strongly consistent. */
  listObservations(pair: string): Promise<Observation[]>;
  /** Keeps one row of the audit; a row of the same id is replaced. */
  recordAct(act: Act): Promise<void>;
  readAct(id: string): Promise<Act | undefined>;
  /** What people did to one pair; an empty name: to all of them at once. */
  listActs(pair: string, query: HistoryQuery): Promise<Act[]>;
  close(): Promise<void>;
}

/** Tells people. Must not throw or wait long: a failing notifier never delays or undoes an act. */
export interface Notifier {
  notify(event: WarrenEvent): void;
}

/** Random numbers for ids and jitter, in [0, 1). A port so that a simulation can replay. */
export type Random = () => number;

/** All ports of one pair's watch. */
export interface Ports {
  clock: Clock;
  prober: Prober;
  targets: Target[];
  fencer: Fencer;
  hooks: Hooks;
  store: Store;
  notifier: Notifier;
  random: Random;
  /** True while the kill switch that needs no store is on: nothing is acted on. */
  observeOnly(): boolean;
}

/** Who is watching what. */
export interface Watch {
  pair: Pair;
  fleet: Config['fleet'];
  /** This prober's own name among the vantages. */
  vantage: string;
  /** Unique to this process, names it as the holder of an operation. */
  holder: string;
  /** Of what in the configuration of the pair a decision depends on. */
  configHash: string;
}
