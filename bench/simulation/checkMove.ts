import type { Pair } from '../../core/model/config.ts';
import type { PairRecord } from '../../core/model/record.ts';
import type { Brokers } from './brokers.ts';
import type { Broken } from './checkRecord.ts';
import type { CooldownLedger } from './cooldown.ts';
import { allPairs, type FleetFacts } from './outside.ts';
import type { PauseLedger } from './pauses.ts';
import { vantageNames } from './policy.ts';
import type { Host, Process } from './process.ts';
import { checkDestination } from './readiness.ts';

/** The name of a pair's own pause in its ledger. */
export const thePair = 'the pair';

interface Facts {
  pair: Pair;
  hosts: ReadonlyMap<string, Host>;
  fleet: FleetFacts;
  /** What people paused of this pair: itself, and its sites. */
  pauses: PauseLedger;
  /** Whoever wrote; null: a person. */
  by: Process | null;
  cooldown: CooldownLedger;
  /** What a lost store forbids. */
  lostStore(): Broken[];
  brokers: Brokers;
  nowMs: number;
  allowanceMs(): number;
}

/** Promises 2 to 5, at the point of no return of a move that nobody asked for. */
export function checkMove(before: PairRecord, after: PairRecord, facts: Facts): Broken[] {
  const { operation } = after;
  if (operation?.phase !== 'committed' || before.operation?.phase !== 'claimed') return [];
  if (operation.startedBy.kind !== 'automatic') return [];
  const { from, to } = operation;
  return [
    ...held(before, from, to, facts),
    ...facts.cooldown.check(),
    ...fleetPaused(facts),
    ...withoutMandate(facts),
    ...(facts.by ? checkDestination(before, { to, vantage: facts.by.vantage, isClaim: false }, facts) : []),
    ...facts.lostStore(),
    ...withoutVotes(from, facts),
    ...againstEvidence(from, facts),
  ];
}

function held({ latch, pause, maintenance }: PairRecord, from: string, to: string, { pauses }: Facts): Broken[] {
  const broken: Broken[] = [];
  if (latch) broken.push({ invariant: 'no-automatic-failback', detail: `moved to ${to} although latched` });
  if (pause || pauses.sinceMs(thePair) !== null)
    broken.push({ invariant: 'not-paused', detail: `moved to ${to} although paused` });
  for (const site of [from, to])
    if (maintenance[site] || pauses.sinceMs(site) !== null)
      broken.push({ invariant: 'not-in-maintenance', detail: `${site} is in maintenance` });
  return broken;
}

/** That is not in the pair's record: what was read just before may be true no more. */
const fleetReadWithinMs = 4_000;

/** All pairs are paused, and whoever wants to move has had the time to know. */
export function fleetPaused({
  fleet: { ledger },
  nowMs,
  allowanceMs,
}: Pick<Facts, 'fleet' | 'nowMs' | 'allowanceMs'>): Broken[] {
  const pausedSinceMs = ledger.sinceMs(allPairs);
  if (pausedSinceMs === null || nowMs - pausedSinceMs <= fleetReadWithinMs + allowanceMs()) return [];
  return [{ invariant: 'not-paused', detail: 'moved although all pairs are paused' }];
}

/** Nothing moves by itself where the configuration does not say `automatic`. */
function withoutMandate({ pair, by }: Facts): Broken[] {
  const effective = by?.mode ?? pair.failover.mode;
  return effective === 'automatic' ? [] : [{ invariant: 'mode', detail: `moved by itself in mode ${effective}` }];
}

/** Votes count for a while after they were given: twice `every`, as long as evidence is fresh. */
export function withoutVotes(
  from: string,
  {
    pair,
    hosts,
    by,
    brokers,
    nowMs,
    allowanceMs,
  }: Pick<Facts, 'pair' | 'hosts' | 'by' | 'brokers' | 'nowMs' | 'allowanceMs'>,
): Broken[] {
  const { probe, failover, vantages } = pair;
  const sinceMs = nowMs - (3 * probe.everyMs + 6 * probe.timeoutMs) - allowanceMs();
  // Whoever follows another configuration has no say; for a moment after a change it may still be believed.
  const agrees = (host?: Host) => host?.mode === (by?.mode ?? null) || (host?.reconfiguredAtMs ?? 0) >= sinceMs;
  const names = vantageNames(pair).filter((name) => agrees(hosts.get(name)));
  const needed =
    failover.quorum === 'majority' ? Math.max(2, Math.floor(Math.max(1, vantages.length) / 2) + 1) : failover.quorum;
  // Whoever says nothing any more is believed for as long as evidence is fresh, and no longer.
  const speaks = (name: string) => name === by?.vantage || (hosts.get(name)?.spokeAtMs ?? 0) >= sinceMs;
  const accusers = names.filter((name) => speaks(name) && brokers.wasDark(name, from, sinceMs, nowMs));
  if (accusers.length >= needed) return [];
  return [
    { invariant: 'no-failover-by-accident', detail: `${accusers.length} of ${needed} vantages could see ${from} down` },
  ];
}

/**
 * A failover that nobody asked for shuts applications out of a side that serves, as every vantage could see for longer than
 * evidence may be old. After the point of no return it is to be shut, whatever it looks like.
 */
export function fencesHealthySide(
  { operation }: PairRecord,
  site: string,
  { pair, brokers, nowMs, allowanceMs }: Pick<Facts, 'pair' | 'brokers' | 'nowMs' | 'allowanceMs'>,
): Broken[] {
  if (operation?.phase !== 'claimed' || operation.from !== site || operation.startedBy.kind !== 'automatic') return [];
  const { recheckMs, timeoutMs } = pair.probe;
  const { fenceBudgetMs } = pair.failover;
  // The evidence, a probe that was under way, and what comes between the question and the act: work beside the loop, and limits to read.
  const sinceMs = nowMs - (recheckMs + 2 * timeoutMs + 1_000 + 2 * fenceBudgetMs) - allowanceMs();
  if (vantageNames(pair).some((name) => brokers.wasDark(name, site, sinceMs, nowMs))) return [];
  return [{ invariant: 'no-fence-on-a-healthy-side', detail: `${site} was seen to serve by everybody` }];
}

/** Nobody could say any more that the active side is down: it was well when it was left. */
export function againstEvidence(
  from: string,
  { pair, brokers, nowMs, allowanceMs }: Pick<Facts, 'pair' | 'brokers' | 'nowMs' | 'allowanceMs'>,
): Broken[] {
  const { recheckMs, timeoutMs, everyMs } = pair.probe;
  const sinceMs = nowMs - (everyMs + recheckMs + 4 * timeoutMs) - allowanceMs();
  if (vantageNames(pair).some((name) => brokers.wasDark(name, from, sinceMs, nowMs))) return [];
  return [{ invariant: 'active-side-was-back', detail: `${from} was seen to serve by everybody` }];
}
