import { type GuardName, type GuardVerdict, guardNames } from '../model/decision.ts';
import type { SiteHealth } from '../model/health.ts';
import { activeSide, healthOf, type Situation, slotsTaken, votesNeeded } from '../model/situation.ts';

type Verdict = GuardVerdict['verdict'];

/** Would a move of traffic from one site to the other be allowed? Every guard answers, whatever the others say. */
export function evaluateGuards(situation: Situation, from: string, to: string): GuardVerdict[] {
  return guardNames.map((guard) => ({ guard, verdict: guards[guard](situation, from, to) }));
}

/** What holds back only what happens by itself. */
const forAutomaticOnly: readonly GuardName[] = ['not-latched', 'not-paused', 'cooldown', 'fleet-breaker'];

/** The guards that a person's failover has to pass: those that hold for everybody, less those that are overridden. */
export function guardsForPerson(guards: GuardVerdict[], overrides: readonly GuardName[]): GuardVerdict[] {
  return guards.filter(({ guard }) => !forAutomaticOnly.includes(guard) && !overrides.includes(guard));
}

const passIf = (condition: boolean): Verdict => (condition ? 'pass' : 'fail');

const guards: Record<GuardName, (situation: Situation, from: string, to: string) => Verdict> = {
  'standby-ready': ({ health, pair }, _from, to) => readiness(health[to], pair.probe.rise),
  quorum: (situation, from) => quorum(situation, from),
  'self-trust': ({ doubt }) => passIf(doubt === null),
  'no-operation': ({ record }) => passIf(record.operation === null),
  'not-latched': ({ record }) => passIf(record.latch === null),
  cooldown: ({ record, nowMs }) => passIf((record.cooldownUntilMs ?? 0) <= nowMs),
  'fleet-breaker': (situation) => passIf(slotsTaken(situation) < situation.fleet.maxFailovers),
  'not-paused': ({ record }) => passIf(record.pause === null),
  'not-in-maintenance': ({ record }, from, to) => passIf([from, to].every((site) => !record.maintenance[site])),
  // No source of lag can be configured yet, and a limit without a source is refused by the configuration.
  lag: () => 'pass',
  'targets-agree': (situation) => passIf(Object.hasOwn(situation.pair.sites, activeSide(situation.readings))),
};

/** The stricter profile of a destination: every node passes without a finding, and has for `rise` probes in a row. */
function readiness(health: SiteHealth | undefined, rise: number): Verdict {
  if (!health || health.nodes.length === 0) return 'unknown';
  const wrong = health.nodes.filter(({ state }) => state !== 'passing' && state !== 'unseen');
  if (wrong.length > 0) return 'fail';
  return health.nodes.every(({ state, passes }) => state === 'passing' && passes >= rise) ? 'pass' : 'unknown';
}

function quorum(situation: Situation, from: string): Verdict {
  const own = healthOf(situation, from) === 'down' ? 1 : 0;
  return passIf(own >= votesNeeded(situation).needed);
}
