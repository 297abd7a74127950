import * as z from 'zod';
import { guardNames } from '../../core/model/decision.ts';
import { exactMoment, moment, span } from './moment.ts';

/** What is asked for: validates requests, and is published in docs/openapi.json. */

const name = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'expected lower-case letters, digits and hyphens');

/** Of a path: what does not have this form does not exist. */
export const parameters = {
  pair: name.describe('the name of a pair, as configured'),
  site: name.describe('the name of a site, as configured'),
  id: z
    .string()
    .regex(/^[\w:.-]{1,128}$/)
    .describe('the id of an operation'),
} as const;
export type ParameterName = keyof typeof parameters;

const range = {
  from: moment.optional().describe('the beginning; a duration such as 7d: that long ago'),
  to: moment.optional().describe('the end; now where nothing is said'),
};

const wholeNumber = 'expected a whole number from 1 to 500';

export const pageQuery = z.strictObject({
  ...range,
  limit: z.coerce
    .number({ error: wholeNumber })
    .int(wholeNumber)
    .min(1, wholeNumber)
    .max(500, wholeNumber)
    .default(50)
    .describe('how many items a page has at most'),
  cursor: z.string().min(1).max(512).optional().describe('nextCursor of the page before; opaque'),
});

export const healthQuery = z.strictObject({
  ...range,
  resolution: span
    .optional()
    .describe('the length of a slice; where nothing is said, a hundredth of the range, and at least 1m'),
});

const reason = z
  .string()
  .max(500)
  .describe('why, in your own words, for those who read the history; not empty')
  .meta({ examples: ['planned maintenance of beijing, change 4711'] });
const dryRun = z.boolean().default(false).describe('say what would be done, and change nothing');

/** What every change carries. */
export const whyBody = z.strictObject({ reason, dryRun });

/** Of a route that takes nothing in its address. */
export const noQuery = z.strictObject({});

/** DELETE may carry it in the address, because not every client and proxy lets a body pass. */
export const whyQuery = z.strictObject({
  reason: reason.optional(),
  dryRun: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .optional()
    .describe('say what would be done, and change nothing'),
});

export const operationBody = z.strictObject({
  verb: z
    .enum(['failover', 'switchover', 'drill'])
    .describe('the active side is lost; both sides are well; there and back again, as an exercise'),
  reason,
  dryRun,
  overrides: z
    .array(z.string().max(64))
    .max(guardNames.length)
    .default([])
    .describe(`guards of a failover that are overridden (scope admin): ${guardNames.join(', ')}`),
  at: moment.optional().describe('a switchover or a drill: not before this; a duration: in that long'),
  to: name.optional().describe('the destination; the other side where nothing is said'),
  hold: span.optional().describe('a drill: how long it stays on the other side, such as 10m'),
});

export const ackBody = z.strictObject({
  reason,
  dryRun,
  drift: z
    .enum(['adopt', 'restore'])
    .optional()
    .describe('answers a foreign edit of a target: keep it, or undo it; where nothing is said, the latch is released'),
});

const oneEnd = 'expected exactly one of for and until';
export const pauseBody = z
  .strictObject({
    reason,
    dryRun,
    for: span.optional().describe('how long, such as 2h; either this or until'),
    until: exactMoment.optional().describe('ISO 8601 with a time zone; either this or for'),
  })
  .refine((body) => (body.for === undefined) !== (body.until === undefined), { path: ['for'], error: oneEnd });

export const idempotencyKey = z
  .string()
  .regex(/^[\x21-\x7e]{1,200}$/, 'expected 1 to 200 visible ASCII characters')
  .describe('the same key with the same request is answered as it was the first time, for a day');
