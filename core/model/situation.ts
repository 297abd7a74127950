import type { FleetPolicy, Pair } from './config.ts';
import type { FenceReading } from './fence.ts';
import type { HealthState, SiteHealth } from './health.ts';
import type { OtherVantage } from './observation.ts';
import type { FleetRecord, OperationRequest, PairRecord, Pause } from './record.ts';
import type { TargetReading } from './target.ts';

/** Why a prober should not believe what it sees; null: it may. */
export type Doubt = 'both-sides-dark' | 'references-dark' | 'clock-jumped' | 'schedule-late';

/** Everything a decision is made from, as one value. */
export interface Situation {
  pair: Pair;
  fleet: FleetPolicy;
  vantage: string;
  record: PairRecord;
  /** Why the store cannot be read, in which case `record` is only the last known one; null: it can. */
  storeProblem: string | null;
  readings: TargetReading[];
  /** By site. */
  health: Record<string, SiteHealth>;
  doubt: Doubt | null;
  slots: FleetRecord['slots'];
  /** A pause of every pair. */
  fleetPause: Pause | null;
  /** What the other configured vantages say. */
  others: OtherVantage[];
  /** What of the configuration a decision depends on. */
  configHash: string;
  /** What each side's fence looked like lately, by site; none where no fence is configured, or nobody has looked yet. */
  fences: Record<string, FenceReading>;
  /** Wall-clock milliseconds: for cooldown, pauses and windows that people think of in wall-clock time. */
  nowMs: number;
}

/**
 * Where the targets send traffic: a site, `split` (they disagree, or one of them uses both sites), `none` (they agree
 * on sending it nowhere), `unknown` (at least one could not be read).
 */
export function activeSide(readings: TargetReading[]): string {
  const actives = new Set(readings.map((reading) => (reading.status === 'read' ? reading.active : 'unknown')));
  if (readings.length === 0 || actives.has('unknown')) return 'unknown';
  const [only] = actives;
  return actives.size === 1 && only !== undefined ? only : 'split';
}

/** The other site of the pair. */
export function otherSite(pair: Pair, site: string): string {
  return site === pair.primary ? pair.standby : pair.primary;
}

/** Targets that could be read and do not say `desired`. */
export function deviatingReadings(situation: Situation) {
  const { desired } = situation.record;
  return situation.readings.filter((reading) => reading.status === 'read' && reading.active !== desired);
}

/** The target was restarted since Warren last wrote to it, and so fell back to what its own file says. */
export function wasRestarted(situation: Situation, reading: TargetReading): boolean {
  const write = situation.record.writes[reading.target];
  if (reading.status !== 'read' || !write) return false;
  return reading.instance !== write.instance;
}

export function healthOf(situation: Situation, site: string): HealthState {
  return situation.health[site]?.state ?? 'unknown';
}

/** Votes needed: a number, or a majority of the configured vantages. A single observer must be asked for by number. */
export function votesNeeded({ pair }: Pick<Situation, 'pair'>): { needed: number; configured: number } {
  const configured = Math.max(1, pair.vantages.length);
  const { quorum: wanted } = pair.failover;
  return { needed: wanted === 'majority' ? Math.max(2, Math.floor(configured / 2) + 1) : wanted, configured };
}

/** The vantages that say of a site that it is down, this prober's own verdict included; only those that count. */
export function votesAgainst(situation: Situation, site: string): string[] {
  const own = healthOf(situation, site) === 'down' && situation.doubt === null ? [situation.vantage] : [];
  const others = situation.others.filter(
    (other) => abstention(situation, other) === null && other.observation?.health[site] === 'down',
  );
  return [...own, ...others.map(({ vantage }) => vantage)];
}

/** Why the vote of another vantage does not count, whatever it says; null: it does. */
export function abstention({ record, configHash }: Situation, { standing, observation }: OtherVantage): string | null {
  if (observation === null || standing === 'absent') return 'was never heard of';
  if (standing === 'stale') return 'has not been heard of lately';
  if (observation.configHash !== configHash) return 'has another configuration';
  if (observation.doubt !== null) return 'does not trust itself';
  if (observation.evidenceGeneration !== record.evidenceGeneration) return 'gathers fresh evidence';
  return null;
}

/** Slots of the fleet breaker in use; one that a failed claim of this pair's next epoch left behind will be used again. */
export function slotsTaken({ slots, fleet, nowMs, record, pair }: Situation): number {
  const isOwn = (slot: Situation['slots'][number]) => slot.pair === pair.name && slot.epoch === record.epoch + 1;
  return slots.filter((slot) => slot.atMs > nowMs - fleet.windowMs && !isOwn(slot)).length;
}

/** The request whose time has come, or null. */
export function dueRequest({ request }: PairRecord, nowMs: number): OperationRequest | null {
  return request && request.notBeforeMs <= nowMs && request.untilMs > nowMs ? request : null;
}
