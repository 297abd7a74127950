import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type App, Duration, Stack, Validations } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { HostedZone } from 'aws-cdk-lib/aws-route53';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { Pair } from '../../core/model/config.ts';
import { WarrenHealthSwitch, type WarrenHealthSwitchProps } from '../../infra/healthSwitch.ts';
import { healthCheckerRanges, WarrenSwitchBucket } from '../../infra/switchBucket.ts';
import { configWith, createApp, createStack, propertiesOf } from './support.ts';

const copyIn = (region: string) => ({ region, bucket: `switch-${region}`, key: 'warren/trading' });
const three = ['eu-west-1', 'eu-west-2', 'eu-west-3'].map(copyIn);
const values = { frankfurt: ['192.0.2.10'], ireland: ['198.51.100.10'] };
const healthCheck = 'AWS::Route53::HealthCheck';
const recordSet = 'AWS::Route53::RecordSet';

function pairWith(change: object = {}): Pair {
  const target = { record: 'amqp.example.com', copies: three, values, ...change };
  const [pair] = configWith({ targets: [{ 'route53-health': target }] }).pairs;
  return pair as Pair;
}

const zoneIn = (stack: Stack) =>
  HostedZone.fromHostedZoneAttributes(stack, 'Zone', { hostedZoneId: 'Z123', zoneName: 'example.com' });

function switchWith(pair: Pair, props: Partial<WarrenHealthSwitchProps> = {}, withZone = false): Template {
  const stack = createStack();
  new WarrenHealthSwitch(stack, 'Switch', { pair, ...(withZone && { zone: zoneIn(stack) }), ...props });
  return Template.fromStack(stack);
}

describe('the bucket of a copy', () => {
  const template = (() => {
    const stack = createStack();
    new WarrenSwitchBucket(stack, 'Copy', { copy: copyIn('eu-west-1') });
    return Template.fromStack(stack);
  })();

  test('is private, kept, keeps versions, and has the name that Warren writes to', () => {
    template.hasResource('AWS::S3::Bucket', {
      DeletionPolicy: 'Retain',
      Properties: {
        BucketName: 'switch-eu-west-1',
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        VersioningConfiguration: { Status: 'Enabled' },
        BucketEncryption: Match.objectLike({
          ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
        }),
      },
    });
  });

  test('lets health checkers read its one object, from their addresses, and refuses what is not TLS', () => {
    const [{ PolicyDocument } = {}] = propertiesOf(template, 'AWS::S3::BucketPolicy');
    const { Statement } = PolicyDocument as { Statement: { Effect: string; Sid?: string; Resource: unknown }[] };
    expect(Statement.map(({ Effect }) => Effect).toSorted()).toEqual(['Allow', 'Deny']);
    const allowed = Statement.find(({ Effect }) => Effect === 'Allow');
    expect(allowed).toMatchObject({
      Sid: 'HealthCheckers',
      Action: 's3:GetObject',
      Principal: { AWS: '*' },
      Condition: { IpAddress: { 'aws:SourceIp': healthCheckerRanges } },
    });
    expect(JSON.stringify(allowed?.Resource)).toMatch(/"\/warren\/trading"/);
  });

  test('admits no address outside of what AWS publishes: every range is narrow', () => {
    for (const range of healthCheckerRanges) expect(Number(range.split('/')[1])).toBeGreaterThanOrEqual(18);
  });

  test('is in its own Region', () => {
    const wrong = () => new WarrenSwitchBucket(createStack('eu-central-1'), 'Copy', { copy: copyIn('eu-west-1') });
    expect(wrong).toThrow(/copy\.region: got eu-west-1, expected eu-central-1, the Region of the stack/);
  });

  test('writes no object: a deployment must not move traffic', () => {
    expect(Object.keys(template.toJSON().Resources).length).toBe(2);
  });
});

