import type { Pause } from '../model/record.ts';
import { moment } from './words.ts';

/** What a pause, or the maintenance of a site, holds back, until when and why. */
export function pauseSentence(site: string | null, { owner, reason, untilMs }: Pause): string {
  const what = site === null ? 'Paused' : `${site} is in maintenance`;
  return `${what} by ${owner} until ${moment(untilMs)}: ${reason}.`;
}

/** Its time is over, without anybody having ended it. */
export function expirySentence(site: string | null, { owner, reason }: Pause): string {
  const what =
    site === null ? 'The pause' : site === 'all pairs' ? 'The pause of all pairs' : `The maintenance of ${site}`;
  return `${what} by ${owner} is over (${reason}): automatic moves are possible again, once fresh evidence is gathered.`;
}
