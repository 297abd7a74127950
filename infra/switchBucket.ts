import { RemovalPolicy, Stack, Token, Validations } from 'aws-cdk-lib';
import { AnyPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { SwitchCopyConfig } from '../core/model/targets/route53Health.ts';
import { RefusalError } from './refusals.ts';

export interface WarrenSwitchBucketProps {
  /** The copy of the switch that it holds, as the target's configuration names it; the stack is in its Region. */
  copy: SwitchCopyConfig;
  /** From where health checkers look. @default `healthCheckerRanges` */
  checkerRanges?: readonly string[];
  /** What becomes of the bucket when the stack goes. @default RETAIN */
  removalPolicy?: RemovalPolicy;
}

/**
 * The IPv4 addresses of Route 53's health checkers, outside of China (developer guide, "IP address ranges of Amazon Route 53
 * servers": ROUTE53_HEALTHCHECKS in ip-ranges.json). A domain name is checked by IPv4 alone (API reference, HealthCheckConfig,
 * FullyQualifiedDomainName). Should some move elsewhere, those that can still look are enough: 18 % decide.
 */
export const healthCheckerRanges: readonly string[] = [
  '15.177.0.0/18',
  '54.183.255.128/26',
  '54.228.16.0/26',
  '54.232.40.64/26',
  '54.241.32.64/26',
  '54.243.31.192/26',
  '54.244.52.192/26',
  '54.245.168.0/26',
  '54.248.220.0/26',
  '54.250.253.192/26',
  '54.251.31.128/26',
  '54.252.79.128/26',
  '54.252.254.192/26',
  '54.255.254.192/26',
  '107.23.255.0/26',
  '176.34.159.192/26',
  '177.71.207.128/26',
];

/**
 * The bucket of one copy of a switch. Health checkers sign nothing: its policy lets their addresses read the one object, which S3
 * does not count as public (user guide, "The meaning of 'public'"). The object itself is made by hand: a deployment that wrote
 * it would move traffic.
 */
export class WarrenSwitchBucket extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, props: WarrenSwitchBucketProps) {
    super(scope, id);
    const { copy, checkerRanges = healthCheckerRanges, removalPolicy = RemovalPolicy.RETAIN } = props;
    requireRegion(this, copy);
    this.bucket = new Bucket(this, 'Bucket', {
      bucketName: copy.bucket,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      // A key of one's own would have to let checkers decrypt, and they are nobody.
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      versioned: true,
      removalPolicy,
    });
    this.bucket.addToResourcePolicy(
      new PolicyStatement({
        sid: 'HealthCheckers',
        actions: ['s3:GetObject'],
        principals: [new AnyPrincipal()],
        resources: [this.bucket.arnForObjects(copy.key)],
        conditions: { IpAddress: { 'aws:SourceIp': [...checkerRanges] } },
      }),
    );
    const reason = 'Health checkers read its one object several times a second; who wrote it is in its versions.';
    Validations.of(this.bucket).acknowledge({ id: 'AwsSolutions-S1', reason });
  }
}

/** @throws RefusalError */
function requireRegion(scope: Construct, copy: SwitchCopyConfig): void {
  const { region } = Stack.of(scope);
  if (Token.isUnresolved(region) || region === copy.region) return;
  const refusal = { path: 'copy.region', value: copy.region, expected: `${region}, the Region of the stack` };
  throw new RefusalError('WarrenSwitchBucket', [refusal]);
}
