import * as z from 'zod';
import type {
  Answer,
  HealthSlice,
  OperationAccepted,
  OperationState,
  Rehearsal,
} from '../../core/flow/control/control.ts';
import type { HealthTransition } from '../../core/flow/ports.ts';
import { type Act, actVerbs } from '../../core/model/act.ts';
import { healthStates } from '../../core/model/health.ts';
import { type Problem, problemKinds } from '../shared/problem.ts';
import { operationSchema, siteSurvey, verb } from './answersOfOperation.ts';
import { atMs, drillSchema, guardResult, sentence } from './answersOfRecord.ts';

export { operationSchema } from './answersOfOperation.ts';
/**
 * What is answered: the values of the core as they are. Only for the OpenAPI document and its tests; the types hold the two
 * together.
 */
export { decisionRow, pairStatus } from './answersOfPair.ts';

export const readiness = z
  .object({ pair: z.string(), atMs, protected: z.boolean(), because: z.string().nullable(), sentence })
  .meta({ id: 'Readiness' });

export const healthSlice = z
  .object({
    site: z.string(),
    fromMs: atMs,
    toMs: atMs,
    shares: z
      .partialRecord(z.enum(healthStates), z.number())
      .describe('share of the slice, 0 to 1, in each state; what is missing is 0'),
  })
  .meta({ id: 'HealthSlice' }) satisfies z.ZodType<HealthSlice>;

export const transition = z
  .object({
    pair: z.string(),
    vantage: z.string(),
    site: z.string(),
    atMs,
    from: z.enum(healthStates).nullable(),
    to: z.enum(healthStates),
    sentence,
  })
  .meta({ id: 'Transition' }) satisfies z.ZodType<HealthTransition>;

export const act = z
  .object({
    id: z.string(),
    pair: z.string().describe('empty: every pair'),
    atMs,
    verb: z.enum(actVerbs),
    who: z.string().describe('a person, or the name of the token that was presented'),
    via: z.enum(['cli', 'api', 'alarm']),
    from: z.string().describe('the host or the address it came from'),
    reason: z.string(),
    details: z.record(z.string(), z.unknown()),
    outcome: z.enum(['begun', 'done', 'refused']).describe('begun: the process died before the outcome was known'),
    sentence,
    answer: z.unknown(),
    fingerprint: z.string(),
  })
  .meta({ id: 'Act' }) satisfies z.ZodType<Act>;

export const operationState = z
  .discriminatedUnion('state', [
    z.object({ state: z.literal('waiting'), notBeforeMs: atMs, sentence }),
    z.object({ state: z.enum(['under-way', 'ended']), operation: operationSchema, sentence }),
    z.object({ state: z.literal('drill'), drill: drillSchema, sentence }),
  ])
  .meta({ id: 'OperationState' }) satisfies z.ZodType<OperationState>;

export const accepted = z
  .object({ id: z.string(), verb, from: z.string(), to: z.string(), notBeforeMs: atMs })
  .meta({ id: 'OperationAccepted' }) satisfies z.ZodType<OperationAccepted>;

export const rehearsal = z
  .object({
    verb,
    from: z.string(),
    to: z.string(),
    allowed: z.boolean(),
    guards: z.array(guardResult.extend({ overridden: z.boolean() })),
    steps: z.array(z.string()),
    surveys: z.array(siteSurvey),
  })
  .meta({ id: 'Rehearsal' }) satisfies z.ZodType<Rehearsal>;

export const answer = z
  .object({ changed: z.boolean().describe('false: there was nothing to change, or it was a dry run'), sentence })
  .meta({ id: 'Answer' }) satisfies z.ZodType<Answer>;

export const apiHealth = z.object({ status: z.literal('ok') }).meta({ id: 'ApiHealth' });

const problemTypes = Object.keys(problemKinds).map((name) => `urn:warren:problem:${name}`);

/** RFC 9457. */
export const problem = z
  .object({
    type: z.string().meta({ examples: problemTypes }),
    title: z.string(),
    status: z.int(),
    detail: sentence,
    instance: z.string().exactOptional().describe('names the request in the log of Warren'),
    errors: z.array(z.object({ path: z.string(), value: z.string(), expected: z.string() })).exactOptional(),
    allowed: z.array(z.string()).exactOptional().describe('what would be accepted instead'),
  })
  .meta({ id: 'Problem' }) satisfies z.ZodType<Problem>;

/** A page of a history, newest first. */
export function pageOf<T extends z.ZodType>(items: T) {
  return z.object({ items: z.array(items), nextCursor: z.string().nullable().describe('null: this is the last page') });
}
