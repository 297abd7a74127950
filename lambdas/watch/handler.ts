import { randomUUID } from 'node:crypto';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { metrics as metricsContract } from '../shared/contract.ts';
import { createLogger } from '../shared/logger.ts';
import { readSettings } from '../shared/settings.ts';
import { reserveSeconds } from './contract.ts';
import type { Measured } from './measure.ts';
import { runWatches, type Summary } from './run.ts';
import { logStrayErrors } from './strayErrors.ts';

const logger = createLogger();
const metrics = new Metrics({ namespace: metricsContract.namespace });
// Of its own accord it adds the service, and alarms look for the pair alone.
metrics.clearDefaultDimensions();

/**
 * Started every minute by a schedule: watches all pairs until its time is nearly used up. What starts it says nothing, so the
 * event is not looked at.
 */
async function watch(_event: unknown, context: Context): Promise<Summary> {
  const settings = readSettings(process.env);
  const reserveMs = reserveSeconds * 1_000;
  const runMs = Math.max(0, context.getRemainingTimeInMillis() - reserveMs);
  const holder = `${context.functionName}:${context.awsRequestId || randomUUID()}`;
  return await runWatches({ settings, logger, runMs, reserveMs, holder, publish });
}

/** One line in the embedded metric format (CloudWatch user guide, "Embedded metric format"). */
function publish(pair: string, values: Measured): void {
  metrics.addDimension(metricsContract.dimension, pair);
  for (const [name, value] of Object.entries(values)) metrics.addMetric(name, MetricUnit.Count, value);
  metrics.publishStoredMetrics();
}

logStrayErrors(process, logger);

// No early answer: whatever goes on after an answer is frozen in the middle.
export const handler = middy(watch, { timeoutEarlyInMillis: 0 }).use(injectLambdaContext(logger, { resetKeys: true }));
