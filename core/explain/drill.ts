import type { Operation } from '../model/operation.ts';
import type { Drill } from '../model/record.ts';
import { cutOffMs } from './report.ts';
import { moment, span } from './words.ts';

/** Where a drill stands. */
export function drillSentence({ home, away, phase, holdUntilMs, who, cutShort, operations }: Drill): string {
  switch (phase) {
    case 'there':
      return `Drill for ${who}: traffic goes from ${home} to ${away}, and comes back.`;
    case 'holding':
      if (operations.length > 1)
        return `Drill for ${who}: the way back to ${home} is tried again at ${moment(holdUntilMs ?? 0)}.`;
      return `Drill for ${who}: traffic stays on ${away} until ${moment(holdUntilMs ?? 0)}, then goes back to ${home}.`;
    case 'back':
      return `Drill for ${who}: traffic goes back to ${home}${cutShort === '' ? '' : ` early: ${cutShort}`}.`;
  }
}

/** What a drill came to, with the times that were measured. */
export function drillReport(drill: Drill, legs: Operation[], home: boolean): string {
  const { away, cutShort, reason, who } = drill;
  const [there, ...ways] = legs;
  const back = ways.at(-1);
  const title = `The drill of ${who} (${reason})`;
  if (there?.phase !== 'finished') return `${title} did not happen: ${there?.outcome ?? 'it was called off.'}`;
  const early = cutShort === '' ? '' : `; cut short: ${cutShort}`;
  if (back?.phase === 'finished' && home) return `${title} is done: ${legWords(there)}; ${legWords(back)}${early}.`;
  const why = back ? ` ${back.outcome}` : '';
  const where = home ? drill.home : away;
  return `${title} did not end as planned: ${legWords(there)}${early}, and traffic is on ${where} now.${why}`;
}

function legWords(leg: Operation): string {
  const { from, to, timeline } = leg;
  const tookMs = (timeline.flippedAtMs ?? timeline.claimedAtMs) - timeline.claimedAtMs;
  const cut = cutOffMs(leg);
  return `${from} to ${to} in ${span(tookMs)}${cut === null ? '' : ` (applications shut out for ${span(cut)})`}`;
}
