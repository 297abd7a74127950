import * as z from 'zod';
import type { PairStatus } from '../../core/explain/status.ts';
import { type DecisionRow, outcomes } from '../../core/model/decision.ts';
import { healthStates, nodeStates } from '../../core/model/health.ts';
import { type FailureClass, failureClasses } from '../../core/model/probe.ts';
import type { TargetReading } from '../../core/model/target.ts';
import { operationSchema } from './answersOfOperation.ts';
import { atMs, guardResult, maybeAtMs, recordParts, sentence } from './answersOfRecord.ts';

const failureClass = z.enum(Object.keys(failureClasses) as FailureClass[]);

const decision = z
  .object({
    outcome: z.enum(outcomes),
    reason: z.string().describe('the row of the rules table: docs/states.md'),
    sentence,
    severity: z.enum(['info', 'warning', 'critical']),
    from: z.string().nullable(),
    to: z.string().nullable(),
    guards: z.array(guardResult),
  })
  .meta({ id: 'Decision' });

const observerMs = z.number().describe("milliseconds on the observer's own clock");
const siteHealth = z
  .object({
    site: z.string(),
    state: z.enum(healthStates),
    sinceMs: observerMs,
    cause: failureClass.nullable(),
    nodes: z.array(
      z.object({
        node: z.string(),
        state: z.enum(nodeStates),
        failures: z.int(),
        passes: z.int(),
        findings: z.array(z.object({ class: failureClass, detail: z.string() })),
      }),
    ),
    firstFailureAtMs: observerMs.nullable(),
    lastFailureAtMs: observerMs.nullable(),
  })
  .meta({ id: 'SiteHealth' });

const fenceReading = z.object({
  site: z.string(),
  nodes: z.array(
    z.object({ node: z.string(), verdict: z.enum(['closed', 'open', 'down', 'unknown']), detail: z.string() }),
  ),
});

export const decisionRow = z
  .object({
    pair: z.string(),
    vantage: z.string(),
    fromMs: atMs,
    toMs: atMs,
    count: z.int().describe('how often the same was decided in a row'),
    decision,
    health: z.array(siteHealth).describe('the observations behind it'),
    fences: z.array(fenceReading),
  })
  .meta({ id: 'DecisionRow' }) satisfies z.ZodType<DecisionRow>;

const reading = z.discriminatedUnion('status', [
  z.object({
    target: z.string(),
    status: z.literal('read'),
    active: z.string(),
    instance: z.string(),
    uptimeMs: z.number(),
    markerEpoch: z.int().optional().describe('the epoch that the marker of this pair on it carries'),
    detail: z.string(),
  }),
  z.object({ target: z.string(), status: z.literal('unreadable'), detail: z.string() }),
]) satisfies z.ZodType<TargetReading>;

const siteStatus = z.object({
  site: z.string(),
  role: z.enum(['primary', 'standby']),
  state: z.enum(healthStates),
  sinceMs: maybeAtMs,
  sentence,
});

const unprotected = z.enum([
  'never-watched',
  'not-watched-now',
  'operation',
  'targets',
  'kill-switch',
  'mode',
  'votes',
  'guards',
]);

export const pairStatus = z
  .object({
    pair: z.string(),
    atMs,
    mode: z.enum(['observe', 'approve', 'automatic']),
    active: z.string().describe('where the targets send traffic: a site, split, none or unknown'),
    readings: z.array(reading),
    record: z.object({
      ...recordParts,
      operation: operationSchema.nullable(),
      superseded: operationSchema.nullable().describe('the stalled operation that this one takes the place of'),
      ended: z.array(operationSchema).describe('what ended lately, newest last'),
    }),
    sites: z.array(siteStatus),
    decision: decisionRow.nullable(),
    lastTickAtMs: maybeAtMs,
    protection: z.object({ protected: z.boolean(), because: unprotected.nullable(), sentence }),
  })
  .meta({ id: 'PairStatus' }) satisfies z.ZodType<PairStatus>;
