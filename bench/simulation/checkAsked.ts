import type { Pair } from '../../core/model/config.ts';
import type { GuardName } from '../../core/model/decision.ts';
import type { Operation } from '../../core/model/operation.ts';
import type { PairRecord } from '../../core/model/record.ts';
import type { Brokers } from './brokers.ts';
import { blind } from './checkClaim.ts';
import { againstEvidence, fleetPaused, thePair, withoutVotes } from './checkMove.ts';
import type { Broken } from './checkRecord.ts';
import { seenWithinMs } from './checkRepair.ts';
import type { FleetFacts } from './outside.ts';
import type { PauseLedger } from './pauses.ts';
import type { Host, Process } from './process.ts';
import { checkDestination } from './readiness.ts';

interface Facts {
  pair: Pair;
  hosts: ReadonlyMap<string, Host>;
  brokers: Brokers;
  fleet: FleetFacts;
  pauses: PauseLedger;
  /** Whoever wrote; null: a person. */
  by: Process | null;
  nowMs: number;
  allowanceMs(): number;
}

/** At the point of no return of a move that a person asked for, or approved: the guards that were not overridden truly hold. */
export function checkAsked(before: PairRecord, { operation }: PairRecord, facts: Facts): Broken[] {
  if (operation?.phase !== 'committed' || before.operation?.phase !== 'claimed') return [];
  const { by } = facts;
  if (operation.startedBy.kind !== 'person' || !by) return [];
  const { from, to, verb, overrides } = operation;
  const { vantage } = by;
  const unless = (guard: GuardName, check: () => Broken[]) => (overrides.includes(guard) ? [] : check());
  return [
    ...unless('standby-ready', () => checkDestination(before, { to, vantage, isClaim: false }, facts)),
    ...unless('self-trust', () => blind(vantage, facts)),
    ...unless('not-in-maintenance', () => maintained(before, operation, facts)),
    ...unless('not-paused', () => drillPaused(before, operation, facts)),
    ...(verb === 'failover'
      ? unless('quorum', () => [...withoutVotes(from, facts), ...againstEvidence(from, facts)])
      : unless('active-serves', () => leavesDead(from, facts))),
  ].map(({ invariant, detail }) => ({ invariant, detail: `asked for by a person: ${detail}` }));
}

/** A failover may not leave a side that is maintained either: there is no need to. */
function maintained({ maintenance }: PairRecord, { from, to, verb }: Operation, { pauses }: Facts): Broken[] {
  return (verb === 'failover' ? [from, to] : [to])
    .filter((site) => maintenance[site] || pauses.sinceMs(site) !== null)
    .map((site) => ({ invariant: 'not-in-maintenance', detail: `${site} is in maintenance` }));
}

/** Only the way there of a drill waits for the end of a pause. */
function drillPaused({ drill, pause }: PairRecord, { id }: Operation, facts: Facts): Broken[] {
  if (drill?.phase !== 'there' || !drill.operations.includes(id)) return [];
  const isPaused = pause !== null || facts.pauses.sinceMs(thePair) !== null;
  return isPaused ? [{ invariant: 'not-paused', detail: 'a drill of a pair that is paused' }] : fleetPaused(facts);
}

function leavesDead(from: string, facts: Facts): Broken[] {
  const deadMs = facts.nowMs - (facts.brokers.deadSinceMs(from) ?? facts.nowMs);
  if (deadMs <= seenWithinMs(facts)) return [];
  return [{ invariant: 'planned-moves-leave-what-serves', detail: `${from} is dead for ${deadMs} ms` }];
}
