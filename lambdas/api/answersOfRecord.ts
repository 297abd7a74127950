import * as z from 'zod';
import { type GuardResult, guardNames } from '../../core/model/decision.ts';
import type { Drill, Fence, OperationRequest, Pause } from '../../core/model/record.ts';

/** The parts of a pair's record, as they are answered. */
export const atMs = z.number().describe('wall-clock milliseconds since 1970');
export const maybeAtMs = z.number().nullable().describe('wall-clock milliseconds since 1970');
export const sentence = z.string().describe('one plain sentence');
export const guardName = z.enum(guardNames).meta({ id: 'GuardName' });

export const guardResult = z
  .object({ guard: guardName, verdict: z.enum(['pass', 'fail', 'unknown']), sentence })
  .meta({ id: 'GuardResult' }) satisfies z.ZodType<GuardResult>;

export const pauseSchema = z
  .object({ owner: z.string(), reason: z.string(), untilMs: atMs })
  .meta({ id: 'Pause' }) satisfies z.ZodType<Pause>;

export const drillSchema = z
  .object({
    id: z.string(),
    who: z.string(),
    reason: z.string(),
    home: z.string(),
    away: z.string(),
    phase: z.enum(['there', 'holding', 'back']),
    startedAtMs: atMs,
    holdMs: z.number(),
    holdUntilMs: maybeAtMs,
    operations: z.array(z.string()).describe('ids of the switchovers it consists of'),
    cutShort: z.string(),
  })
  .meta({ id: 'Drill' }) satisfies z.ZodType<Drill>;

const who = { who: z.string(), reason: z.string() };

const requestSchema = z.object({
  ...who,
  id: z.string(),
  verb: z.enum(['failover', 'switchover']),
  from: z.string(),
  to: z.string(),
  overrides: z.array(guardName),
  notBeforeMs: atMs,
  untilMs: atMs,
  supersedes: z.number().nullable(),
}) satisfies z.ZodType<OperationRequest>;

const fenceSchema = z.object({
  site: z.string(),
  epoch: z.int(),
  savedLimits: z.record(z.string(), z.number().nullable()).nullable(),
  state: z.enum(['wanted', 'set', 'releasing', 'released']),
  sinceMs: atMs,
  untilMs: maybeAtMs,
  detail: z.string(),
}) satisfies z.ZodType<Fence>;

export const operationPhase = z.enum(['claimed', 'committed', 'stalled', 'finished', 'aborted']);

/** What a record holds beside the operation under way. */
export const recordParts = {
  pair: z.string(),
  version: z.int(),
  epoch: z.int(),
  desired: z.string().nullable().describe('where traffic should be'),
  latch: z
    .object({
      because: z.enum(['failover', 'unfenced', 'store-lost']),
      epoch: z.int(),
      sinceMs: atMs,
      reason: z.string(),
    })
    .nullable(),
  driftAnswer: z
    .discriminatedUnion('choice', [
      z.object({ ...who, atMs, choice: z.literal('adopt'), site: z.string() }),
      z.object({ ...who, atMs, choice: z.literal('restore') }),
    ])
    .nullable(),
  approval: z.object({ ...who, from: z.string(), to: z.string(), untilMs: atMs }).nullable(),
  request: requestSchema.nullable(),
  drill: drillSchema.nullable(),
  fences: z.record(z.string(), fenceSchema),
  pause: pauseSchema.nullable(),
  maintenance: z.record(z.string(), pauseSchema),
  evidenceGeneration: z.int(),
  cooldownUntilMs: maybeAtMs,
  writes: z.record(z.string(), z.object({ site: z.string(), epoch: z.int(), instance: z.string(), atMs })),
};
