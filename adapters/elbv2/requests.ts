import type { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Budget } from '../../core/flow/budget.ts';
import type { Random } from '../../core/flow/ports.ts';
import { Elbv2Failure, failureOf } from './failure.ts';

export interface RequestOptions {
  random: Random;
  /** The deadline of each request, and of finding credentials for the first. */
  requestTimeoutMs: number;
}

type Sdk = typeof import('./sdk.ts');
interface Opened {
  sdk: Sdk;
  client: ElasticLoadBalancingV2Client;
}
type Request<T> = (opened: Opened, options: { abortSignal: AbortSignal }) => Promise<T>;

/**
 * Sends one request, again where that may help, and keeps within the budget.
 * @param action such as `ModifyListener` @param arn what it is about. @throws Elbv2Failure
 */
export type Send = <T>(action: string, arn: string, budget: Budget, request: Request<T>) => Promise<T>;

export interface Requests {
  /** For what changes nothing. */
  ask: Send;
  /** For changes: repeated only where the service said that it did nothing. */
  change: Send;
}

const connectionTimeoutMs = 1_000;
/** Less is not enough for an answer: the request is not sent. */
const leastMs = 20;
const attemptsMax = 5;
const firstPauseMs = 100;

/**
 * Elastic Load Balancing, API version 2015-12-01, through the AWS SDK, which finds credentials and the endpoint as it always
 * does, so that `AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2` is heard. It is loaded with the first request: most have no such
 * target.
 */
export function createRequests(region: string, { random, requestTimeoutMs }: RequestOptions): Requests {
  let opening: Promise<Opened> | null = null;

  const once: Send = async (action, arn, budget, request) => {
    opening ??= open(region, requestTimeoutMs);
    const opened = await opening;
    const named = `elasticloadbalancing:${action}`;
    if (budget.leftMs() < leastMs) throw new Elbv2Failure(`no time was left for ${named}`, 'never');
    try {
      return await budget.within(requestTimeoutMs, (abortSignal) => request(opened, { abortSignal }));
    } catch (error) {
      throw failureOf(error, named, arn);
    }
  };

  const patiently =
    (retries: Elbv2Failure['retry'][]): Send =>
    async (action, arn, budget, request) => {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await once(action, arn, budget, request);
        } catch (error) {
          const mayRetry = error instanceof Elbv2Failure && retries.includes(error.retry) && attempt < attemptsMax;
          if (!mayRetry || !(await budget.pause(firstPauseMs * 2 ** (attempt - 1) * (0.5 + random())))) throw error;
        }
      }
    };

  return { ask: patiently(['slow-down', 'again']), change: patiently(['slow-down']) };
}

async function open(region: string, requestTimeoutMs: number): Promise<Opened> {
  const sdk = await import('./sdk.ts');
  const requestHandler = {
    connectionTimeout: Math.min(connectionTimeoutMs, requestTimeoutMs),
    requestTimeout: requestTimeoutMs,
    // Otherwise the SDK only warns, on the output of the service.
    throwOnRequestTimeout: true,
  };
  // Trying again is ours: a second patience inside the first would multiply both.
  return { sdk, client: new sdk.ElasticLoadBalancingV2Client({ region, maxAttempts: 1, requestHandler }) };
}
