import type * as z from 'zod';
import { oneKeyOf } from '../oneKey.ts';
import { dns } from './dns.ts';
import { elbv2 } from './elbv2.ts';
import { haproxy } from './haproxy.ts';
import { route53 } from './route53.ts';
import { route53Health } from './route53Health.ts';
import type { Report } from './target.ts';

/** One target: a key that says which kind it is, and what that kind needs. */
export const targetSchema = oneKeyOf({
  haproxy: haproxy.schema,
  dns: dns.schema,
  route53: route53.schema,
  'route53-health': route53Health.schema,
  elbv2: elbv2.schema,
});

export type TargetConfig = z.output<typeof targetSchema>;

/** Checks one target. `report` takes paths relative to it. @returns what it steers, to be compared with the others */
export function checkTarget(target: TargetConfig, sites: string[], report: Report): string {
  const below =
    (kind: string): Report =>
    (path, ...rest) =>
      report(`${kind}.${path}`, ...rest);
  if (target.haproxy) {
    haproxy.check(target.haproxy, sites, below('haproxy'));
    return haproxy.steers(target.haproxy);
  }
  if (target.route53) {
    route53.check(target.route53, sites, below('route53'));
    return route53.steers(target.route53);
  }
  const health = target['route53-health'];
  if (health) {
    route53Health.check(health, sites, below('route53-health'));
    return route53Health.steers(health);
  }
  if (target.dns) {
    dns.check(target.dns, sites, below('dns'));
    return dns.steers(target.dns);
  }
  if (target.elbv2) {
    elbv2.check(target.elbv2, sites, below('elbv2'));
    return elbv2.steers(target.elbv2);
  }
  return '';
}

/** The kind of a target, the key it is configured under. */
export function kindOf(target: TargetConfig): string {
  return Object.keys(target)[0] ?? '';
}
