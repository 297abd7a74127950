import { evaluateGuards } from '../decide/guards.ts';
import { guardSentence, unheardSentence } from '../explain/guard.ts';
import { healthSentence } from '../explain/health.ts';
import { type PairStatus, protectionSentence, type SiteStatus, type Unprotected } from '../explain/status.ts';
import type { FleetPolicy, Pair } from '../model/config.ts';
import type { DecisionRow } from '../model/decision.ts';
import type { Observation, OtherVantage } from '../model/observation.ts';
import { newPairRecord } from '../model/record.ts';
import { abstention, activeSide, otherSite, type Situation, votesNeeded } from '../model/situation.ts';
import type { Clock, HealthTransition, Store, VisibleTarget } from './ports.ts';

/** What a status is read from. `killSwitch`: whether the switch is on, as far as the reader can tell. */
export interface StatusSource {
  pair: Pair;
  fleet: FleetPolicy;
  store: Store;
  targets: VisibleTarget[];
  clock: Clock;
  killSwitch: boolean;
}

const transitionsMax = 500;

/** A situation put together from the store and the targets, with the decision that its observations come from. */
export interface StoredSituation {
  situation: Situation;
  decision: DecisionRow | null;
  /** When any vantage was last known to be alive; null: never. */
  lastTickAtMs: number | null;
}

/** What a service would decide from, as far as it can be known from outside. Changes nothing. @throws StoreUnavailable */
export async function readSituation({ pair, fleet, store, targets, clock }: StatusSource): Promise<StoredSituation> {
  const nowMs = clock.nowMs();
  const [readings, record, { slots, pause }, [decision = null], observations] = await Promise.all([
    Promise.all(targets.map((target) => target.read())),
    store.readPair(pair.name),
    store.readFleet(),
    store.listDecisions(pair.name, { fromMs: 0, toMs: nowMs, limit: 1 }),
    store.listObservations(pair.name),
  ]);
  const vantage = decision?.vantage ?? '';
  const situation: Situation = {
    pair,
    fleet,
    vantage,
    record: record ?? newPairRecord(pair.name),
    storeProblem: null,
    readings,
    health: Object.fromEntries((decision?.health ?? []).map((health) => [health.site, health])),
    doubt: null,
    slots,
    fleetPause: pause,
    others: othersOf(pair, vantage, observations, nowMs),
    configHash: observations.find((observation) => observation.vantage === vantage)?.configHash ?? '',
    fences: Object.fromEntries((decision?.fences ?? []).map((reading) => [reading.site, reading])),
    nowMs,
  };
  // A lasting observation is an alarm's: nobody watches because of it.
  const watching = observations.filter(({ lasting }) => lasting !== true);
  const lastTickAtMs = Math.max(decision?.toMs ?? 0, ...watching.map(({ atMs }) => atMs)) || null;
  return { situation, decision, lastTickAtMs };
}

/** From outside only the wall clock can say how fresh they are: good enough for people, and for nothing else. */
function othersOf(pair: Pair, vantage: string, observations: Observation[], nowMs: number): OtherVantage[] {
  const others = pair.vantages.filter(({ name }) => name !== vantage);
  return others.map(({ name }) => {
    const observation = observations.find((each) => each.vantage === name) ?? null;
    if (!observation) return { vantage: name, standing: 'absent', observation };
    const fresh = observation.lasting === true || nowMs - observation.atMs <= quietLimitMs(pair);
    return { vantage: name, standing: fresh ? 'fresh' : 'stale', observation };
  });
}

/**
 * Where a pair stands, read anew from the store and the targets; changes nothing. Works beside a running service and
 * without one. @throws StoreUnavailable
 */
