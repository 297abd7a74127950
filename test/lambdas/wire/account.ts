import { type DynamodbServer, startDynalite } from '../../support/aws/dynamodb.ts';
import { type Elbv2StandIn, startElbv2 } from '../../support/aws/elbv2.ts';
import { type FaultProxy, startFaultProxy } from '../../support/aws/faultProxy.ts';
import { type Route53StandIn, startRoute53 } from '../../support/aws/route53.ts';
import { recordSet } from '../../support/aws/route53Sets.ts';
import { type S3StandIn, startS3 } from '../../support/aws/s3.ts';
import { startSecrets } from '../../support/aws/secrets.ts';
import { type SnsStandIn, startSns } from '../../support/aws/sns.ts';
import { region } from './installation.ts';

/** An account of AWS on loopback: everything that the functions ask, behind one address that can spoil any of it. */
export interface Account {
  readonly proxy: FaultProxy;
  readonly route53: Route53StandIn;
  readonly elbv2: Elbv2StandIn;
  readonly s3: S3StandIn;
  readonly sns: SnsStandIn;
  readonly dynamodb: DynamodbServer;
  close(): Promise<void>;
}

export interface AccountOptions {
  /** By default dynalite. */
  dynamodb?: () => Promise<DynamodbServer>;
  /** Of Route 53; tests probe ten times as often as deployments do, and so ask for more than the five of a real account. */
  requestsPerSecond?: number;
  /** Where its secrets are. @default the Region of the tables */
  regions?: string[];
}

/** The copies of a pair's switch, each in a bucket of its Region. */
export const copiesOf = (pair: string) =>
  ['eu-west-1', 'eu-west-2', 'eu-west-3'].map((each) => ({
    region: each,
    bucket: `switch-${each}`,
    key: `warren/${pair}`,
  }));

export const topic = `arn:aws:sns:${region}:123456789012:warren-notifications`;
export const secretArn = (name: string) => `arn:aws:secretsmanager:${region}:123456789012:secret:warren/${name}-AbCdEf`;
export const parameterName = (name: string) => `/warren/${name}`;

/** @param logins by name: each is kept as a secret under the key `login`, and as a parameter */
export async function openAccount(logins: Record<string, string>, options: AccountOptions = {}): Promise<Account> {
  const { dynamodb: startDynamodb = startDynalite, requestsPerSecond = 50, regions = [region] } = options;
  const [dynamodb, route53, elbv2, s3, sns, secrets] = await Promise.all([
    startDynamodb(),
    startRoute53({ requestsPerSecond }),
    startElbv2(),
    startS3({ buckets: copiesOf('').map(({ region: of, bucket: name }) => ({ name, region: of })) }),
    startSns([topic]),
    startSecrets({
      regions,
      secrets: keyed(logins, (name, login) => [secretArn(name), JSON.stringify({ login })]),
      parameters: keyed(logins, (name, login) => [parameterName(name), login]),
    }),
  ]);
  const proxy = await startFaultProxy({
    dynamodb: dynamodb.url,
    route53: route53.url,
    elasticloadbalancing: elbv2.url,
    s3: s3.url,
    sns: sns.url,
    secretsmanager: secrets.url,
    ssm: secrets.url,
  });
  return {
    proxy,
    route53,
    elbv2,
    s3,
    sns,
    dynamodb,
    async close() {
      await proxy.close();
      secrets.close();
      await Promise.all([route53, elbv2, s3, sns, dynamodb].map((each) => each.close()));
    },
  };
}

function keyed(logins: Record<string, string>, entry: (name: string, login: string) => [string, string]) {
  return Object.fromEntries(Object.entries(logins).map(([name, login]) => entry(name, login)));
}

/** Publishes an A record, as whoever had it before Warren did. */
export function publishRecord({ route53 }: Account, name: string, values: string[]): void {
  route53.edit(name, [recordSet({ name, values })]);
}

/** Makes the copies of a pair's switch, as whoever deployed it did by hand. */
export function publishSwitch({ s3 }: Account, pair: string, site: string): void {
  for (const { bucket, key } of copiesOf(pair))
    s3.edit(bucket, key, `warren pair=${pair} site=${site} epoch=0 write=1`);
}
