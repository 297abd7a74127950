import type { Pair } from '../../core/model/config.ts';
import type { Operation } from '../../core/model/operation.ts';
import { type FailureClass, failureClasses } from '../../core/model/probe.ts';
import type { PairRecord } from '../../core/model/record.ts';
import type { Brokers } from './brokers.ts';
import { fleetPaused, thePair } from './checkMove.ts';
import type { Broken } from './checkRecord.ts';

import type { FleetFacts } from './outside.ts';
import type { PauseLedger } from './pauses.ts';
import type { Host, Process, Standstill } from './process.ts';

import { checkDestination } from './readiness.ts';

interface Facts {
  pair: Pair;
  hosts: ReadonlyMap<string, Host>;
  brokers: Brokers;
  fleet: FleetFacts;
  /** What people paused of this pair: itself, and its sites. */
  pauses: PauseLedger;
  nowMs: number;
  allowanceMs(): number;
  /** The writer's last one before it asked for the write. */
  standstill: Standstill | null;
}

/** Promises 2 and 3, at the claim of a move that nobody asked for. @param by null: a person wrote */
export function checkClaim(before: PairRecord, after: PairRecord, by: Process | null, facts: Facts): Broken[] {
  const { operation } = after;
  if (!by || operation?.startedBy.kind !== 'automatic' || operation.id === before.operation?.id) return [];
  const { vantage } = by;
  return [
    ...checkDestination(before, { to: operation.to, vantage, isClaim: true }, facts),
    ...fleetPaused(facts),
    ...paused(operation, facts),
    ...blind(vantage, facts),
    ...sawNothing(vantage, operation.from, facts),
    ...heldUp(by, facts),
  ].map(({ invariant, detail }) => ({ invariant, detail: `at the claim: ${detail}` }));
}

function paused({ from, to }: Operation, { pauses }: Facts): Broken[] {
  const held = [thePair, from, to].filter((what) => pauses.sinceMs(what) !== null);
  return held.map((what) => ({ invariant: 'not-paused', detail: `${what} is paused, or in maintenance` }));
}

/** Everything that would say that this prober can see is dark, for longer than it takes to notice. */
export function blind(
  vantage: string,
  { pair, hosts, brokers, nowMs, allowanceMs }: Pick<Facts, 'pair' | 'hosts' | 'brokers' | 'nowMs' | 'allowanceMs'>,
): Broken[] {
  const { everyMs, recheckMs, timeoutMs } = pair.probe;
  const darkSinceMs = hosts.get(vantage)?.darkSinceMs ?? null;
  const noticedMs = everyMs + recheckMs + timeoutMs + allowanceMs();
  const broken: Broken[] = [];
  if (pair.reference.length > 0 && nowMs - (darkSinceMs ?? nowMs) > noticedMs)
    broken.push({
      invariant: 'self-trust',
      detail: `${vantage} sees no reference for ${nowMs - (darkSinceMs ?? nowMs)} ms`,
    });
  const silentMs = Object.keys(pair.sites).map((site) => nowMs - (brokers.silentSinceMs(vantage, site) ?? nowMs));
  if (Math.min(...silentMs) > recheckMs + 2 * timeoutMs + 1_000 + allowanceMs())
    broken.push({ invariant: 'self-trust', detail: `both sides say nothing to ${vantage}` });
  return broken;
}

/** Clocks and schedules are compared with such a limit. */
const heldUpLimitMs = 2_000;
/** A claim need not be so soon after its evidence that a shorter standstill could be told from a slow store. */
const standstillLimitMs = 12_000;
/** A turn that was under way may end. */
const turnMs = 100;

/** What it saw until the references came in sight again says nothing, but for what a broker said itself. */
function sawNothing(vantage: string, from: string, { pair, brokers, hosts, nowMs, allowanceMs }: Facts): Broken[] {
  const { everyMs, recheckMs, timeoutMs } = pair.probe;
  const { forMs, endedAtMs } = hosts.get(vantage)?.lastDark ?? { forMs: 0, endedAtMs: 0 };
  const isNoticed = pair.reference.length > 0 && forMs > everyMs + recheckMs + timeoutMs + allowanceMs();
  if (!isNoticed || nowMs - endedAtMs >= freshAfterMs(pair)) return [];
  const told = brokers.faultsSeenBy(vantage, from).filter(({ class: name }) => isSaidByBrokers(name));
  if (told.some(({ toMs }) => toMs >= endedAtMs)) return [];
  return [{ invariant: 'self-trust', detail: `${vantage} saw no reference until ${nowMs - endedAtMs} ms ago` }];
}

const isSaidByBrokers = (name: FailureClass) => failureClasses[name].weight === 'votes-later';

/** Evidence takes at least this long to be gathered anew. */
const freshAfterMs = ({ probe: { fall, recheckMs } }: Pair) => (fall - 1) * 0.9 * Math.ceil(recheckMs / 3);

/** What was seen before the clock jumped, or the process stood still, says nothing. */
function heldUp(by: Process, { pair, hosts, nowMs, allowanceMs, standstill }: Facts): Broken[] {
  const jump = hosts.get(by.vantage)?.lastJump;
  const { forMs, endedAtMs } = standstill ?? { forMs: 0, endedAtMs: 0 };
  // Who stands still notices once it goes on.
  const stoodThen = jump && jump.atMs >= endedAtMs - forMs && jump.atMs <= endedAtMs;
  const noticedAtMs = stoodThen ? endedAtMs : (jump?.atMs ?? 0);
  const jumpedAgoMs = jump && Math.abs(jump.byMs) > heldUpLimitMs ? nowMs - noticedAtMs : Number.POSITIVE_INFINITY;
  const broken: Broken[] = [];
  if (jumpedAgoMs > turnMs + allowanceMs() && jumpedAgoMs < freshAfterMs(pair))
    broken.push({ invariant: 'self-trust', detail: `the clock of ${by.vantage} jumped ${jumpedAgoMs} ms ago` });
  if (forMs > standstillLimitMs && nowMs - endedAtMs < freshAfterMs(pair))
    broken.push({ invariant: 'self-trust', detail: `${by.holder} stood still for ${forMs} ms until just now` });
  return broken;
}
