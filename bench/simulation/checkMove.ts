import type { Pair } from '../../core/model/config.ts';
import type { PairRecord } from '../../core/model/record.ts';
import type { Brokers } from './brokers.ts';
import type { Broken } from './checkRecord.ts';
import type { FailoverMode } from './events.ts';
import { vantageNames } from './policy.ts';
import type { FleetFacts } from './ports.ts';
import type { Host } from './process.ts';

interface Facts {
  pair: Pair;
  hosts: ReadonlyMap<string, Host>;
  fleet: FleetFacts;
  /** Whoever wrote is configured otherwise than the pair. */
  mode: FailoverMode | null;
  brokers: Brokers;
  nowMs: number;
  /** The true time; hosts have their own. */
  wallMs: number;
  allowanceMs(): number;
}

/** Promises 2 to 5, at the point of no return of a move that nobody asked for. */
export function checkMove(before: PairRecord, after: PairRecord, facts: Facts): Broken[] {
  const { operation } = after;
  if (operation?.phase !== 'committed' || before.operation?.phase !== 'claimed') return [];
  if (operation.startedBy.kind !== 'automatic') return [];
  const { from, to } = operation;
  return [
    ...held(before, from, to),
    ...coolingDown(before, facts),
    ...fleetPaused(facts),
    ...withoutMandate(facts),
    ...intoTrouble(to, facts),
    ...withoutVotes(from, facts),
    ...againstEvidence(from, facts),
  ];
}

function held({ latch, pause, maintenance }: PairRecord, from: string, to: string): Broken[] {
  const broken: Broken[] = [];
  if (latch) broken.push({ invariant: 'no-automatic-failback', detail: `moved to ${to} although latched` });
  if (pause) broken.push({ invariant: 'not-paused', detail: `moved to ${to} although paused` });
  for (const site of [from, to])
    if (maintenance[site]) broken.push({ invariant: 'not-in-maintenance', detail: `${site} is in maintenance` });
  return broken;
}

/** Not even by the clock that is most ahead is the cooldown over. */
function coolingDown({ cooldownUntilMs }: PairRecord, { hosts, wallMs }: Facts): Broken[] {
  const latestMs = wallMs + Math.max(...[...hosts.values()].map(({ wallOffsetMs }) => wallOffsetMs));
  if ((cooldownUntilMs ?? 0) <= latestMs) return [];
  return [{ invariant: 'cooldown', detail: `moved by itself ${(cooldownUntilMs ?? 0) - latestMs} ms too early` }];
}

/** That is not in the pair's record: what was read just before may be true no more. */
const fleetReadWithinMs = 4_000;

function fleetPaused({ fleet: { pausedSinceMs }, nowMs, allowanceMs }: Facts): Broken[] {
  if (pausedSinceMs === null || nowMs - pausedSinceMs <= fleetReadWithinMs + allowanceMs()) return [];
  return [{ invariant: 'not-paused', detail: 'moved although all pairs are paused' }];
}

/** Nothing moves by itself where the configuration does not say `automatic`. */
function withoutMandate({ pair, mode }: Facts): Broken[] {
  const effective = mode ?? pair.failover.mode;
  return effective === 'automatic' ? [] : [{ invariant: 'mode', detail: `moved by itself in mode ${effective}` }];
}

/** A node of the destination has not been serving for longer than it takes to be seen. */
function intoTrouble(to: string, { pair, brokers, nowMs, allowanceMs }: Facts): Broken[] {
  const { recheckMs, timeoutMs } = pair.probe;
  const seenWithinMs = recheckMs + timeoutMs + 1_000 + allowanceMs();
  const forMs = brokers.notServingForMs(to, nowMs);
  if (forMs <= seenWithinMs) return [];
  return [{ invariant: 'never-to-a-worse-place', detail: `a node of ${to} has not been serving for ${forMs} ms` }];
}

/** Votes count for a while after they were given: twice `every`, as long as evidence is fresh. */
function withoutVotes(from: string, { pair, hosts, mode, brokers, nowMs, allowanceMs }: Facts): Broken[] {
  const { probe, failover, vantages } = pair;
  const sinceMs = nowMs - (3 * probe.everyMs + 6 * probe.timeoutMs) - allowanceMs();
  // Whoever follows another configuration has no say; for a moment after a change it may still be believed.
  const agrees = (host?: Host) => host?.mode === mode || (host?.reconfiguredAtMs ?? 0) >= sinceMs;
  const names = vantageNames(pair).filter((name) => agrees(hosts.get(name)));
  const needed =
    failover.quorum === 'majority' ? Math.max(2, Math.floor(Math.max(1, vantages.length) / 2) + 1) : failover.quorum;
  const accusers = names.filter((name) => brokers.wasDark(name, from, sinceMs, nowMs));
  if (accusers.length >= needed) return [];
  return [
    { invariant: 'no-failover-by-accident', detail: `${accusers.length} of ${needed} vantages could see ${from} down` },
  ];
}

/** Nobody could say any more that the active side is down: it was well when it was left. */
function againstEvidence(from: string, { pair, brokers, nowMs, allowanceMs }: Facts): Broken[] {
  const { recheckMs, timeoutMs, everyMs } = pair.probe;
  const sinceMs = nowMs - (everyMs + recheckMs + 4 * timeoutMs) - allowanceMs();
  if (vantageNames(pair).some((name) => brokers.wasDark(name, from, sinceMs, nowMs))) return [];
  return [{ invariant: 'active-side-was-back', detail: `${from} was seen to serve by everybody` }];
}
