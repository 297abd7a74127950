import { createDnsTarget } from '../../adapters/dns/target.ts';
import { createElbv2Target } from '../../adapters/elbv2/target.ts';
import { createHaproxyTarget } from '../../adapters/haproxy/target.ts';
import { createRoute53Account, type Route53Account } from '../../adapters/route53/account.ts';
import { createRoute53HealthTarget } from '../../adapters/route53/health/target.ts';
import { createRoute53Target } from '../../adapters/route53/target.ts';
import { leaseMs } from '../../core/flow/moment.ts';
import type { Clock, Target, VisibleTarget } from '../../core/flow/ports.ts';
import type { Pair } from '../../core/model/config.ts';
import { kindOf, type TargetConfig } from '../../core/model/targets/index.ts';

/** A flip makes at most seven exchanges with HAProxy, and must end before others may take the operation over. */
const haproxyTimeoutMs = Math.floor(leaseMs / 8);

/** A flip makes at most three rounds of exchanges with a DNS server, and must end within half of the lease. */
const dnsTimeoutMs = Math.floor(leaseMs / 7);

/** A flip of a Route 53 record, with all its requests, ends within half of the lease. */
const route53BudgetMs = Math.floor(leaseMs / 2) - 100;

/** A flip of the copies of a switch, all at once, ends within half of the lease. */
const route53HealthBudgetMs = Math.floor(leaseMs / 2) - 100;

/** A flip of a load balancer, with all its requests, ends within half of the lease. */
const elbv2BudgetMs = Math.floor(leaseMs / 2) - 100;

/** What adapters of targets need beside their configuration. */
export interface TargetContext {
  clock: Clock;
  /** The text that a reference to a secret stands for. */
  secretText(reference: string): Promise<string>;
}

/** Of this process, whoever makes targets in it: Route 53 counts the requests of all of them together. */
let account: Route53Account | null = null;

function route53AccountOf(clock: Clock): Route53Account {
  account ??= createRoute53Account({ clock, random: Math.random, requestTimeoutMs: Math.floor(route53BudgetMs / 2) });
  return account;
}

/** The targets of a pair, as adapters. */
export function targetsOf(pair: Pair, context: TargetContext): Target[] {
  return pair.targets.map((target) => targetOf(target, pair, context));
}

function targetOf(
  target: TargetConfig,
  { name: pair, primary, standby }: Pair,
  { clock, secretText }: TargetContext,
): Target {
  const { haproxy, dns, route53, 'route53-health': health, elbv2 } = target;
  if (haproxy) return createHaproxyTarget(haproxy, { clock, timeoutMs: haproxyTimeoutMs });
  if (dns) return createDnsTarget(dns, { pair, clock, timeoutMs: dnsTimeoutMs, secretText });
  if (route53)
    return createRoute53Target(route53, { pair, clock, account: route53AccountOf(clock), budgetMs: route53BudgetMs });
  if (health) {
    const options = { pair, primary, standby, clock, random: Math.random, budgetMs: route53HealthBudgetMs };
    return createRoute53HealthTarget(health, options);
  }
  if (elbv2) return createElbv2Target(elbv2, { pair, clock, random: Math.random, budgetMs: elbv2BudgetMs });
  throw new Error(`there is no adapter for a target of the kind ${kindOf(target)}`);
}

/**
 * The targets of a pair for who looks seldom, and is never told that this was the last time: after each look every connection
 * is closed.
 */
export function restingTargetsOf(pair: Pair, context: TargetContext): VisibleTarget[] {
  return targetsOf(pair, context).map(({ id, read, close }) => ({ id, read: () => read().finally(close) }));
}
