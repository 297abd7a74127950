import type { Change, Route53Client } from '@aws-sdk/client-route-53';
import type { Budget } from '../../core/flow/budget.ts';
import type { Clock, Random } from '../../core/flow/ports.ts';
import type { Route53TargetConfig } from '../../core/model/targets/route53.ts';
import { failureOf, Route53Failure } from './failure.ts';
import { listPublished, type Published } from './list.ts';

/** The three requests that a target makes; each keeps within the budget. All throw Route53Failure. */
export interface Route53Api {
  list(budget: Budget): Promise<Published>;
  /** Sends one batch. Repeated only where Route 53 said that it did nothing. @returns the id of the change */
  change(changes: Change[], comment: string, budget: Budget): Promise<string>;
  /** Whether a change has reached every name server. */
  isInSync(changeId: string, budget: Budget): Promise<boolean>;
}

export interface Route53ApiOptions {
  clock: Clock;
  random: Random;
  /** The deadline of each request, and of finding credentials for the first. */
  requestTimeoutMs: number;
}

type Sdk = typeof import('./sdk.ts');

const connectionTimeoutMs = 1_000;
/** Less is not enough for an answer: the request is not sent. */
const leastMs = 20;
const attemptsMax = 5;
const firstPauseMs = 150;

/**
 * Route 53 through the AWS SDK, which finds credentials and the endpoint as it always does, so that
 * `AWS_ENDPOINT_URL_ROUTE_53` is heard. It is loaded with the first request: most have no such target.
 */
export function createRoute53Api(config: Route53TargetConfig, options: Route53ApiOptions): Route53Api {
  const { zone } = config;
  const { random, requestTimeoutMs } = options;
  let opening: Promise<{ sdk: Sdk; client: Route53Client }> | null = null;

  async function send<T>(
    action: string,
    budget: Budget,
    request: (opened: { sdk: Sdk; client: Route53Client }, abortSignal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    opening ??= open(requestTimeoutMs);
    const opened = await opening;
    if (budget.leftMs() < leastMs) throw new Route53Failure(`no time was left for ${action}`, 'never');
    try {
      return await budget.within(requestTimeoutMs, (signal) => request(opened, signal));
    } catch (error) {
      throw failureOf(error, action, zone);
    }
  }

  async function patiently<T>(budget: Budget, retries: Route53Failure['retry'][], work: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await work();
      } catch (error) {
        const mayRetry = error instanceof Route53Failure && retries.includes(error.retry) && attempt < attemptsMax;
        if (!mayRetry || !(await budget.pause(firstPauseMs * 2 ** (attempt - 1) * (0.5 + random())))) throw error;
      }
    }
  }

  return {
    list: (budget) =>
      listPublished(config, (page) =>
        patiently(budget, ['slow-down', 'again'], () =>
          send('route53:ListResourceRecordSets', budget, ({ sdk, client }, abortSignal) =>
            client.send(new sdk.ListResourceRecordSetsCommand({ HostedZoneId: zone, ...page }), { abortSignal }),
          ),
        ),
      ),
    change: (Changes, Comment, budget) =>
      patiently(budget, ['slow-down'], async () => {
        const input = { HostedZoneId: zone, ChangeBatch: { Comment, Changes } };
        const { ChangeInfo } = await send('route53:ChangeResourceRecordSets', budget, ({ sdk, client }, abortSignal) =>
          client.send(new sdk.ChangeResourceRecordSetsCommand(input), { abortSignal }),
        );
        return (ChangeInfo?.Id ?? '').replace('/change/', '');
      }),
    async isInSync(Id, budget) {
      const { ChangeInfo } = await send('route53:GetChange', budget, ({ sdk, client }, abortSignal) =>
        client.send(new sdk.GetChangeCommand({ Id }), { abortSignal }),
      );
      return ChangeInfo?.Status === 'INSYNC';
    },
  };
}

async function open(requestTimeoutMs: number) {
  const sdk = await import('./sdk.ts');
  const requestHandler = {
    connectionTimeout: Math.min(connectionTimeoutMs, requestTimeoutMs),
    requestTimeout: requestTimeoutMs,
    // Otherwise the SDK only warns, on the output of the service.
    throwOnRequestTimeout: true,
  };
  // Its control plane is in this Region ("Route 53 endpoints and quotas"). Trying again is ours: a second patience inside
  // the first would multiply both.
  return { sdk, client: new sdk.Route53Client({ region: 'us-east-1', maxAttempts: 1, requestHandler }) };
}
