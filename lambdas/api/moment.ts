import * as z from 'zod';
import { duration } from '../../core/model/duration.ts';

/** A moment as it was asked for: absolute, or relative to now. */
export type Moment = { atMs: number } | { distanceMs: number };

/** Nothing is asked about what is farther from now, and no date overflows. */
const farthestMs = 3_650 * 86_400_000;

/** A duration that is not longer than ten years. */
export const span = duration.refine((ms) => ms <= farthestMs, 'expected a duration of at most 3650d');

const isoMoment = z.iso
  .datetime({ offset: true, error: 'expected a moment with its time zone, such as 2026-11-22T14:03:00Z' })
  .transform((text) => Date.parse(text));

const expected = 'expected a moment such as 2026-11-22T14:03:00Z, or a duration such as 30m';

/** ISO 8601 with a time zone; or a duration, counted from now. */
export const moment = z.string({ error: expected }).transform((text, context): Moment => {
  const atMs = isoMoment.safeParse(text).data;
  if (atMs !== undefined) return { atMs };
  const distanceMs = span.safeParse(text).data;
  if (distanceMs !== undefined) return { distanceMs };
  context.addIssue({ code: 'custom', message: expected });
  return z.NEVER;
});

/** ISO 8601 with a time zone, as wall-clock milliseconds. */
export const exactMoment = isoMoment;

/** `30m` is half an hour ago. */
export function past(wanted: Moment, nowMs: number): number {
  return 'atMs' in wanted ? wanted.atMs : nowMs - wanted.distanceMs;
}

/** `30m` is in half an hour. */
export function future(wanted: Moment, nowMs: number): number {
  return 'atMs' in wanted ? wanted.atMs : nowMs + wanted.distanceMs;
}
