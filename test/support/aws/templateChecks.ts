import type { HealthCheck } from './healthCheckers.ts';
import { type RecordSet, recordSet } from './route53Sets.ts';

/** Resources of a CloudFormation template, by logical id. */
type Resources = Record<string, { Type: string; Properties: Record<string, unknown> }>;

interface HealthCheckConfig {
  Type: string;
  FullyQualifiedDomainName: string;
  ResourcePath: string;
  SearchString: string;
  FailureThreshold: number;
  Inverted: boolean;
  ChildHealthChecks: { Ref: string }[];
  HealthThreshold: number;
}

/** What a template would have Route 53 check, by the logical ids of its health checks. */
export function checksOf(resources: Resources): HealthCheck[] {
  return ofType(resources, 'AWS::Route53::HealthCheck').map(([id, { HealthCheckConfig }]) => {
    const config = HealthCheckConfig as HealthCheckConfig;
    if (config.Type === 'CALCULATED') {
      const children = config.ChildHealthChecks.map(({ Ref }) => Ref);
      return { id, type: 'CALCULATED', children, healthThreshold: config.HealthThreshold, isInverted: config.Inverted };
    }
    if (config.Type !== 'HTTPS_STR_MATCH') throw new Error(`the model has no checks of the type ${config.Type}`);
    return {
      id,
      type: 'HTTPS_STR_MATCH',
      host: config.FullyQualifiedDomainName,
      path: config.ResourcePath,
      searchString: config.SearchString,
      failureThreshold: config.FailureThreshold,
      isInverted: config.Inverted,
    };
  });
}

interface Record53 {
  Name: string;
  Type: string;
  TTL: string;
  SetIdentifier: string;
  Failover: string;
  HealthCheckId?: { Ref: string };
  ResourceRecords: string[];
}

/** The record sets of a template. */
export function recordsOf(resources: Resources): RecordSet[] {
  return ofType(resources, 'AWS::Route53::RecordSet').map(([, properties]) => {
    const set = properties as unknown as Record53;
    return recordSet({
      name: set.Name,
      type: set.Type,
      ttl: Number(set.TTL),
      setIdentifier: set.SetIdentifier,
      failover: set.Failover,
      healthCheckId: set.HealthCheckId?.Ref ?? null,
      values: set.ResourceRecords,
    });
  });
}

function ofType(resources: Resources, type: string): [string, Record<string, unknown>][] {
  return Object.entries(resources).flatMap(([id, { Type, Properties }]) => (Type === type ? [[id, Properties]] : []));
}
