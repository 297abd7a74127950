import type { Decision, GuardResult, Judgement, Withheld } from '../model/decision.ts';
import { activeSide, deviatingReadings, otherSite, type Situation } from '../model/situation.ts';
import { doubtSentences, guardSentence } from './guard.ts';
import { healthReason, healthSentence, unreadiness } from './health.ts';
import { latchedSince } from './latch.ts';
import { list } from './words.ts';

/** Puts a judgement into words: one plain sentence for the decision, one for each guard. */
export function explainDecision(judgement: Judgement, situation: Situation): Decision {
  const { from, to } = judgement;
  const guards: GuardResult[] = judgement.guards.map(({ guard, verdict }) => ({
    guard,
    verdict,
    sentence: guardSentence(guard, verdict, situation, to ?? situation.pair.standby),
  }));
  return { ...judgement, guards, sentence: sentenceOf(judgement.reason, { situation, from, to, guards }) };
}

interface Facts {
  situation: Situation;
  from: string | null;
  to: string | null;
  guards: GuardResult[];
}

function sentenceOf(reason: string, facts: Facts): string {
  if (reason.startsWith('blocked-')) return blocked(facts);
  const words = sentences[reason];
  if (!words) throw new Error(`the reason ${reason} has no sentence`);
  return words(facts);
}

/** Why a decision that calls for an act is not carried out. */
export function withheldSentence(withheld: Withheld, pair: string): string {
  return withheldSentences[withheld](pair);
}

const withheldSentences: Record<Withheld, (pair: string) => string> = {
  'observe-mode': () => '(Mode is observe: this is what Warren would do; nothing is done.)',
  'approval-needed': (pair) => `(Mode is approve: \`warren approve ${pair}\` lets it happen.)`,
  'kill-switch': () => '(The kill switch is on: nothing is done.)',
};

/** True when every decision with this reason can be put into words. */
export function hasSentence(reason: string): boolean {
  return reason.startsWith('blocked-') || Object.hasOwn(sentences, reason);
}

function blocked({ situation, from, guards }: Facts): string {
  const against = guards.filter(({ verdict }) => verdict !== 'pass').map(({ sentence }) => sentence);
  return `${healthOf(situation, from)} Traffic stays where it is. ${against.join(' ')}`;
}

const sentences: Record<string, (facts: Facts) => string> = {
  'store-unavailable': ({ situation }) => `No store, no act: nothing is moved. ${situation.storeProblem}`,
  'operation-stalled': ({ situation: { record, pair } }) =>
    `Operation ${record.operation?.epoch} is stalled: ${record.operation?.outcome || 'a step used up its attempts'}. ` +
    `\`warren retry ${pair.name}\` tries again; \`warren failover ${pair.name}\` takes its place.`,
  'operation-under-way': ({ situation: { record } }) =>
    `Operation ${record.operation?.epoch} is under way: ${record.operation?.from} to ${record.operation?.to}.`,
  'targets-unreadable': ({ situation }) =>
    `Where traffic goes is unknown, so nothing is moved: ${list(unreadable(situation))}.`,
  'adopt-by-person': ({ from, situation }) =>
    `${situation.record.driftAnswer?.who} adopted ${from} as the side that traffic should be on.`,
  'marker-unread': ({ situation }) =>
    `Nothing is recorded yet, and whether there was something cannot be told: ${list(unreadMarkers(situation))}. Nothing is ` +
    'adopted and nothing is moved until it can.',
  'store-lost': ({ situation: { record, pair }, from }) =>
    `What was decided for ${pair.name} is not in the store, and there was an epoch ${record.epoch}: it was lost or replaced. The targets send ` +
    `traffic to ${from}, and that is adopted. Nothing moves by itself until \`warren ack ${pair.name}\`.`,
  'first-look': ({ from }) => `Nothing is recorded yet: the targets send traffic to ${from}, and that is adopted.`,
  'first-look-split': ({ situation }) =>
    `Nothing is recorded yet, and the targets do not agree on one site (${activeSide(situation.readings)}): ` +
    'nothing is moved until they do.',
  'repair-paused': (facts) => `${deviation(facts)} The pair is paused, so this is not repaired.`,
  'repair-onto-dead-side': (facts) =>
    `${deviation(facts)} ${healthOf(facts.situation, facts.situation.record.desired)} So this is not repaired: ` +
    `\`warren ack ${facts.situation.pair.name} --adopt\` accepts where traffic is.`,
  'repair-waits-for-evidence': (facts) =>
    `${deviation(facts)} ${healthOf(facts.situation, facts.situation.record.desired)} It is set back once that side is seen to serve.`,
  'target-restarted': (facts) =>
    `${deviation(facts)} It was restarted since Warren last wrote to it, so it is set back to ${facts.situation.record.desired}.`,
  'restore-by-person': ({ situation: { record } }) =>
    `${record.driftAnswer?.who} restores ${record.desired} as the side that traffic goes to.`,
  'foreign-edit': (facts) => `${deviation(facts)} Someone else changed it. ${driftAnswers(facts.situation)}`,
  'supersede-refused': (facts) => `${requested(facts)} A guard forbids it: it is refused.`,
  'supersede-waits': (facts) => `${requested(facts)} It waits for evidence.`,
  superseding: (facts) => `${requested(facts)} It takes the place of the stalled operation.`,
  'request-refused': (facts) => `${requested(facts)} A guard forbids it: it is refused.`,
  'request-waits': (facts) => `${requested(facts)} It waits for evidence.`,
  requested: (facts) => `${requested(facts)} Traffic moves to ${facts.to}.`,
  'prober-distrusts-itself': ({ situation, from }) =>
    `${healthOf(situation, from)} Nothing is moved: ${doubtSentences[situation.doubt ?? 'both-sides-dark']}.`,
  // Only in mode automatic does it follow that it is done.
  'active-down': ({ situation, from, to }) =>
    `${healthOf(situation, from)} Traffic ${situation.pair.failover.mode === 'automatic' ? 'moves' : 'would move'} to ${to}.`,
  'active-suspect': ({ situation, from }) => `${healthOf(situation, from)} Not down yet: nothing is moved.`,
  'active-unknown': ({ situation, from }) => `${healthOf(situation, from)} What cannot be judged moves nothing.`,
  'active-degraded': ({ situation, from }) => `${healthOf(situation, from)} It still serves: nothing is moved.`,
  latched: ({ situation, from, to }) => latched(situation, from, to),
  'standby-not-up': ({ situation, from, to }) =>
    `${from} is up. ${to} could not take over now: ${standbyProblem(situation, to)}.`,
  'all-well': ({ situation: { pair }, from }) =>
    `Both sides are up; traffic is on ${from}${from === pair.primary ? '' : ' (the configured standby)'}.`,
};

