import * as z from 'zod';
import { duration, formatDuration } from '../duration.ts';
import {
  checkResolvers,
  checkValues,
  hostname,
  nameInOneSpelling,
  recordTypeSchema,
  resolversSchema,
  valuesSchema,
} from './route53.ts';
import { quote, type Report, reportRepeated, type TargetKind } from './target.ts';

/** The path of a health check has at most 255 characters (Route 53 API reference, "HealthCheckConfig", ResourcePath). */
const keyLengthMax = 254;

const copySchema = z.strictObject({
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d{1,2}$/, 'expected a Region of AWS, such as eu-west-1')
    .describe('the Region of the bucket: not that of the primary'),
  bucket: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/, 'expected the name of an S3 bucket, without dots')
    .describe('the S3 bucket that has this copy'),
  key: z
    .string()
    .max(keyLengthMax, `expected at most ${keyLengthMax} characters`)
    .regex(/^[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)*$/, 'expected the key of an object: letters, digits and _ . - /')
    .describe('the object that Warren writes, and Route 53 health checkers read'),
});

const schema = z
  .strictObject({
    record: hostname.describe('the name that clients resolve: its failover records follow the health check'),
    type: recordTypeSchema,
    copies: z
      .array(copySchema)
      .min(1, 'expected at least one copy')
      .describe('the switch: one object of S3, or three in three Regions, of which two decide'),
    values: valuesSchema.describe('what Route 53 answers for each site; `resolvers` need them'),
    resolvers: resolversSchema.describe('authoritative name servers of the zone, asked at each read'),
    follows: duration
      .prefault('3m')
      .describe('resolvers that still answer otherwise this long after a write: traffic is where they say'),
  })
  .transform(({ follows, ...rest }) => ({ ...rest, followsMs: follows }));

export type Route53HealthTargetConfig = z.output<typeof schema>;
/** One object that holds the switch. */
export type SwitchCopyConfig = Route53HealthTargetConfig['copies'][number];

/**
 * Regions of other partitions than `aws`: China, GovCloud, and those set apart for governments ("Partitions", AWS fault isolation
 * boundaries). S3 has other host names in some, and Route 53 is another one in all.
 */
const otherPartitions = /^(cn|us-gov|[a-z]{2}-iso[a-z]?)-/;

const countsOfCopies = [1, 3, 5];
const followsMinMs = 30_000;
const followsMaxMs = 3_600_000;

function check(config: Route53HealthTargetConfig, sites: string[], report: Report): void {
  const { copies, values, resolvers, followsMs } = config;
  if (!countsOfCopies.includes(copies.length))
    report('copies', `${copies.length} copies`, '1, 3 or 5: a majority of an even number is no safer');
  const regions = new Map<string, string>();
  copies.forEach(({ region }, index) => {
    const path = `copies[${index}].region`;
    if (otherPartitions.test(region))
      report(path, quote(region), 'a Region outside of China and GovCloud, which are not supported');
    reportRepeated(regions, region, path, report);
  });
  if (values) checkValues(config, values, sites, report);
  if (resolvers.length > 0 && !values) report('values', 'nothing', 'values of both sites, because there are resolvers');
  checkResolvers(config, report);
  if (followsMs < followsMinMs || followsMs > followsMaxMs)
    report('follows', quote(formatDuration(followsMs)), 'from 30s to 1h');
}

/** Failover records of Route 53 whose health check looks at an object of S3: moved without Route 53's control plane. */
export const route53Health: TargetKind<typeof schema> = {
  schema,
  check,
  steers: ({ record, type }) => `${nameInOneSpelling(record)}${type === 'AAAA' ? '/AAAA' : ''}`,
};

/** How many copies decide. */
export function majorityOf(copies: readonly unknown[]): number {
  return Math.floor(copies.length / 2) + 1;
}
