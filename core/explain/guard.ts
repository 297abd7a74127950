import type { GuardName, GuardResult } from '../model/decision.ts';
import { activeSide, type Doubt, type Situation, slotsTaken, votesNeeded } from '../model/situation.ts';
import { unreadiness } from './health.ts';
import { pauseSentence } from './pause.ts';
import { moment, plural, span } from './words.ts';

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
  quorum: (situation, verdict) => {
    const { needed, configured } = votesNeeded(situation);
    if (configured < needed)
      return `One observer alone moves traffic only with an explicit \`quorum: 1\`; ${needed} votes are needed.`;
    return `${verdict === 'pass' ? 'Enough' : 'Not enough'} vantages say that the active side is down (${plural(needed, 'vote')} needed).`;
  },
  'no-operation': ({ record }) =>
    record.operation ? `Operation ${record.operation.epoch} is under way.` : 'No operation is under way.',
  'not-latched': ({ record, pair }) =>
    record.latch
      ? `Latched since failover ${record.latch.epoch}: \`warren ack ${pair.name}\` allows the next automatic move.`
      : 'Not latched.',
  'not-paused': ({ record }) => (record.pause ? pauseSentence(null, record.pause) : 'Not paused.'),
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
  'standby-ready': ({ health, pair }, verdict, to) =>
    verdict === 'pass' ? `${to} is ready.` : `${to} is not ready: ${unreadiness(health[to], pair.probe.rise)}.`,
  lag: () => 'Not configured: how many messages would be left behind is unknown (RPO unknown).',
};

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
