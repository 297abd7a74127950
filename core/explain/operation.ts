import type { CommitVerdict } from '../model/decision.ts';
import type { Operation, SiteSurvey, StepName } from '../model/operation.ts';
import type { OperationRequest } from '../model/record.ts';
import type { Situation } from '../model/situation.ts';
import { guardSentence } from './guard.ts';
import { list, plural, span } from './words.ts';

/** Where an operation stands, in one sentence. */
export function operationSentence(operation: Operation): string {
  const { from, to, phase, outcome, startedBy, verb } = operation;
  // A drill is told as a whole; its two moves have reports of their own.
  if (verb === 'drill') return outcome;
  const title = titleOf(operation);
  switch (phase) {
    case 'claimed':
      return `${title} from ${from} to ${to} is claimed${forWhom(operation)}: ${startedBy.reason}.`;
    case 'committed':
      return `${title} passed its point of no return: traffic goes to ${to}.`;
    case 'stalled':
      return `${title} is stalled: ${outcome}. The lock stays until a person acts.`;
    case 'aborted':
      return outcome;
    case 'finished':
      return `${title} is done: ${outcome}${times(operation)}. ${fencedWords(operation)}`;
  }
}

/** ` for alice, overriding quorum`; nothing for an operation that began by itself. */
function forWhom({ startedBy, overrides }: Operation): string {
  if (startedBy.kind === 'automatic') return '';
  return ` for ${startedBy.who}${overrides.length > 0 ? `, overriding ${list(overrides)}` : ''}`;
}

const titleOf = ({ verb, epoch }: Operation) => `${verb.charAt(0).toUpperCase()}${verb.slice(1)} ${epoch}`;

/** ` (detect 0.7 s, decide 0.0 s, act 0.1 s, converge 0.1 s)`: from the first failure seen to proof from outside. */
function times({ timeline, steps }: Operation): string {
  const { firstFailureAtMs, decidedAtMs, claimedAtMs, flippedAtMs } = timeline;
  if (flippedAtMs === null) return '';
  const detect = firstFailureAtMs === null ? '' : `detect ${span(decidedAtMs - firstFailureAtMs)}, `;
  const provenAtMs = steps.find(({ name, status }) => name === 'verify' && status === 'done')?.endedAtMs ?? null;
  const converge = provenAtMs === null ? '' : `, converge ${span(provenAtMs - flippedAtMs)}`;
  return ` (${detect}decide ${span(claimedAtMs - decidedAtMs)}, act ${span(flippedAtMs - claimedAtMs)}${converge})`;
}

function fencedWords({ fenced, from }: Operation): string {
  if (fenced === 'fenced') return `${from} is fenced.`;
  return `${from} is unfenced: clients that reach it directly may still use it.`;
}

/** What a step did, or what went wrong with it. The other steps have sentences of their own. */
export function stepSentence(
  operation: Operation,
  step: Extract<StepName, 'commit' | 'flip'>,
  detail: string,
  target?: string,
): string {
  const { to } = operation;
  const title = titleOf(operation);
  // Many a target begins what it complains of with its own name.
  const failed = detail ? `: ${detail.startsWith(`${target}: `) ? detail.slice(`${target}: `.length) : detail}` : '';
  switch (step) {
    case 'commit':
      return `${title} passed its point of no return: ${to} is where traffic should be.`;
    case 'flip':
      return `${target}: ${failed ? `could not be moved to ${to}${failed}` : `traffic goes to ${to}`}.`;
  }
}

export function verifySentence(proven: boolean, detail: string): string {
  return `${proven ? 'Verified' : 'Not verified yet'}${detail ? `: ${detail}` : ''}.`;
}

/** A failover goes on although the old side could not be fenced. */
export function unfencedSentence(site: string, detail: string): string {
  return `${site} could not be fenced (${detail}): applications that reach it directly may still use it. This is tried again.`;
}

/** What the hook said; `before`: the one that may refuse. */
export function hookSentence(
  which: 'before' | 'after',
  answer: 'proceed' | 'refuse' | 'silent',
  detail: string,
): string {
  const words = detail === '' ? '' : ` (${detail})`;
  if (answer === 'silent') return `The hook ${which} the move did not answer${words}.`;
  return `The hook ${which} the move ${answer === 'proceed' ? 'has no objection' : 'refuses'}${words}.`;
}

/** What was counted on both sides after a move, the old one first. */
export function surveySentence({ from }: Pick<Operation, 'from'>, surveys: SiteSurvey[]): string {
  const counts = surveys.map(({ site, connections }) =>
    connections === null ? `an unknown number on ${site}` : `${connections} on ${site}`,
  );
  const left = surveys.find(({ site }) => site === from)?.messages ?? null;
  const messages = left === null ? 'how many messages are left is not known' : `${plural(left, 'message')} left there`;
  return `Connections of applications: ${list(counts)}; on ${from} ${messages}.`;
}

/** A request whose time passed without anything coming of it. */
export function withdrawnSentence({ verb, from, to, who }: OperationRequest): string {
  return `The ${verb} from ${from} to ${to} that ${who} asked for is withdrawn: nothing came of it in time.`;
}

/** A person called an operation off. */
export function cancelledSentence(operation: Operation, by: { who: string; reason: string }): string {
  return abortedSentence(operation, `${by.who} called it off: ${by.reason}.`);
}

/** An operation ended before its point of no return, for a reason that is a sentence or its end. */
export function abortedSentence(operation: Operation, because: string): string {
  return `${titleOf(operation)} was aborted before its point of no return: ${because}`;
}

/** A planned move is committed, and its targets cannot be written: applications are let in where they still go. */
export function openedAgainSentence({ from, to }: Operation): string {
  return `No target could be moved to ${to}, so ${from} is opened again until one can.`;
}

/** Something else had to be done before the time of a request came. */
export function overtakenSentence({ verb, from, to, who }: OperationRequest, by: Operation): string {
  return `The ${verb} from ${from} to ${to} that ${who} asked for gave way to ${by.verb} ${by.epoch}: ${by.startedBy.reason}.`;
}

/** A stalled operation gave way to another one. */
export function supersededSentence(stalled: Operation, by: Operation): string {
  return `${titleOf(stalled)} was stalled (${stalled.outcome}) and gave way to ${by.verb} ${by.epoch}, for ${by.startedBy.who}.`;
}

/** Why a person's request came to nothing. */
export function refusedSentence({ verb, from, to, who }: OperationRequest, against: string[]): string {
  return `The ${verb} from ${from} to ${to} that ${who} asked for is refused: ${against.join(' ')}`;
}

/** Why an operation ended before its point of no return. */
export function abortSentence(operation: Operation, verdict: CommitVerdict, situation: Situation): string {
  const { from, to } = operation;
  const title = `${titleOf(operation)} was aborted before its point of no return`;
  if (verdict.answer === 'abort' && verdict.because === 'active-side-is-back') return `${title}: ${from} serves again.`;
  if (verdict.answer === 'abort' && verdict.because === 'traffic-already-moved')
    return `${title}: the targets already send traffic to ${to}.`;
  const against = verdict.guards
    .filter((guard) => guard.verdict !== 'pass')
    .map((guard) => guardSentence(guard.guard, guard.verdict, situation, to));
  return `${title}: ${against.join(' ') || 'the evidence did not become clear in time.'}`;
}
