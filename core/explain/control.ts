import { guardNames } from '../model/decision.ts';
import { formatDuration } from '../model/duration.ts';
import type { Operation, SiteSurvey } from '../model/operation.ts';
import type { Drill, OperationRequest, Pause } from '../model/record.ts';
import { drillSentence } from './drill.ts';
import { operationSentence } from './operation.ts';
import { pauseSentence } from './pause.ts';
import { trafficSentence } from './status.ts';
import { list, moment, plural } from './words.ts';

/** Why what a person asked for cannot be done, and what can. */
export const refusalWords = {
  killSwitch: () => 'The kill switch is on: nothing is moved until it is off.',
  unknownPair: (name: string, known: string[]) =>
    `There is no pair "${name}". The configuration has: ${known.join(', ')}.`,
  unknownSite: (pair: string, site: string, known: string[]) => `${pair} has no site "${site}", only ${list(known)}.`,
  unknownOperation: (id: string) => `No operation "${id}" is asked for, under way or in the history.`,
  unknownGuard: (name: string) => `There is no guard "${name}". There are: ${guardNames.join(', ')}.`,
  emptyReason: () => 'The reason is empty: say why, for those who read the history.',
  longReason: (charactersMax: number) => `The reason is too long: at most ${charactersMax} characters.`,
  badUntil: (longestMs: number) => `It must end later than now, and at most ${formatDuration(longestMs)} from now.`,
  badStart: (longestMs: number) => `It must begin later than now, and at most ${formatDuration(longestMs)} from now.`,
  badHold: (longestMs: number) => `A drill can hold for 1s to ${formatDuration(longestMs)}.`,
  badRange: () => 'The range must begin before it ends.',
  badSlices: (leastMs: number, slicesMax: number) =>
    `A slice must last at least ${formatDuration(leastMs)}, and the range can have at most ${slicesMax} of them.`,
  badCursor: () => 'The cursor is none that an earlier page gave: begin without one.',
  badKey: (charactersMax: number) => `An idempotency key has 1 to ${charactersMax} characters.`,
  keyReused: (key: string) => `The idempotency key "${key}" was used for something else: take a new one.`,
  failoverAt: () => 'A failover is for now: only a switchover or a drill can be asked for ahead of time.',
  holdOfMove: (verb: string) => `A ${verb} holds nothing: only a drill has a length.`,
  overrides: (verb: string) =>
    `No guard of a ${verb} can be overridden: \`failover\` is for a side that is lost, and its guards can be.`,
  alreadyActive: (site: string) => `Traffic is on ${site} already.`,
  notRecorded: (pair: string) => `Nothing is recorded about ${pair} yet: has \`warren run\` been started?`,
  notDecided: (pair: string) => `Nothing is decided about ${pair} yet.`,
  notWatched: (pair: string) =>
    `Nothing watches ${pair} now: \`warren run\` does the move. Without it, see docs/runbook.md.`,
  underWay: (operation: Operation) => operationSentence(operation),
  stalled: (operation: Operation) =>
    `${operationSentence(operation)} \`warren retry ${operation.pair}\` lets it try again, ` +
    `\`warren failover ${operation.pair}\` takes its place.`,
  drillIsOn: (drill: Drill) => `${drillSentence(drill)} \`warren cancel ${drill.id}\` ends it.`,
  requestWaits: (request: OperationRequest) =>
    `${requestSentence(request)} \`warren cancel ${request.id}\` calls it off.`,
  targetsDeviate: (pair: string, active: string, desired: string | null) =>
    `${trafficSentence(active, desired)} That must be answered first (\`warren ack ${pair}\`).`,
  noFence: (sites: string[], verb: string) =>
    `No fence, no ${verb}: clients of ${list(sites)} could go on using it. ` +
    `Configure ${list(sites.map((site) => `sites.${site}.fenceUsers and operatorCredentials`))}.`,
  outsideWindow: (windows: string[]) => `A drill of this pair may begin only within ${list(windows)} (UTC).`,
  waitForEnd: ({ epoch, pair, phase }: Operation) =>
    `Operation ${epoch} of ${pair} is ${phase}: ` +
    (phase === 'stalled' ? `\`warren retry ${pair}\` lets it try again.` : 'wait until it is over.'),
  targetsUnread: () => 'A target cannot be read, so whether it deviates is unknown.',
  asDecided: (active: string) => `The targets do not deviate: they send traffic to ${active}, as decided.`,
  nothingToAdopt: (active: string) =>
    `The targets do not agree on one site (${active}), so there is nothing to adopt; to restore is possible.`,
  mode: (pair: string, mode: string) => `The mode of ${pair} is ${mode}: nothing waits for an approval.`,
  nobodyAsks: (pair: string) => `Nothing watches ${pair} now, so nothing waits for an approval.`,
  nothingWaits: (latest: string) => `Nothing waits for an approval. The latest decision: ${latest}`,
  nothingStalled: (pair: string) => `No operation of ${pair} is stalled.`,
  tooLate: (operation: Operation) =>
    `${operationSentence(operation)} It cannot be called off any more; when it is over, traffic can be moved again.`,
  hasEnded: (id: string, outcome: string) => `${id} is over, so there is nothing to call off: ${outcome}`,
  drillReturns: ({ id, home }: Drill) => `The drill ${id} is on its way back to ${home} already.`,
  drillTurns: ({ id }: Drill) => `The drill ${id} is between two of its steps right now: try again in a moment.`,
  changedMeanwhile: (subject: string) =>
    `The record of ${subject} changed each time it was to be written. Nothing was done; try again.`,
} as const;

