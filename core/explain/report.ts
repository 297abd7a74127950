import type { Operation, SiteSurvey, Step } from '../model/operation.ts';
import { operationSentence } from './operation.ts';
import { list, moment, plural, span } from './words.ts';

/** The one sentence that a channel sees when an operation ended. */
export function reportSentence(operation: Operation): string {
  const stranded = strandedWords(operation);
  return `${operationSentence(operation)}${stranded === '' ? '' : ` ${stranded}`}`;
}

/** For how long applications were shut out of the old side before the new one took them; null: they were not. */
export function cutOffMs({ steps, timeline }: Operation): number | null {
  const fence = steps.find(({ name }) => name === 'fence');
  if (fence?.status !== 'done' || fence.startedAtMs === null || timeline.flippedAtMs === null) return null;
  return Math.max(0, timeline.flippedAtMs - fence.startedAtMs);
}

/** Messages that are known to be left on the old side. */
function strandedWords(operation: Operation): string {
  const last = lastSurvey(operation, operation.from);
  if (!last) return '';
  if (last.messages === null) return `How many messages are left on ${last.site} is not known.`;
  if (last.messages === 0) return `No message is left on ${last.site}.`;
  const queues = last.queues.map(({ name, messages }) => `${name} ${messages}`);
  return `${plural(last.messages, 'message')} ${last.messages === 1 ? 'is' : 'are'} stranded on ${last.site} (${list(queues)}).`;
}

const lastSurvey = ({ surveys }: Operation, site: string): SiteSurvey | undefined =>
  surveys.findLast((survey) => survey.site === site);

/** The whole report as text that can be pasted into an incident channel. */
export function reportText(operation: Operation): string {
  const { id, epoch, startedBy, timeline, overrides, guards, steps } = operation;
  const overridden = overrides.length === 0 ? [] : [`Overridden: ${list(overrides)}`];
  return [
    reportSentence(operation),
    `Operation ${id}, epoch ${epoch}; started by ${startedBy.who} (${startedBy.kind}): ${startedBy.reason}`,
    ...overridden,
    ...timesOf(timeline),
    'Guards:',
    ...guards.map(({ guard, verdict, sentence }) => `  ${verdict.padEnd(8)}${guard}: ${sentence}`),
    'Steps:',
    ...steps.map(stepLine),
    ...clientLines(operation),
  ].join('\n');
}

function timesOf({ firstFailureAtMs, claimedAtMs, endedAtMs }: Operation['timeline']): string[] {
  const failed = firstFailureAtMs === null ? [] : [`First failure seen ${moment(firstFailureAtMs)}`];
  const ended = endedAtMs === null ? [] : [`ended ${moment(endedAtMs)}`];
  return [[...failed, `claimed ${moment(claimedAtMs)}`, ...ended].join(', ')];
}

function stepLine({ name, target, status, attempts, startedAtMs, endedAtMs, detail }: Step): string {
  const took = startedAtMs !== null && endedAtMs !== null ? ` in ${span(endedAtMs - startedAtMs)}` : '';
  const tries = attempts > 1 ? `, ${attempts} attempts` : '';
  const what = target === undefined ? name : `${name} ${target}`;
  return `  ${what}: ${status}${took}${tries}${detail === '' ? '' : ` (${detail})`}`;
}

function clientLines(operation: Operation): string[] {
  if (operation.surveys.length === 0) return [];
  const counts = operation.surveys.map(
    ({ site, atMs, connections }) => `${site} ${connections ?? 'unknown'} at ${moment(atMs)}`,
  );
  return [`Connections of applications: ${counts.join(', ')}`];
}
