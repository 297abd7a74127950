import type { GuardName, GuardResult } from '../model/decision.ts';
import { isRefusing } from '../model/fence.ts';
import {
  abstention,
  activeSide,
  type Doubt,
  otherSite,
  type Situation,
  slotsTaken,
  votesAgainst,
  votesNeeded,
} from '../model/situation.ts';
import { unfenceable } from './fence.ts';
import { healthSentence, unreadiness } from './health.ts';
import { latchedSince } from './latch.ts';
import { pauseSentence } from './pause.ts';
import { list, moment, plural, span } from './words.ts';

export const doubtSentences: Record<Doubt, string> = {
  'both-sides-dark': 'this prober sees neither side, so the fault may be its own',
  'references-dark': 'this prober sees none of its references, so the fault may be its own network',
  'clock-jumped': 'the clock of this host jumped',
  'schedule-late': 'this prober was held up and its last observations are not comparable',
};

/** One sentence for what a guard says, in the same words everywhere. */
export function guardSentence(
  guard: GuardName,
  verdict: GuardResult['verdict'],
  situation: Situation,
  to: string,
): string {
  return sentences[guard](situation, verdict, to);
}

type Words = (situation: Situation, verdict: GuardResult['verdict'], to: string) => string;

const sentences: Record<GuardName, Words> = {
  'self-trust': ({ doubt }) =>
    doubt ? `${capital(doubtSentences[doubt])}.` : 'This prober has no reason to doubt itself.',
  quorum: (situation, verdict, to) => {
    const { needed, configured } = votesNeeded(situation);
    if (configured < needed)
      return `One observer alone moves traffic only with an explicit \`quorum: 1\`; ${needed} votes are needed.`;
    return quorumSentence(situation, verdict, needed, otherSite(situation.pair, to));
  },
  'no-operation': ({ record }) =>
    record.operation ? `Operation ${record.operation.epoch} is under way.` : 'No operation is under way.',
  'not-latched': ({ record, pair }) =>
    record.latch
      ? `Latched since ${latchedSince(record.latch)} (${record.latch.reason}): \`warren ack ${pair.name}\` allows the next automatic move.`
      : 'Not latched.',
  'not-paused': ({ record, fleetPause }) => {
    if (fleetPause) return `All pairs: ${pauseSentence(null, fleetPause)}`;
    return record.pause ? pauseSentence(null, record.pause) : 'Not paused.';
  },
  'not-in-maintenance': ({ record }) => {
    const sites = Object.entries(record.maintenance).map(([site, pause]) => pauseSentence(site, pause));
    return sites.length > 0 ? sites.join(' ') : 'No site is in maintenance.';
  },
  cooldown: ({ record, nowMs }, verdict) =>
    verdict === 'pass' ? 'No cooldown.' : `Cooling down until ${moment(record.cooldownUntilMs ?? nowMs)}.`,
  'fleet-breaker': (situation) => {
    const { fleet } = situation;
    return `${slotsTaken(situation)} of ${plural(fleet.maxFailovers, 'automatic failover')} used in the last ${span(fleet.windowMs)}.`;
  },
  'targets-agree': ({ readings }, verdict) =>
    verdict === 'pass' ? 'The targets agree.' : `The targets do not agree on one site (${activeSide(readings)}).`,
  'active-serves': (situation, _, to) => {
    const health = situation.health[otherSite(situation.pair, to)];
    return health ? healthSentence(health) : 'The active side has not been seen yet.';
  },
  'standby-ready': (situation, verdict, to) =>
    verdict === 'pass' ? `${to} is ready.` : `${to} is not ready: ${notReady(situation, to)}.`,
  'fence-ready': (situation, verdict, to) => fencing(situation, verdict, otherSite(situation.pair, to)),
  lag: () => 'Not configured: how many messages would be left behind is unknown (RPO unknown).',
};

function quorumSentence(situation: Situation, verdict: GuardResult['verdict'], needed: number, from: string): string {
  const votes = votesAgainst(situation, from);
  const silent = situation.others.flatMap((other) => {
    const reason = abstention(situation, other);
    return reason === null ? [] : [`${other.vantage} ${reason}`];
  });
  const abstain = silent.length === 0 ? '' : ` ${list(silent)}.`;
  const who = votes.length === 0 ? 'No vantage says' : `${list(votes)} ${votes.length === 1 ? 'says' : 'say'}`;
  const near = verdict !== 'pass' && votes.length >= needed ? ' All of them are near that side.' : '';
  return `${who} that ${from} is down; ${plural(needed, 'vote')} needed.${near}${abstain}`;
}

/** Too few vantages are heard of for any move to be agreed on. */
export function unheardSentence(situation: Situation, alive: string[], needed: number): string {
  if (votesNeeded(situation).configured < needed)
    return `One observer alone moves traffic only with an explicit \`quorum: 1\`; ${needed} votes are needed.`;
  const silent = situation.others.flatMap((other) => {
    const reason = abstention(situation, other);
    return reason === null ? [] : [`${other.vantage} ${reason}`];
  });
  return `${plural(needed, 'vote')} needed, and only ${list(alive)} would count: ${list(silent)}.`;
}

/** Health first: for a person's move the fence is no obstacle, since the move lifts it. */
function notReady({ record, fences, health, pair }: Situation, to: string): string {
  const own = record.fences[to];
  const { rise } = pair.probe;
  const ready = health[to]?.nodes.every(({ state, passes }) => state === 'passing' && passes >= rise) ?? false;
  const reasons = ready ? [] : [unreadiness(health[to], rise)];
  const reading = fences[to];
  if (own && own.state !== 'released') {
    const until = own.untilMs === null || own.state === 'releasing' ? '' : ` until ${moment(own.untilMs)}`;
    const cure = own.state === 'releasing' ? 'is being lifted' : `\`warren ack ${pair.name}\` lifts that`;
    const what = own.state === 'wanted' ? 'to be fenced' : 'fenced';
    reasons.push(`it is ${what} since operation ${own.epoch}${until} (${cure})`);
  } else if (!own && reading && isRefusing(reading))
    reasons.push(
      'some of its fenced users may not connect, and no fence of Warren is recorded: lift their limits by hand',
    );
  return reasons.join('; ');
}

function fencing({ pair, fences }: Situation, verdict: GuardResult['verdict'], from: string): string {
  const { fenceUsers = [] } = pair.sites[from] ?? {};
  const reading = fences[from];
  if (fenceUsers.length === 0) {
    const missing = `No fence is configured for ${from} (\`fenceUsers\`, \`operatorCredentials\`)`;
    return verdict === 'pass' ? `${missing}; a failover goes on without.` : `${missing}.`;
  }
  if (!reading) return `Whether ${from} can be fenced is not known yet.`;
  const problem = unfenceable(reading);
  if (problem === '') return `${from} can be fenced.`;
  return `${from} cannot be fenced now: ${problem}.${verdict === 'pass' ? ' A failover goes on without.' : ''}`;
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
