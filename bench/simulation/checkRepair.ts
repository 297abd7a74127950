import type { Pair } from '../../core/model/config.ts';
import type { TargetReading } from '../../core/model/target.ts';
import type { Brokers } from './brokers.ts';
import type { Flip, Stored } from './checkAct.ts';
import { fleetPaused, thePair } from './checkMove.ts';
import type { Broken } from './checkRecord.ts';
import type { FleetFacts } from './outside.ts';
import type { PauseLedger } from './pauses.ts';

interface Facts {
  pair: Pair;
  brokers: Brokers;
  fleet: FleetFacts;
  /** What people paused of this pair: itself, and its sites. */
  pauses: PauseLedger;
  nowMs: number;
  allowanceMs(): number;
}

/** What is decided in one turn is done soon after. */
const turnMs = 5_000;

/** Section 8, of a flip that is no step of an operation and changes where a target sends traffic. @param stored what may be acted on */
export function checkRepair(stored: readonly Stored[], flip: Flip, before: TargetReading, facts: Facts): Broken[] {
  const { target, site } = flip;
  const isRepair = stored.every(({ record }) => record.operation === null);
  if (!isRepair || before.status !== 'read' || before.active === site) return [];
  const broken: Broken[] = [];
  const violate = (invariant: string, detail: string) =>
    void broken.push({ invariant, detail: `${target} was set back to ${site}: ${detail}` });
  const isAsked = stored.some(({ record }) => record.driftAnswer?.choice === 'restore');
  const isAsWritten = stored.every(({ record }) => record.writes[target]?.instance === before.instance);
  if (isAsWritten && !isAsked) violate('foreign-edits-wait', 'it was not restarted, and nobody asked for it');
  const { pauses, nowMs, allowanceMs, brokers } = facts;
  const pausedMs = nowMs - (pauses.sinceMs(thePair) ?? nowMs);
  if (pausedMs > turnMs + allowanceMs()) violate('not-paused', `the pair is paused for ${pausedMs} ms`);
  for (const { invariant } of fleetPaused(facts)) violate(invariant, 'all pairs are paused');
  const deadMs = nowMs - (brokers.deadSinceMs(site) ?? nowMs);
  if (deadMs > seenWithinMs(facts)) violate('never-to-a-worse-place', `it is dead for ${deadMs} ms`);
  return broken;
}

/** How long a side may be dead before a prober that watches must have found it down. */
export function seenWithinMs({ pair, allowanceMs }: Pick<Facts, 'pair' | 'allowanceMs'>): number {
  const { fall, recheckMs, timeoutMs } = pair.probe;
  return (fall + 2) * (recheckMs + timeoutMs) + 2 * timeoutMs + turnMs + allowanceMs();
}
