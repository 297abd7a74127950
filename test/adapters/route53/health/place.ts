import { createRoute53HealthTarget, type Route53HealthOptions } from '../../../../adapters/route53/health/target.ts';
import { systemClock } from '../../../../adapters/system/clock.ts';
import type { Target } from '../../../../core/flow/ports.ts';
import type { Route53HealthTargetConfig } from '../../../../core/model/targets/route53Health.ts';
import { type S3Options, type S3StandIn, startS3 } from '../../../support/aws/s3.ts';

export const record = 'amqp.example.com';
export const key = 'warren/trading';
export const regions = ['eu-west-1', 'eu-west-2', 'eu-west-3'] as const;
export const values = { beijing: ['192.0.2.1', '192.0.2.2'], shanghai: ['198.51.100.1'] };
export const bucketIn = (region: string) => `switch-${region}`;

/** What a copy says after a first flip. */
export const says = (site: string, epoch = 1, write = 1) =>
  `warren pair=trading site=${site} epoch=${epoch} write=${write}`;

/** A stand-in, and targets with a copy in each of its Regions. */
export interface Place {
  s3: S3StandIn;
  target(change?: Partial<Route53HealthTargetConfig>, options?: Partial<Route53HealthOptions>): Target;
  /** The text of each copy, in the order of the Regions. */
  copies(): (string | null)[];
  /** Somebody else's edit, copy by copy. */
  edit(texts: readonly (string | null)[], writtenAtMs?: number): void;
  close(): Promise<void>;
}

const credentials = {
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'example',
  AWS_EC2_METADATA_DISABLED: 'true',
};

/** Makes the environment lead to a new stand-in until it is closed. */
export async function openPlace(count: 1 | 3 = 3, options: Omit<S3Options, 'buckets'> = {}): Promise<Place> {
  // A test is not about how long the SDK takes to load.
  await import('../../../../adapters/route53/health/s3.ts');
  const before = { ...process.env };
  const used = regions.slice(0, count);
  const s3 = await startS3({ buckets: used.map((region) => ({ name: bucketIn(region), region })), ...options });
  Object.assign(process.env, credentials, { AWS_ENDPOINT_URL_S3: s3.url });
  const config: Route53HealthTargetConfig = {
    record,
    type: 'A',
    copies: used.map((region) => ({ region, bucket: bucketIn(region), key })),
    values,
    resolvers: [],
    followsMs: 180_000,
  };
  const sides = { pair: 'trading', primary: 'beijing', standby: 'shanghai' };
  return {
    s3,
    target: (change = {}, more = {}) =>
      createRoute53HealthTarget(
        { ...config, ...change },
        { ...sides, clock: systemClock, random: () => 0.5, budgetMs: 2_400, ...more },
      ),
    copies: () => used.map((region) => s3.text(bucketIn(region), key)),
    edit: (texts, writtenAtMs) =>
      used.forEach((region, index) => {
        s3.edit(bucketIn(region), key, texts[index] ?? null, writtenAtMs);
      }),
    async close() {
      process.env = before;
      await s3.close();
    },
  };
}
