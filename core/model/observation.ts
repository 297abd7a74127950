import type { HealthState } from './health.ts';
import type { Doubt } from './situation.ts';

/** What one vantage makes of a pair now. Each replaces its last one; history is kept elsewhere. */
export interface Observation {
  pair: string;
  vantage: string;
  /** Which process wrote it, and its how manieth: another value says that the vantage was alive in between. */
  holder: string;
  sequence: number;
  /**
   * Wall-clock milliseconds: says what time its vantage has, and is no reason to act. Only lasting ones, all by one clock, are in
   * order by it.
   */
  atMs: number;
  /** What of the configuration a decision depends on; vantages that were told different things do not vote together. */
  configHash: string;
  evidenceGeneration: number;
  doubt: Doubt | null;
  /** By site. */
  health: Record<string, HealthState>;
  /** It says when something changed, and nothing in between: what it said holds until it is replaced. */
  lasting?: boolean;
}

/** Whether a lasting observation comes late: the vantage said something newer, which holds. A store keeps that instead. */
export function isOvertaken({ lasting, atMs }: Observation, stored: Observation | undefined): boolean {
  return lasting === true && stored?.lasting === true && stored.atMs > atMs;
}

/**
 * Another vantage, as far as this one can tell.
 * - `fresh`: it wrote lately, by this prober's own clock; or what it wrote is lasting
 * - `stale`: it did not, or not since this prober began to watch it
 * - `absent`: it never wrote
 */
export interface OtherVantage {
  vantage: string;
  standing: 'fresh' | 'stale' | 'absent';
  observation: Observation | null;
}
