import * as z from 'zod';
import { type Operation, type SiteSurvey, stepNames } from '../../core/model/operation.ts';
import { atMs, guardName, guardResult, maybeAtMs, operationPhase } from './answersOfRecord.ts';

export const verb = z.enum(['failover', 'switchover', 'drill']);

export const siteSurvey = z
  .object({
    site: z.string(),
    atMs,
    connections: z.number().nullable().describe('of applications; null: could not be read'),
    messages: z.number().nullable().describe("without Warren's own; null: could not be read"),
    queues: z.array(z.object({ name: z.string(), messages: z.number() })),
  })
  .meta({ id: 'SiteSurvey' }) satisfies z.ZodType<SiteSurvey>;

const step = z
  .object({
    name: z.enum(stepNames),
    target: z.string().exactOptional(),
    status: z.enum(['pending', 'running', 'done', 'failed', 'skipped']),
    attempts: z.int(),
    startedAtMs: maybeAtMs,
    endedAtMs: maybeAtMs,
    detail: z.string(),
  })
  .meta({ id: 'Step' });

export const operationSchema = z
  .object({
    id: z.string(),
    pair: z.string(),
    verb,
    epoch: z.int(),
    from: z.string(),
    to: z.string(),
    startedBy: z.object({ kind: z.enum(['automatic', 'person']), who: z.string(), reason: z.string() }),
    overrides: z.array(guardName),
    supersedes: z.number().nullable(),
    guards: z.array(guardResult),
    phase: operationPhase,
    holder: z.string(),
    steps: z.array(step),
    timeline: z.object({
      firstFailureAtMs: maybeAtMs,
      decidedAtMs: atMs,
      claimedAtMs: atMs,
      committedAtMs: maybeAtMs,
      flippedAtMs: maybeAtMs,
      endedAtMs: maybeAtMs,
    }),
    fenced: z.enum(['fenced', 'unfenced']),
    cancelled: z.object({ who: z.string(), reason: z.string() }).nullable(),
    surveys: z.array(siteSurvey),
    outcome: z.string(),
  })
  .meta({ id: 'Operation' }) satisfies z.ZodType<Operation>;