function healthOf(situation: Situation, site: string | null): string {
  const health = site === null ? undefined : situation.health[site];
  return health ? healthSentence(health) : 'The active side is not known.';
}

function unreadable({ readings }: Situation): string[] {
  return readings.flatMap((reading) => (reading.status === 'unreadable' ? `${reading.target}: ${reading.detail}` : []));
}

function deviation({ situation }: Facts): string {
  const { desired } = situation.record;
  const deviating = deviatingReadings(situation).flatMap((reading) =>
    reading.status === 'read' ? `${reading.target} sends traffic to ${whereTo(reading.active)}` : [],
  );
  return `${list(deviating)}, but ${desired} was decided.`;
}

/** What points to one site can be adopted; anything else can only be undone. */
function driftAnswers({ pair, readings, record }: Situation): string {
  const ack = `warren ack ${pair.name}`;
  if (Object.hasOwn(pair.sites, activeSide(readings)))
    return `Nothing is moved until \`${ack} --adopt\` or \`--restore\`.`;
  return `Nothing is moved until \`${ack} --restore\` sets it back to ${record.desired}.`;
}

function requested({ situation: { record }, from, to }: Facts): string {
  return `${record.request?.who} asked for a ${record.request?.verb} from ${from} to ${to}: ${record.request?.reason}.`;
}

const whereTo = (active: string) => (active === 'split' ? 'both sites' : active === 'none' ? 'no site' : active);

function latched(situation: Situation, from: string | null, to: string | null): string {
  const { record, pair } = situation;
  if (record.latch?.because === 'unfenced')
    return (
      `Traffic stays on ${from}: failover ${record.latch.epoch} was given up because ${record.latch.reason}. ` +
      `\`warren ack ${pair.name}\` allows the next automatic move.`
    );
  if (record.latch?.because === 'store-lost')
    return (
      `Traffic stays on ${from} since ${latchedSince(record.latch)}: ${record.latch.reason}, nor which limits Warren had set to 0. ` +
      `\`warren ack ${pair.name}\` allows the next automatic move.`
    );
  const other = otherSite(pair, from ?? pair.primary);
  const back =
    situation.health[other]?.state === 'up' ? ` ${other} is up again, but traffic never goes back by itself.` : '';
  // A later operation, a person's, may have moved traffic since; the latch is released by a person's `ack` alone.
  const isSince = record.epoch === record.latch?.epoch;
  const stays = isSince ? ` since failover ${record.latch?.epoch}` : '';
  const unseen = isSince ? '' : ` Failover ${record.latch?.epoch} was not acknowledged yet.`;
  return (
    `Traffic stays on ${from}${stays}.${back}${unseen} ` +
    `\`warren ack ${pair.name}\` allows the next automatic move (to ${to}, if ${from} goes down).`
  );
}

function unreadMarkers({ readings }: Situation): string[] {
  return readings.flatMap((reading) =>
    reading.status === 'read' && reading.markerUnread !== undefined
      ? [`${reading.target}: ${reading.markerUnread}`]
      : [],
  );
}

function standbyProblem(situation: Situation, to: string | null): string {
  const health = to === null ? undefined : situation.health[to];
  return (health && healthReason(health)) || unreadiness(health, situation.pair.probe.rise);
}
