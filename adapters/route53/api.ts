import type { Change } from '@aws-sdk/client-route-53';
import type { Budget } from '../../core/flow/budget.ts';
import type { Clock, Random } from '../../core/flow/ports.ts';
import type { Route53TargetConfig } from '../../core/model/targets/route53.ts';
import { clientSettings, createRequests } from '../aws/requests.ts';
import { failureOf } from './failure.ts';
import { listPublished, type Published } from './list.ts';

/** The three requests that a target makes; each keeps within the budget. All throw Route53Failure. */
export interface Route53Api {
  list(budget: Budget): Promise<Published>;
  /** Sends one batch. Repeated only where Route 53 said that it did nothing. @returns the id of the change */
  change(changes: Change[], comment: string, budget: Budget): Promise<string>;
  /** Whether a change has reached every name server. */
  isInSync(changeId: string, budget: Budget): Promise<boolean>;
  /** Closes connections; what is asked for later opens new ones. */
  close(): Promise<void>;
}

export interface Route53ApiOptions {
  clock: Clock;
  random: Random;
  /** The deadline of a request on a connection that is open; `RequestsOptions` says more. */
  requestTimeoutMs: number;
}

const firstPauseMs = 150;

/** What a target asks of Route 53, API version 2013-04-01. */
export function createRoute53Api(config: Route53TargetConfig, options: Route53ApiOptions): Route53Api {
  const { zone } = config;
  const { requestTimeoutMs, random } = options;
  const { once, ask, change, close } = createRequests({
    open: () => openClient(),
    close: ({ client }) => client.destroy(),
    random,
    requestTimeoutMs,
    firstPauseMs,
    failureOf,
  });
  return {
    close,
    list: (budget) =>
      listPublished(config, (page) =>
        ask('route53:ListResourceRecordSets', zone, budget, ({ sdk, client }, signal) =>
          client.send(new sdk.ListResourceRecordSetsCommand({ HostedZoneId: zone, ...page }), signal),
        ),
      ),
    async change(Changes, Comment, budget) {
      const input = { HostedZoneId: zone, ChangeBatch: { Comment, Changes } };
      const { ChangeInfo } = await change('route53:ChangeResourceRecordSets', zone, budget, ({ sdk, client }, signal) =>
        client.send(new sdk.ChangeResourceRecordSetsCommand(input), signal),
      );
      return (ChangeInfo?.Id ?? '').replace('/change/', '');
    },
    async isInSync(Id, budget) {
      const { ChangeInfo } = await once('route53:GetChange', zone, budget, ({ sdk, client }, signal) =>
        client.send(new sdk.GetChangeCommand({ Id }), signal),
      );
      return ChangeInfo?.Status === 'INSYNC';
    },
  };
}

async function openClient() {
  const sdk = await import('./sdk.ts');
  // Its control plane is in this Region ("Route 53 endpoints and quotas").
  return { sdk, client: new sdk.Route53Client({ region: 'us-east-1', ...clientSettings }) };
}