/** What is said of a change that was made, or, in a dry run, that would be. */
export type Tense = 'done' | 'would';

const tensed = (tense: Tense, done: string, would: string) =>
  tense === 'done' ? done : `Dry run, nothing was changed: ${would}`;

/** What is answered to a person who changed something. */
export const answerWords = {
  acknowledged: (tense: Tense, pair: string, released: boolean, lifted: string[], dropped: string[]) => {
    const move = released ? `${pair} may move by itself again, once fresh evidence is gathered.` : '';
    const fences = [
      ...lifted.map((site) => `The fence of ${site} is lifted by the running service: applications may connect again.`),
      ...dropped.map((site) => `${site} is not to be fenced any more; no limit was ever written there.`),
    ];
    const words = [move, ...fences].filter((word) => word !== '').join(' ');
    return tensed(tense, `Acknowledged: ${words}`, `this would be acknowledged: ${words}`);
  },
  nothingToAcknowledge: (pair: string, fenceStays: boolean) =>
    `There is nothing to acknowledge: ${pair} is not latched and not cooling down.` +
    (fenceStays ? ' A fence stays as long as it is not clear which side is active.' : ''),
  adopts: (tense: Tense, site: string) =>
    tensed(
      tense,
      `The next turn of the service takes ${site} as the side where traffic should be.`,
      `${site} would be taken as the side where traffic should be.`,
    ),
  restores: (tense: Tense, site: string) =>
    tensed(
      tense,
      `The next turn of the service sets the targets back to ${site}.`,
      `the targets would be set back to ${site}.`,
    ),
  approved: (tense: Tense, from: string, to: string) =>
    tensed(
      tense,
      `Approved: traffic moves from ${from} to ${to} in the next turn, if every guard still passes.`,
      `the move from ${from} to ${to} would be approved.`,
    ),
  retries: (tense: Tense, { epoch, pair }: Operation) =>
    tensed(
      tense,
      `Operation ${epoch} of ${pair} tries again as soon as the service takes it over.`,
      `operation ${epoch} of ${pair} would try again.`,
    ),
  paused: (tense: Tense, subject: string | null, site: string | null, pause: Pause) => {
    const sentence = `${subject === null ? 'All pairs: ' : ''}${pauseSentence(site, pause)}`;
    return tensed(tense, sentence, `this would be so: ${sentence}`);
  },
  resumed: (tense: Tense, pair: string | null) => {
    const who = pair ?? 'every pair';
    const own = pair === null ? ' A pair that has a pause of its own stays paused.' : '';
    return tensed(
      tense,
      `${pair ?? 'Every pair'} is resumed, once fresh evidence is gathered.${own}`,
      `${who} would be resumed.`,
    );
  },
  notPaused: (pair: string | null) =>
    pair === null
      ? 'There is no pause of all pairs; `warren status` shows those of single ones.'
      : `${pair} is not paused.`,
  maintained: (tense: Tense, site: string) =>
    tensed(
      tense,
      `The maintenance of ${site} is over; fresh evidence is gathered.`,
      `the maintenance of ${site} would be over.`,
    ),
  notMaintained: (site: string) => `${site} is not in maintenance.`,
  calledOff: (tense: Tense, { verb, from, to }: OperationRequest) =>
    tensed(
      tense,
      `The ${verb} from ${from} to ${to} is called off: nothing was moved.`,
      `the ${verb} from ${from} to ${to} would be called off before anything is moved.`,
    ),
  drillCalledOff: (tense: Tense, { id }: Drill) =>
    tensed(
      tense,
      `The drill ${id} is called off: nothing was moved.`,
      `the drill ${id} would be called off before anything is moved.`,
    ),
  aborts: (tense: Tense, { verb, epoch, pair }: Operation) =>
    tensed(
      tense,
      `The running service aborts ${verb} ${epoch} of ${pair}, unless it passes its point of no return first.`,
      `the running service would abort ${verb} ${epoch} of ${pair}, unless it passes its point of no return first.`,
    ),
  abortsAlready: ({ verb, epoch, pair }: Operation) => `${verb} ${epoch} of ${pair} is called off already.`,
  holdEnds: (tense: Tense, { home }: Drill) =>
    tensed(
      tense,
      `The hold of the drill ends now: traffic goes back to ${home}.`,
      `the hold of the drill would end now, and traffic would go back to ${home}.`,
    ),
  holdEndsAlready: ({ home }: Drill) => `The hold of the drill ends already: traffic goes back to ${home}.`,
} as const;

