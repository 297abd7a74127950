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
  const today = timeToday(text, nowMs);
  if (today !== null) return today > nowMs ? today - dayMs : today;
  return dateOf(text) ?? refuse(text, '14:03, 14:03:22, 10m (ago), or 2026-11-22 14:03');
}

/**
 * A moment in the future as people write it: `14:03` (the next time it is that late), `+10m` (from now), `2026-11-22 14:03`
 * (local time), or ISO 8601 such as `2026-11-22T14:03Z`. A date in the past is returned as it is. @throws CommandError
 */
export function parseFutureMoment(text: string, nowMs: number): number {
  const ahead = duration.safeParse(text.startsWith('+') ? text.slice(1) : '');
  if (ahead.success) return nowMs + ahead.data;
  const today = timeToday(text, nowMs);
  if (today !== null) return today > nowMs ? today : today + dayMs;
  return dateOf(text) ?? refuse(text, '14:03, +10m, 2026-11-22 14:03 (local time), or 2026-11-22T14:03Z');
}

/** A local time of this day; null: the text is none. */
function timeToday(text: string, nowMs: number): number | null {
  if (!/^\d{1,2}:\d{2}(:\d{2})?$/.test(text)) return null;
  const [hours = 0, minutes = 0, seconds = 0] = text.split(':').map(Number);
  if (hours > 23 || minutes > 59 || seconds > 59) return null;
  return new Date(nowMs).setHours(hours, minutes, seconds, 0);
}

function dateOf(text: string): number | undefined {
  // A date alone would be read as midnight in London.
  const parsed = Date.parse(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00` : text);
  return /^\d{4}-/.test(text) && !Number.isNaN(parsed) ? parsed : undefined;
}

function refuse(text: string, expected: string): never {
  throw new CommandError(`"${text}" is not a moment: expected ${expected}.`, exitCodes.badInput);
}
