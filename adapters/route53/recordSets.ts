import type { ResourceRecordSet } from '@aws-sdk/client-route-53';
import { defaultTtlMs, type Route53TargetConfig } from '../../core/model/targets/route53.ts';

/** The sites of a target, in the order of its configuration. */
export function sitesOf({ values, aliases }: Route53TargetConfig): string[] {
  return Object.keys(values ?? aliases ?? {});
}

/** The sets that lead everybody to `site`. */
export function wantedSets(config: Route53TargetConfig, site: string): ResourceRecordSet[] {
  const { record: Name, type: Type, routing, healthChecks } = config;
  if (routing === 'simple') return [{ Name, Type, ...contentOf(config, site) }];
  return sitesOf(config).map((each) => ({
    Name,
    Type,
    SetIdentifier: `warren-${each}`,
    ...(routing === 'weighted' ? { Weight: each === site ? 255 : 0 } : {}),
    ...(routing === 'failover' ? { Failover: each === site ? 'PRIMARY' : 'SECONDARY' } : {}),
    ...(healthChecks ? { HealthCheckId: healthChecks[each] } : {}),
    ...contentOf(config, each),
  }));
}

function contentOf({ values, aliases, ttlMs = defaultTtlMs }: Route53TargetConfig, site: string) {
  const alias = aliases?.[site];
  // Whether the site is fit to serve is Warren's to decide, not the load balancer's.
  if (alias) return { AliasTarget: { HostedZoneId: alias.zone, DNSName: alias.name, EvaluateTargetHealth: false } };
  return { TTL: ttlMs / 1_000, ResourceRecords: (values?.[site] ?? []).map((Value) => ({ Value })) };
}

/** Where a set leads: its values or its alias, each in one spelling. */
export function destinationsOf({ ResourceRecords = [], AliasTarget, Type }: ResourceRecordSet): string[] {
  if (AliasTarget) return [`alias ${AliasTarget.HostedZoneId}/${nameInOneSpelling(AliasTarget.DNSName)}`];
  return ResourceRecords.map(({ Value = '' }) =>
    Type === 'AAAA' ? addressInOneSpelling(Value) : nameInOneSpelling(Value),
  );
}

/**
 * Those of the sets of one record that are answered, while every health check passes. Of weighted ones those that weigh
 * anything, or all when none does ("ResourceRecordSet", Weight); of failover ones the primary ("ResourceRecordSet", Failover).
 */
export function answeredSets(sets: ResourceRecordSet[]): ResourceRecordSet[] {
  const weighing = sets.filter(({ Weight }) => Weight === undefined || Weight > 0);
  const candidates = weighing.length > 0 ? weighing : sets;
  const first = candidates.filter(({ Failover }) => Failover !== 'SECONDARY');
  return first.length > 0 ? first : candidates;
}

/** Two sets are the same when this is the same; the order and the spelling of values do not matter. */
export function fingerprintOf(set: ResourceRecordSet): string {
  const { Name, Type, ResourceRecords: _values, AliasTarget, ...rest } = set;
  return JSON.stringify([
    nameInOneSpelling(Name),
    Type,
    destinationsOf(set).sort(),
    AliasTarget?.EvaluateTargetHealth,
    Object.entries(rest)
      .filter(([, value]) => value !== undefined)
      .sort(([one], [other]) => one.localeCompare(other)),
  ]);
}

/** DNS names are compared without case, and with or without the final dot. */
export function nameInOneSpelling(name = ''): string {
  return name.toLowerCase().replace(/\.$/, '');
}

function addressInOneSpelling(address: string): string {
  return URL.parse(`http://[${address}]`)?.hostname.slice(1, -1) ?? address;
}
