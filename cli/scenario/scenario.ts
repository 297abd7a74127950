import type { WarrenEvent } from '../../core/model/event.ts';
import type { Operation } from '../../core/model/operation.ts';
import type { FailureClass } from '../../core/model/probe.ts';
import type { FaultName } from '../../lab/faults.ts';
import type { SiteName } from '../../lab/topology.ts';
import type { CrashPoint } from './warrenProcess.ts';

/** A story played on real clusters: what is done to the lab, and what must happen. */
export interface Scenario {
  name: string;
  /** What is done, for people. */
  done: string;
  /** What must happen, for people. */
  expected: string;
  /** Keys of `probe` and `failover` that differ from the lab's configuration. */
  probe?: Record<string, unknown>;
  failover?: Record<string, unknown>;
  /** Needs three nodes per site. */
  needsMajority?: boolean;
  /** Why the scenario cannot be run here, or null. */
  cannotRun?: () => Promise<string | null>;
  /** Plays it. Rejects with Unexpected when it does not go as expected. */
  play(stage: Stage): Promise<void>;
}

/** It did not go as expected; the message says what happened instead. */
export class Unexpected extends Error {
  override readonly name = 'Unexpected';
}

export interface HoldOptions {
  forMs: number;
  /** Events that must be seen while holding. */
  alert?: FailureClass;
  reason?: string;
}

/** What a scenario may do and ask. */
export interface Stage {
  inject(fault: FaultName, site: SiteName): Promise<void>;
  heal(fault: FaultName, site: SiteName): Promise<void>;
  /** Waits until traffic has been moved to the site by a finished operation. */
  moved(to: SiteName, withinMs: number): Promise<void>;
  /** Waits for a decision with this reason. */
  decided(reason: string, withinMs: number): Promise<void>;
  /** Watches for a while that nothing is moved, and that what must be said is said. */
  holds(options: HoldOptions): Promise<void>;
  /** Waits until Warren tells something that matches, from the last `mark` on. */
  told(what: string, matches: (event: WarrenEvent) => boolean, withinMs: number): Promise<void>;
  /** From here on, `moved`, `decided` and `told` look only at what is said later. */
  mark(): void;
  /** Where HAProxy sends traffic now. */
  active(): Promise<string>;
  requireActive(site: SiteName): Promise<void>;
  /** Expects that applications are refused at every node of a site, however often they try, and that the probe is not. */
  requireShut(site: SiteName): Promise<void>;
  /** Sets the connection limit of the applications' user, as an administrator of the site would. */
  setLimit(site: SiteName, value: number): Promise<void>;
  /** Expects this limit at every node. */
  requireLimit(site: SiteName, value: number): Promise<void>;
  /** Expects that applications are let in at a site. */
  requireOpen(site: SiteName): Promise<void>;
  /** Runs a `warren` command with the scenario's configuration; rejects when it fails. */
  command(...words: string[]): Promise<void>;
  /** The same, for a command that must be refused. */
  commandFails(...words: string[]): Promise<void>;
  stopWarren(): Promise<void>;
  startWarren(): Promise<void>;
  /** Restarts Warren so that it kills itself there; `warrenEnded` resolves when it did. */
  startCrashingWarren(crashAt: CrashPoint): Promise<void>;
  warrenEnded(withinMs: number): Promise<void>;
  deleteStore(): void;
  /** The operations that the store remembers, newest first. */
  operations(): Promise<Operation[]>;
  pause(ms: number): Promise<void>;
}

/** How long a failover may take before it counts as not happening; what it takes is measured, not asserted. */
export const patienceMs = 40_000;

/** The active side dies, and traffic has moved. */
export async function failOver(stage: Stage): Promise<void> {
  await stage.inject('kill-site', 'beijing');
  await stage.moved('shanghai', patienceMs);
  stage.mark();
}