/** What the history says of what a person called off, or of what another request took the place of. */
export const endedWords = {
  calledOff: (what: { verb: string; from: string; to: string; who: string }, by: { who: string; reason: string }) =>
    `${didNotHappen(what)}: ${by.who} called it off: ${by.reason}.`,
  replaced: (
    what: { verb: string; from: string; to: string; who: string },
    by: { verb: string; who: string; reason: string },
  ) => `${didNotHappen(what)}: a ${by.verb} that ${by.who} asked for took its place: ${by.reason}.`,
  holdEnded: (by: { who: string; reason: string }) => `${by.who} ended the hold: ${by.reason}`,
} as const;

function didNotHappen({ verb, from, to, who }: { verb: string; from: string; to: string; who: string }): string {
  return `The ${verb} from ${from} to ${to} that ${who} asked for did not happen`;
}

/** What is asked for and has not begun. */
export function requestSentence({ verb, from, to, who, reason, notBeforeMs }: OperationRequest): string {
  return `${who} asked for a ${verb} from ${from} to ${to}, not before ${moment(notBeforeMs)}: ${reason}.`;
}

/** What was asked for now, as the audit keeps it. */
export function acceptedSentence(
  { id, verb, from, to, notBeforeMs }: { id: string; verb: string; from: string; to: string; notBeforeMs: number },
  replaced: string | null,
): string {
  const instead = replaced === null ? '' : ` It takes the place of ${replaced}.`;
  return `A ${verb} from ${from} to ${to} is asked for as ${id}, not before ${moment(notBeforeMs)}.${instead}`;
}

/** What was counted on one side: `beijing: 3 connections of applications, 1204 messages (orders 1200, audit 4).` */
export function surveyWords({ site, connections, messages, queues }: SiteSurvey): string {
  const connected =
    connections === null ? 'how many connections is not known' : `${plural(connections, 'connection')} of applications`;
  if (messages === null) return `${site}: ${connected}, how many messages is not known.`;
  const fullest = queues.map((queue) => `${queue.name} ${queue.messages}`).join(', ');
  return `${site}: ${connected}, ${plural(messages, 'message')}${fullest === '' ? '' : ` (${fullest})`}.`;
}
