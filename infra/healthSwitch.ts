import { CfnOutput, Duration } from 'aws-cdk-lib';
import {
  CfnRecordSet,
  HealthCheck,
  HealthCheckType,
  type IHealthCheck,
  type IHostedZone,
} from 'aws-cdk-lib/aws-route53';
import { Construct } from 'constructs';
import { hostOf, searchString } from '../adapters/route53/health/switch.ts';
import type { Pair } from '../core/model/config.ts';
import {
  majorityOf,
  type Route53HealthTargetConfig,
  type SwitchCopyConfig,
} from '../core/model/targets/route53Health.ts';
import { RefusalError } from './refusals.ts';

export interface WarrenHealthSwitchProps {
  /**
   * Whose switch it is: a pair with a target of the kind `route53-health`. **The switch keeps the roles it was built with**: when
   * `primary` and `standby` are swapped later, give it `{ ...pair, primary, standby }` with those of before. Where traffic goes is
   * said by the names of sites, so it serves either way.
   */
  pair: Pair;
  /** The record, where the pair has several such targets. @default the first */
  record?: string;
  /**
   * Where the failover records are made, with the target's `values`. **Leave it out of the first deployment**: a health check that
   * is new sends traffic to the standby until it has looked. @default none are made; `healthCheck` is for records of your own
   */
  zone?: IHostedZone;
  /** How long resolvers keep an answer. @default 30 seconds */
  ttl?: Duration;
  /** How often each checker looks: 10 or 30 seconds; cannot be changed later. @default 10 seconds */
  every?: Duration;
  /** After how many looks in a row a checker changes its mind, from 1 to 10. @default 2 */
  looks?: number;
}

/**
 * What makes Route 53 follow a switch in S3: a health check that fails while a majority of the copies says the standby, and, if
 * asked for, the records. A copy that cannot be read says nothing: traffic is where the others say, and with the primary if none
 * can be read.
 *
 * Every id depends on the roles. A check that was changed in place to look for the other site would move traffic before the records
 * follow. With other roles the records are new ones instead, which Route 53 refuses beside the old (a name has one primary), and
 * CloudFormation rolls back.
 */
export class WarrenHealthSwitch extends Construct {
  /** Belongs to the record set of the primary site; that of the standby has none. */
  readonly healthCheck: IHealthCheck;

  constructor(scope: Construct, id: string, props: WarrenHealthSwitchProps) {
    super(scope, id);
    const { pair, zone } = props;
    const target = targetOf(props);
    this.healthCheck = this.#healthCheck(target, props);
    new CfnOutput(this, 'HealthCheck', { value: this.healthCheck.healthCheckId });
    if (zone) this.#records(zone, target, pair, props.ttl ?? Duration.seconds(30));
  }

  #healthCheck({ copies }: Route53HealthTargetConfig, { pair, every, looks }: WarrenHealthSwitchProps): IHealthCheck {
    const looking = (copy: SwitchCopyConfig, inverted: boolean) =>
      new HealthCheck(this, `${copy.region}-${pair.standby}`, {
        type: HealthCheckType.HTTPS_STR_MATCH,
        fqdn: hostOf(copy),
        resourcePath: `/${copy.key}`,
        searchString: searchString(pair.name, pair.standby),
        requestInterval: every ?? Duration.seconds(10),
        failureThreshold: looks ?? 2,
        inverted,
      });
    const [only, ...others] = copies;
    if (only && others.length === 0) return looking(only, true);
    return new HealthCheck(this, `Majority-${pair.standby}`, {
      type: HealthCheckType.CALCULATED,
      childHealthChecks: copies.map((copy) => looking(copy, false)),
      healthThreshold: majorityOf(copies),
      inverted: true,
    });
  }

  /** The secondary is always healthy, so that there is always an answer ("ResourceRecordSet", Failover). */
  #records(zone: IHostedZone, target: Route53HealthTargetConfig, { primary, standby }: Pair, ttl: Duration): void {
    const roles = [
      { id: 'Primary', site: primary, failover: 'PRIMARY', healthCheckId: this.healthCheck.healthCheckId },
      { id: 'Standby', site: standby, failover: 'SECONDARY' },
    ];
    for (const { id, site, ...role } of roles)
      new CfnRecordSet(this, `${id}-${site}`, {
        ...role,
        hostedZoneId: zone.hostedZoneId,
        name: target.record,
        type: target.type,
        setIdentifier: `warren-${site}`,
        ttl: String(ttl.toSeconds()),
        resourceRecords: target.values?.[site] ?? [],
      });
  }
}

/** @throws RefusalError */
function targetOf({ pair, record, zone }: WarrenHealthSwitchProps): Route53HealthTargetConfig {
  const all = pair.targets.flatMap((target) => target['route53-health'] ?? []);
  const target = record === undefined ? all[0] : all.find((each) => each.record === record);
  const refuse = (path: string, value: string, expected: string) =>
    new RefusalError('WarrenHealthSwitch', [{ path, value, expected }]);
  if (!target) {
    const known = all.map((each) => each.record).join(' or ') || 'a target of the kind route53-health';
    throw refuse(record === undefined ? 'pair.targets' : 'record', record ?? 'none', known);
  }
  if (zone && !target.values)
    throw refuse('zone', 'a zone', '`values` in the configuration of the target, which its records would have');
  return target;
}
