import type { Change } from '@aws-sdk/client-route-53';
import type { Budget } from '../../core/flow/budget.ts';
import type { Route53TargetConfig } from '../../core/model/targets/route53.ts';
import type { Route53Account } from './account.ts';
import { listPublished, type Page, type Published } from './list.ts';

/** The requests that a target makes; each keeps within the budget. All throw Route53Failure. */
export interface Route53Api {
  /** What is published, in one listing with the other records of the zone that are read now. */
  read(budget: Budget): Promise<Published>;
  /** The same for a flip: at once, and of this record alone. */
  list(budget: Budget): Promise<Published>;
  /** Sends one batch. Repeated only where Route 53 said that it did nothing. @returns the id of the change */
  change(changes: Change[], comment: string, budget: Budget): Promise<string>;
  /** Whether a change has reached every name server. */
  isInSync(changeId: string, budget: Budget): Promise<boolean>;
}

/** What a target asks of Route 53, API version 2013-04-01. */
export function createRoute53Api(config: Route53TargetConfig, { reads, look, flips }: Route53Account): Route53Api {
  const { zone } = config;
  const paging =
    (send: typeof look, budget: Budget): Page =>
    (page) =>
      send('route53:ListResourceRecordSets', zone, budget, ({ sdk, client }, signal) =>
        client.send(new sdk.ListResourceRecordSetsCommand({ HostedZoneId: zone, ...page }), signal),
      );
  return {
    read: (budget) => reads.read(config, budget, paging(look, budget)),
    async list(budget) {
      const [published] = await listPublished([config], paging(flips.ask, budget));
      return published as Published;
    },
    async change(Changes, Comment, budget) {
      const input = { HostedZoneId: zone, ChangeBatch: { Comment, Changes } };
      const action = 'route53:ChangeResourceRecordSets';
      const { ChangeInfo } = await flips.change(action, zone, budget, ({ sdk, client }, signal) =>
        client.send(new sdk.ChangeResourceRecordSetsCommand(input), signal),
      );
      return (ChangeInfo?.Id ?? '').replace('/change/', '');
    },
    async isInSync(Id, budget) {
      const { ChangeInfo } = await flips.once('route53:GetChange', zone, budget, ({ sdk, client }, signal) =>
        client.send(new sdk.GetChangeCommand({ Id }), signal),
      );
      return ChangeInfo?.Status === 'INSYNC';
    },
  };
}
