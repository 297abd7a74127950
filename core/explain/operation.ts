import type { CommitVerdict } from '../model/decision.ts';
import type { Operation, StepName } from '../model/operation.ts';
import type { FailoverRequest } from '../model/record.ts';
import type { Situation } from '../model/situation.ts';
import { guardSentence } from './guard.ts';
import { list, span } from './words.ts';

/** Where an operation stands, in one sentence. */
export function operationSentence(operation: Operation): string {
  const { from, to, phase, outcome, startedBy } = operation;
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

/** ` (detect 0.7 s, decide 0.0 s, act 0.1 s)`: from the first failure seen to traffic moved. */
function times({ timeline }: Operation): string {
  const { firstFailureAtMs, decidedAtMs, claimedAtMs, flippedAtMs } = timeline;
  if (flippedAtMs === null) return '';
  const detect = firstFailureAtMs === null ? '' : `detect ${span(decidedAtMs - firstFailureAtMs)}, `;
  return ` (${detect}decide ${span(claimedAtMs - decidedAtMs)}, act ${span(flippedAtMs - claimedAtMs)})`;
}

function fencedWords({ fenced, from }: Operation): string {
  if (fenced === 'fenced') return `${from} is fenced.`;
  return `${from} is unfenced: clients that reach it directly may still use it.`;
}

/** What a step did, or what went wrong with it. */
export function stepSentence(operation: Operation, step: StepName, detail: string, target?: string): string {
  const { to } = operation;
  const title = titleOf(operation);
  const failed = detail ? `: ${detail}` : '';
  switch (step) {
    case 'commit':
      return `${title} passed its point of no return: ${to} is where traffic should be.`;
    case 'flip':
      return `${target}: ${failed ? `could not be moved to ${to}${failed}` : `traffic goes to ${to}`}.`;
    case 'verify':
      return verifySentence(failed === '', detail);
    case 'report':
      return `${title} is reported.`;
  }
}

export function verifySentence(proven: boolean, detail: string): string {
  return `${proven ? 'Verified' : 'Not verified yet'}${detail ? `: ${detail}` : ''}.`;
}

/** Why a person's request came to nothing. */
export function refusedSentence({ from, to, who }: FailoverRequest, against: string[]): string {
  return `The failover from ${from} to ${to} that ${who} asked for is refused: ${against.join(' ')}`;
}

/** Why an operation that was claimed in another mode is given up. */
export function abandonedSentence(operation: Operation, mode: string): string {
  return `${titleOf(operation)} was aborted before its point of no return: the mode is ${mode} now.`;
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