export async function readStatus(source: StatusSource): Promise<PairStatus> {
  const { pair, store } = source;
  const stored = await readSituation(source);
  const { situation, decision, lastTickAtMs } = stored;
  const { nowMs, readings, record } = situation;
  const transitions = await store.listTransitions(pair.name, { fromMs: 0, toMs: nowMs, limit: transitionsMax });
  return {
    pair: pair.name,
    atMs: nowMs,
    mode: pair.failover.mode,
    active: activeSide(readings),
    readings,
    record,
    sites: [pair.primary, pair.standby].map((site) => siteStatus(situation, site, transitions)),
    decision,
    lastTickAtMs,
    protection: protectionOf(stored, source.killSwitch),
  };
}

function siteStatus({ pair, health }: Situation, site: string, transitions: HealthTransition[]): SiteStatus {
  const role = site === pair.primary ? 'primary' : 'standby';
  const known = health[site];
  if (!known) return { site, role, state: 'unknown', sinceMs: null, sentence: `${site} has not been seen yet.` };
  const newest = transitions.find((transition) => transition.site === site);
  const sinceMs = newest?.to === known.state ? newest.atMs : null;
  return { site, role, state: known.state, sinceMs, sentence: healthSentence(known) };
}

/** Nothing recorded for this long: nobody is watching, or what they see cannot be stored. */
export function quietLimitMs({ probe }: Pair): number {
  return Math.max(15_000, 3 * probe.everyMs);
}

function protectionOf({ situation, decision, lastTickAtMs }: StoredSituation, killSwitch: boolean) {
  const { pair, record } = situation;
  const active = activeSide(situation.readings);
  const against = guardsAgainst(situation, active, decision);
  const because = unprotectedBecause(situation, lastTickAtMs, killSwitch, against);
  const sentence = protectionSentence({
    because,
    active,
    standby: otherSite(pair, active),
    record,
    mode: pair.failover.mode,
    quietForMs: situation.nowMs - (lastTickAtMs ?? 0),
    against: because === 'votes' ? [votesSentence(situation)] : against,
  });
  return { protected: because === null, because, sentence };
}

function unprotectedBecause(
  situation: Situation,
  lastTickAtMs: number | null,
  killSwitch: boolean,
  against: string[],
): Unprotected | null {
  const { pair, record, nowMs, readings } = situation;
  if (lastTickAtMs === null) return 'never-watched';
  if (nowMs - lastTickAtMs > quietLimitMs(pair)) return 'not-watched-now';
  if (record.operation !== null) return 'operation';
  if (activeSide(readings) !== record.desired) return 'targets';
  if (killSwitch) return 'kill-switch';
  if (pair.failover.mode !== 'automatic') return 'mode';
  if (votersAlive(situation).length < votesNeeded(situation).needed) return 'votes';
  return against.length > 0 ? 'guards' : null;
}

/** Vantages whose votes would count now, if they condemned a side. */
function votersAlive(situation: Situation): string[] {
  const others = situation.others.filter((other) => abstention(situation, other) === null);
  return [situation.vantage, ...others.map(({ vantage }) => vantage)];
}

function votesSentence(situation: Situation): string {
  const { needed } = votesNeeded(situation);
  return unheardSentence(situation, votersAlive(situation), needed);
}

/**
 * Sentences of the guards that would block a move now. Not asked: `quorum`, because nobody votes against a side that is
 * up. `self-trust` is taken from the decision: only the prober knows whether it trusts itself.
 */
function guardsAgainst(situation: Situation, active: string, decision: DecisionRow | null): string[] {
  if (!Object.hasOwn(situation.pair.sites, active)) return [];
  const to = otherSite(situation.pair, active);
  const doubts = decision?.decision.guards.filter(({ guard, verdict }) => guard === 'self-trust' && verdict !== 'pass');
  const failing = evaluateGuards(situation, { from: active, to, mover: 'automatic' }).filter(
    ({ guard, verdict }) => verdict !== 'pass' && guard !== 'quorum' && guard !== 'self-trust',
  );
  const sentences = failing.map(({ guard, verdict }) => guardSentence(guard, verdict, situation, to));
  return [...(doubts ?? []).map(({ sentence }) => sentence), ...sentences];
}
