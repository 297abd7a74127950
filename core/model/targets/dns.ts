import * as z from 'zod';
import { duration, formatDuration } from '../duration.ts';
import { checkSites, nameSchema, quote, type Report, reportRepeated, type TargetKind } from './target.ts';

const domainNamePattern = /^(?=.{1,253}\.?$)[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*\.?$/;

/** A domain name in one spelling: lower case, without the dot at its end. */
const domainName = z
  .string()
  .regex(domainNamePattern, 'expected a domain name')
  .transform((text) => oneSpelling(text));

const keySchema = z.strictObject({
  name: domainName.describe('the name of the key, as the server knows it'),
  algorithm: z.enum(['hmac-sha256', 'hmac-sha512']).default('hmac-sha256').describe('of the key'),
  // The same as in config.ts, which imports this file.
  secret: z
    .string()
    .regex(/^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+|secretsmanager:.+|ssm:.+)$/, {
      error: 'expected a reference to a secret, never the secret: env:NAME, file:PATH, secretsmanager:ARN or ssm:NAME',
    })
    .meta({ secret: true })
    .describe('a reference to the secret of the key, in base64'),
});

const schema = z
  .strictObject({
    server: z
      .string()
      .regex(/^([^\s/:[\]]+|\[[0-9a-fA-F:.]+\])(:\d{1,5})?$/, 'expected HOST or HOST:PORT')
      .describe('the primary server of the zone; the port is 53 unless given'),
    zone: domainName.describe('the zone that is updated'),
    record: domainName.describe('the name that clients look up; beside it Warren keeps a TXT record `_warren.NAME`'),
    type: z.enum(['A', 'AAAA', 'CNAME']).default('A').describe('of the record'),
    ttl: duration.prefault('30s').describe('how long resolvers may keep an answer'),
    values: z
      .record(nameSchema, z.array(z.string().min(1)).min(1, 'expected at least one value'))
      .describe('what is published for each site'),
    key: keySchema,
  })
  .transform(({ ttl, ...rest }) => ({ ...rest, ttlMs: ttl }));

export type DnsTargetConfig = z.output<typeof schema>;
export type DnsRecordType = DnsTargetConfig['type'];

/** One value in one spelling, so that two can be compared; undefined when it is none of this type. */
export function canonicalValue(type: DnsRecordType, value: string): string | undefined {
  if (type === 'A') return z.ipv4().safeParse(value).data;
  if (type === 'CNAME') return domainNamePattern.test(value) ? oneSpelling(value) : undefined;
  const bracketed = z.ipv6().safeParse(value).success ? URL.parse(`http://[${value}]`)?.hostname : undefined;
  return bracketed?.slice(1, -1);
}

/** Where the server listens. */
export function serverAddress(server: string): { host: string; port: number } {
  const [, host = server, port] = server.match(/^(.*?)(?::(\d+))?$/) ?? [];
  return { host: host.replace(/^\[(.*)\]$/, '$1').toLowerCase(), port: Number(port ?? 53) };
}

/** Where the marker of a record is. A and CNAME of one name exclude each other; A and AAAA may be two targets. */
export function markerNameOf({ record, type }: Pick<DnsTargetConfig, 'record' | 'type'>): string {
  return `_warren${type === 'AAAA' ? '-aaaa' : ''}.${record}`;
}

function check(config: DnsTargetConfig, sites: string[], report: Report): void {
  const { server, zone, record, type, ttlMs } = config;
  const { port } = serverAddress(server);
  if (port < 1 || port > 65_535) report('server', quote(server), 'a port between 1 and 65535');
  if (record !== zone && !record.endsWith(`.${zone}`)) report('record', quote(record), `a name within ${zone}`);
  if (record.length > longestRecord) report('record', quote(record), `at most ${longestRecord} characters`);
  if (record === zone && type === 'CNAME') report('type', type, 'A or AAAA, because the record is the zone itself');
  if (ttlMs < 1_000 || ttlMs > dayMs || ttlMs % 1_000 !== 0)
    report('ttl', formatDuration(ttlMs), 'whole seconds, from 1s to 1d');
  checkSites('values', config.values, sites, report);
  checkValues(config, report);
}

/** A value of both sides would send some clients to the wrong one, wherever traffic should be. */
function checkValues({ record, type, values }: DnsTargetConfig, report: Report): void {
  const used = new Map<string, string>();
  for (const [site, list] of Object.entries(values)) {
    if (type === 'CNAME' && list.length > 1) report(`values.${site}`, `${list.length} values`, 'one: a CNAME has one');
    if (list.length > mostValues) report(`values.${site}`, `${list.length} values`, `at most ${mostValues}`);
    list.forEach((value, index) => {
      const path = `values.${site}[${index}]`;
      const canonical = canonicalValue(type, value);
      if (canonical === undefined) report(path, quote(value), expectedValues[type]);
      else if (canonical === record) report(path, quote(value), 'another name than that of the record');
      else reportRepeated(used, canonical, path, report);
    });
  }
}

const dayMs = 86_400_000;
/** A site with more addresses than this is behind a load balancer. */
const mostValues = 64;
/** The name of the marker must fit as well (RFC 1035, section 2.3.4). */
const longestRecord = 253 - '_warren-aaaa.'.length;
const expectedValues: Record<DnsRecordType, string> = {
  A: 'an IPv4 address',
  AAAA: 'an IPv6 address',
  CNAME: 'a domain name',
};

function oneSpelling(name: string): string {
  return name.replace(/\.$/, '').toLowerCase();
}

/** A DNS server that accepts signed dynamic updates. */
export const dns: TargetKind<typeof schema> = {
  schema,
  check,
  steers: ({ server, ...config }) => {
    const { host, port } = serverAddress(server);
    return `${host}:${port}/${markerNameOf(config)}`;
  },
};