describe('a switch of three copies', () => {
  test('is healthy unless two of them say the standby', () => {
    const template = switchWith(pairWith());
    template.resourceCountIs(healthCheck, 4);
    for (const { region, bucket, key } of three)
      template.hasResourceProperties(healthCheck, {
        HealthCheckConfig: {
          Type: 'HTTPS_STR_MATCH',
          FullyQualifiedDomainName: `${bucket}.s3.${region}.amazonaws.com`,
          ResourcePath: `/${key}`,
          SearchString: 'warren pair=trading site=ireland epoch=',
          Port: 443,
          EnableSNI: true,
          RequestInterval: 10,
          FailureThreshold: 2,
          Inverted: false,
        },
      });
    template.hasResourceProperties(healthCheck, {
      HealthCheckConfig: { Type: 'CALCULATED', HealthThreshold: 2, Inverted: true },
    });
    template.resourceCountIs(recordSet, 0);
  });

  test('has records once it is given the zone: the check on the primary’s, and none on the standby’s', () => {
    const template = switchWith(pairWith(), { ttl: Duration.seconds(60), every: Duration.seconds(30), looks: 1 }, true);
    const sets = propertiesOf(template, recordSet).toSorted((one) => (one.Failover === 'PRIMARY' ? -1 : 1));
    expect(sets).toEqual([
      {
        HostedZoneId: 'Z123',
        Name: 'amqp.example.com',
        Type: 'A',
        TTL: '60',
        SetIdentifier: 'warren-frankfurt',
        Failover: 'PRIMARY',
        HealthCheckId: { Ref: expect.stringContaining('Majority') },
        ResourceRecords: ['192.0.2.10'],
      },
      {
        HostedZoneId: 'Z123',
        Name: 'amqp.example.com',
        Type: 'A',
        TTL: '60',
        SetIdentifier: 'warren-ireland',
        Failover: 'SECONDARY',
        ResourceRecords: ['198.51.100.10'],
      },
    ]);
    template.hasResourceProperties(healthCheck, { HealthCheckConfig: { RequestInterval: 30, FailureThreshold: 1 } });
  });
});

describe('a switch whose pair has had its roles swapped', () => {
  const swapped = (pair: Pair): Pair => ({ ...pair, primary: pair.standby, standby: pair.primary });
  const ids = (pair: Pair) => Object.keys(switchWith(pair, {}, true).toJSON().Resources);

  test.each([1, 3])(
    'of %d copies has other checks and records: none that is in use looks for another site',
    (count) => {
      const pair = pairWith({ copies: three.slice(0, count) });
      const before = ids(pair);
      expect(before.length).toBeGreaterThan(2);
      expect(before.filter((id) => ids(swapped(pair)).includes(id))).toEqual([]);
    },
  );

  test('is the same as ever when it is handed the roles of before', () => {
    const { primary, standby } = pairWith();
    expect(ids({ ...swapped(pairWith()), primary, standby })).toEqual(ids(pairWith()));
  });
});

test('a switch of one copy is a single check, inverted', () => {
  const template = switchWith(pairWith({ copies: three.slice(0, 1) }));
  template.resourceCountIs(healthCheck, 1);
  template.hasResourceProperties(healthCheck, { HealthCheckConfig: { Type: 'HTTPS_STR_MATCH', Inverted: true } });
});

describe('a switch is refused', () => {
  test('for a pair that has none', () => {
    const [pair] = configWith().pairs;
    expect(() => switchWith(pair as Pair)).toThrow(
      /pair\.targets: got none, expected a target of the kind route53-health/,
    );
  });

  test('for a record that is not a target', () => {
    expect(() => switchWith(pairWith(), { record: 'mq.example.com' })).toThrow(
      /record: got mq\.example\.com, expected amqp\.example\.com/,
    );
  });

  test('with a zone and nothing to answer', () => {
    expect(() => switchWith(pairWith({ values: undefined }), {}, true)).toThrow(/zone: got a zone, expected `values`/);
  });
});

test('cdk-nag finds nothing in any of it', () => {
  const app: App = createApp();
  const stack = new Stack(app, 'Switch', { env: { region: 'eu-west-1' } });
  new WarrenSwitchBucket(stack, 'Copy', { copy: copyIn('eu-west-1') });
  new WarrenHealthSwitch(stack, 'Health', { pair: pairWith(), zone: zoneIn(stack) });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  app.synth();
  const report = JSON.parse(readFileSync(join(app.outdir, 'validation-report.json'), 'utf8')) as {
    pluginReports: { violations: unknown[] }[];
  };
  expect(report.pluginReports.flatMap(({ violations }) => violations)).toEqual([]);
});
