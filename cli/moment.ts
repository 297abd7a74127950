import { duration } from '../core/model/duration.ts';
import { CommandError, exitCodes } from './failure.ts';

/** Local time of day: `14:03:22`. */
export function timeOfDay(ms: number): string {
  const date = new Date(ms);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join(':');
}

/** Local date and time: `2026-11-22 14:03:22`. */
export function dateAndTime(ms: number): string {
  const date = new Date(ms);
  const day = [date.getFullYear(), twoDigits(date.getMonth() + 1), twoDigits(date.getDate())].join('-');
  return `${day} ${timeOfDay(ms)}`;
}

const twoDigits = (value: number) => String(value).padStart(2, '0');

const dayMs = 86_400_000;

/**
 * A moment in the past as people write it: `14:03` or `14:03:22` (the last time it was that late), `10m` (ago),
 * `2026-11-22 14:03` (local time), or ISO 8601. @throws CommandError
 */
export function parseMoment(text: string, nowMs: number): number {
  const ago = duration.safeParse(text);
  if (ago.success) return nowMs - ago.data;
  if (/^\d{1,2}:\d{2}(:\d{2})?$/.test(text)) {
    const [hours = 0, minutes = 0, seconds = 0] = text.split(':').map(Number);
    const today = new Date(nowMs).setHours(hours, minutes, seconds, 0);
    if (hours < 24 && minutes < 60 && seconds < 60) return today > nowMs ? today - dayMs : today;
  } else {
    // A date alone would be read as midnight in London.
    const parsed = Date.parse(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00` : text);
    if (/^\d{4}-/.test(text) && !Number.isNaN(parsed)) return parsed;
  }
  const expected = 'expected 14:03, 14:03:22, 10m (ago), or 2026-11-22 14:03';
  throw new CommandError(`"${text}" is not a moment: ${expected}.`, exitCodes.badInput);
}
