import { type GuardName, type GuardVerdict, guardNames, type Mover } from '../model/decision.ts';
import { isFenceable, isRefusing } from '../model/fence.ts';
import type { SiteHealth } from '../model/health.ts';
import { activeSide, healthOf, type Situation, slotsTaken, votesAgainst, votesNeeded } from '../model/situation.ts';

type Verdict = GuardVerdict['verdict'];

/** A move of traffic that is being thought of. */
export interface Move {
  from: string;
  to: string;
  mover: Mover;
  /** A fence of ours at the destination was lifted by the move itself, as far as it needs that; by default not yet. */
  isLifted?: boolean;
}

/** Would this move be allowed? Every guard that concerns it answers, whatever the others say. */
export function evaluateGuards(situation: Situation, move: Move): GuardVerdict[] {
  return guardsOf(move.mover).map((guard) => ({ guard, verdict: guards[guard](situation, move) }));
}

/** The guards that are left when a person overrides these. */
export function withoutOverrides(guards: GuardVerdict[], overrides: readonly GuardName[]): GuardVerdict[] {
  return guards.filter(({ guard }) => !overrides.includes(guard));
}

/** What holds back only what happens by itself. */
const forAutomaticOnly: readonly GuardName[] = ['not-latched', 'not-paused', 'cooldown', 'fleet-breaker'];

/** A failover leaves a side that is lost, which must be agreed on; a planned move leaves one that serves. */
const notAsked: Record<Mover, readonly GuardName[]> = {
  automatic: ['active-serves'],
  failover: ['active-serves', ...forAutomaticOnly],
  switchover: ['quorum', ...forAutomaticOnly],
  drill: ['quorum', 'not-latched', 'cooldown', 'fleet-breaker'],
};

/** The guards that concern such a move. */
export function guardsOf(mover: Mover): GuardName[] {
  return guardNames.filter((guard) => !notAsked[mover].includes(guard));
}

const passIf = (condition: boolean): Verdict => (condition ? 'pass' : 'fail');
const isPlanned = (mover: Mover) => mover === 'switchover' || mover === 'drill';

const guards: Record<GuardName, (situation: Situation, move: Move) => Verdict> = {
  'active-serves': (situation, { from }) => serves(situation, from),
  'standby-ready': readiness,
  'fence-ready': (situation, { from, mover }) => fenceable(situation, from, mover),
  quorum: (situation, { from }) => quorum(situation, from),
  'self-trust': ({ doubt }) => passIf(doubt === null),
  'no-operation': ({ record }) => passIf(record.operation === null),
  'not-latched': ({ record }) => passIf(record.latch === null),
  cooldown: ({ record, nowMs }) => passIf((record.cooldownUntilMs ?? 0) <= nowMs),
  'fleet-breaker': (situation) => passIf(slotsTaken(situation) < situation.fleet.maxFailovers),
  'not-paused': ({ record, fleetPause }) => passIf(record.pause === null && fleetPause === null),
  'not-in-maintenance': ({ record }, { from, to, mover }) =>
    passIf((isPlanned(mover) ? [to] : [from, to]).every((site) => !record.maintenance[site])),
  // No source of lag can be configured yet, and a limit without a source is refused by the configuration.
  lag: () => 'pass',
  'targets-agree': (situation) => passIf(Object.hasOwn(situation.pair.sites, activeSide(situation.readings))),
};

function serves(situation: Situation, site: string): Verdict {
  const state = healthOf(situation, site);
  if (state === 'down') return 'fail';
  return state === 'up' || state === 'degraded' ? 'pass' : 'unknown';
}

/** The stricter profile of a destination: every node passes without a finding, `rise` times in a row, and no fence. */
function readiness(situation: Situation, move: Move): Verdict {
  const health: SiteHealth | undefined = situation.health[move.to];
  if (isShut(situation, move)) return 'fail';
  if (!health || health.nodes.length === 0) return 'unknown';
  const wrong = health.nodes.filter(({ state }) => state !== 'passing' && state !== 'unseen');
  if (wrong.length > 0) return 'fail';
  const { rise } = situation.pair.probe;
  return health.nodes.every(({ state, passes }) => state === 'passing' && passes >= rise) ? 'pass' : 'unknown';
}

/**
 * Applications would be refused there. What a person asks for lifts a fence of our own as a step of its own; nothing lifts one
 * that is not recorded, because nobody knows the limits it replaced.
 */
function isShut({ record, fences }: Situation, { to, mover, isLifted = false }: Move): boolean {
  const own = record.fences[to];
  if (own) return (mover === 'automatic' || isLifted) && own.state !== 'released';
  const reading = fences[to];
  return reading !== undefined && isRefusing(reading);
}

/** A planned move needs the fence; a failover only where its policy says so. */
function fenceable({ pair, fences }: Situation, from: string, mover: Mover): Verdict {
  if (!isPlanned(mover) && pair.failover.unfenced === 'allow') return 'pass';
  if (!pair.sites[from]?.fenceUsers.length) return 'fail';
  const reading = fences[from];
  return reading ? passIf(isFenceable(reading)) : 'unknown';
}

/** Enough votes, and not only of vantages that share the fate of the side they condemn. */
function quorum(situation: Situation, from: string): Verdict {
  const votes = votesAgainst(situation, from);
  const isNear = (vantage: string) =>
    situation.pair.vantages.some(({ name, near }) => name === vantage && near === from);
  return passIf(votes.length >= votesNeeded(situation).needed && votes.some((vantage) => !isNear(vantage)));
}
