import type { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Random } from '../../core/flow/ports.ts';
import { clientSettings, createRequests, type Requests } from '../aws/requests.ts';
import { failureOf } from './failure.ts';

export interface RequestOptions {
  random: Random;
  /** The deadline of a request on a connection that is open; `RequestsOptions` says more. */
  requestTimeoutMs: number;
}

export interface Opened {
  sdk: typeof import('./sdk.ts');
  client: ElasticLoadBalancingV2Client;
}

const firstPauseMs = 100;

/** Elastic Load Balancing, API version 2015-12-01. All throw Elbv2Failure. */
export function createElbv2Requests(region: string, options: RequestOptions): Requests<Opened> {
  const open = async () => {
    const sdk = await import('./sdk.ts');
    const client = new sdk.ElasticLoadBalancingV2Client({ region, ...clientSettings });
    return { sdk, client };
  };
  return createRequests({ ...options, open, close: ({ client }) => client.destroy(), firstPauseMs, failureOf });
}
