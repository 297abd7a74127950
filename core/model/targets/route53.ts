import * as z from 'zod';
import { duration, formatDuration } from '../duration.ts';
import { checkSites, nameSchema, quote, type Report, reportRepeated, type TargetKind } from './target.ts';

const label = '[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?';
/** A full name, with or without the final dot. */
export const hostname = z
  .string()
  .max(240, 'expected at most 240 characters')
  .regex(new RegExp(`^${label}(\\.${label})+\\.?$`), 'expected a full DNS name, such as amqp.example.com');
const zoneId = z.string().regex(/^Z[A-Z0-9]{1,31}$/, 'expected the id of a hosted zone, such as Z0123456789ABC');

/** What clients look up, and where its answers can be asked for. */
export const recordTypeSchema = z.enum(['A', 'AAAA', 'CNAME']).default('A').describe('the type of the record');
export const resolversSchema = z
  .array(z.string().regex(/^([^\s/:[\]]+|\[[0-9a-fA-F:]+\]):\d{1,5}$/, 'expected HOST:PORT'))
  .max(8, 'expected at most 8')
  .default([]);
export const valuesSchema = z
  .record(nameSchema, z.array(z.string().min(1)).min(1, 'expected at least one value'))
  .optional();

const aliasSchema = z.strictObject({
  zone: zoneId.describe('the hosted zone of what the alias leads to: of a load balancer, the one AWS names for it'),
  name: hostname.describe('the DNS name of what the alias leads to'),
});

const schema = z
  .strictObject({
    zone: zoneId.describe('the id of the hosted zone'),
    record: hostname.describe('the name that clients resolve; beside it Warren keeps a TXT record `_warren.NAME`'),
    type: recordTypeSchema,
    routing: z
      .enum(['simple', 'weighted', 'failover'])
      .default('simple')
      .describe(
        "one set; a set a site, weights 255 and 0; a set a site, primary and secondary by the sites' health checks",
      ),
    ttl: duration.optional().describe('1s to 1d; unset: 30s; an alias has the TTL of what it leads to'),
    values: valuesSchema.describe('addresses of each site, or its one host name; either these or `aliases`'),
    aliases: z.record(nameSchema, aliasSchema).optional().describe('what leads to each site; either these or `values`'),
    healthChecks: z
      .record(nameSchema, z.string().regex(/^[0-9a-fA-F-]{1,64}$/, 'expected the id of a health check'))
      .optional()
      .describe('the Route 53 health check of each site; `failover` routing needs them'),
    resolvers: resolversSchema.describe('authoritative name servers to ask after a change; what they answer is told'),
  })
  .transform(({ ttl, ...rest }) => ({ ...rest, ttlMs: ttl }));

export type Route53TargetConfig = z.output<typeof schema>;

/** The TTL of a record that has values, where the configuration names none. */
export const defaultTtlMs = 30_000;

const dayMs = 86_400_000;

function check(config: Route53TargetConfig, sites: string[], report: Report): void {
  const { values, aliases } = config;
  if (values && aliases) report('aliases', 'aliases beside values', 'one of them');
  if (!values && !aliases) report('values', 'nothing', 'values or aliases of both sites');
  if (values) checkValues(config, values, sites, report);
  if (aliases) checkAliases(aliases, sites, report);
  checkTtl(config, report);
  checkHealthChecks(config, sites, report);
  checkResolvers(config, report);
}

export function checkResolvers({ resolvers }: Pick<Route53TargetConfig, 'resolvers'>, report: Report): void {
  const seen = new Map<string, string>();
  resolvers.forEach((resolver, index) => {
    const port = Number(resolver.match(/:(\d+)$/)?.[1]);
    if (port < 1 || port > 65_535) report(`resolvers[${index}]`, quote(resolver), 'a port between 1 and 65535');
    reportRepeated(seen, resolver.toLowerCase(), `resolvers[${index}]`, report);
  });
}

const fitting = {
  A: { fits: (value: string) => z.ipv4().safeParse(value).success, expected: 'an IPv4 address' },
  AAAA: { fits: (value: string) => z.ipv6().safeParse(value).success, expected: 'an IPv6 address' },
  CNAME: { fits: (value: string) => hostname.safeParse(value).success, expected: 'a full DNS name' },
};

/** A value that both sites had could not tell where traffic goes. */
export function checkValues(
  { type, record }: Pick<Route53TargetConfig, 'type' | 'record'>,
  values: Record<string, string[]>,
  sites: string[],
  report: Report,
): void {
  checkSites('values', values, sites, report);
  const seen = new Map<string, string>();
  for (const [site, list] of Object.entries(values)) {
    if (type === 'CNAME' && list.length > 1)
      report(`values.${site}`, `${list.length} names`, 'one: a CNAME has a single value');
    list.forEach((value, index) => {
      const path = `values.${site}[${index}]`;
      if (!fitting[type].fits(value))
        report(path, quote(value), `${fitting[type].expected}, because the type is ${type}`);
      if (nameInOneSpelling(value) === nameInOneSpelling(record))
        report(path, quote(value), 'another name than the record');
      reportRepeated(seen, nameInOneSpelling(value), path, report);
    });
  }
}

function checkAliases(aliases: NonNullable<Route53TargetConfig['aliases']>, sites: string[], report: Report): void {
  checkSites('aliases', aliases, sites, report);
  const seen = new Map<string, string>();
  for (const [site, { name }] of Object.entries(aliases))
    reportRepeated(seen, nameInOneSpelling(name), `aliases.${site}.name`, report);
}

function checkTtl({ ttlMs, aliases }: Route53TargetConfig, report: Report): void {
  if (ttlMs === undefined) return;
  const wrong = (expected: string) => report('ttl', formatDuration(ttlMs), expected);
  if (aliases) wrong('nothing: an alias has the TTL of what it leads to');
  else if (ttlMs < 1_000) wrong('at least 1s');
  else if (ttlMs > dayMs) wrong('at most 1d');
  else if (ttlMs % 1_000 !== 0) wrong('whole seconds');
}

/** Without a health check a primary would be answered always, and the roles would only be weights in disguise. */
function checkHealthChecks({ routing, healthChecks }: Route53TargetConfig, sites: string[], report: Report): void {
  if (routing === 'failover' && healthChecks) checkSites('healthChecks', healthChecks, sites, report);
  if (routing === 'failover' && !healthChecks)
    report('healthChecks', 'nothing', 'the health checks of both sites, because the routing is failover');
  if (routing !== 'failover' && healthChecks)
    report('healthChecks', 'health checks', `nothing: ${routing} routing has none`);
}

export function nameInOneSpelling(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}

/** A record in a hosted zone of Route 53. */
export const route53: TargetKind<typeof schema> = {
  schema,
  check,
  // A and CNAME of one name exclude each other; A and AAAA do not.
  steers: ({ zone, record, type }) => `${zone}/${nameInOneSpelling(record)}${type === 'AAAA' ? '/AAAA' : ''}`,
};
