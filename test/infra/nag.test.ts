import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type Stack, Validations } from 'aws-cdk-lib';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { AwsSolutionsChecks } from 'cdk-nag';
import { addStacks } from '../../infra/stacks.ts';
import type { Stage } from '../../infra/stage.ts';
import { configWith, createApp, oneRegion, stubCode, threeRegions, votesOfThree } from './support.ts';

interface Report {
  pluginReports: { pluginName: string; violations: { ruleName: string }[] }[];
}

const network = {
  vpcId: 'vpc-0123456789abcdef0',
  availabilityZones: ['eu-west-1a'],
  privateSubnetIds: ['subnet-0123456789abcdef0'],
  securityGroupIds: ['sg-0123456789abcdef0'],
};

const balancing = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333';
const elbv2 = {
  listener: `${balancing}:listener/net/mq/0123456789abcdef/0123456789abcdef`,
  targetGroups: {
    frankfurt: `${balancing}:targetgroup/frankfurt/0123456789abcdef`,
    ireland: `${balancing}:targetgroup/ireland/0123456789abcdef`,
  },
};

const copies = [{ region: 'eu-west-1', bucket: 'switch-eu-west-1', key: 'warren/trading' }];
const health = { record: 'amqp.example.com', copies };

describe('cdk-nag and the rules of CloudFormation', () => {
  test.each<[string, Stage, Record<string, unknown>?]>([
    ['one Region', oneRegion],
    ['three Regions', threeRegions, votesOfThree],
    ['a VPC', { ...oneRegion, vantages: [{ name: 'ireland', region: 'eu-west-1', network }], controlNetwork: network }],
    ['a load balancer', oneRegion, { targets: [{ elbv2 }] }],
    ['a switch', oneRegion, { targets: [{ 'route53-health': health }] }],
  ])('find nothing in %s', (_what, stage, changes = {}) => {
    const app = createApp();
    addStacks(app, stage, configWith(changes), stubCode);
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    app.synth();
    const report = JSON.parse(readFileSync(join(app.outdir, 'validation-report.json'), 'utf8')) as Report;
    expect(report.pluginReports.flatMap(({ violations }) => violations)).toEqual([]);
  });

  test('would end the synthesis of what they find something in', () => {
    const app = createApp();
    const [stack] = addStacks(app, oneRegion, configWith(), stubCode);
    new Queue(stack as Stack, 'Forgotten');
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    expect(() => app.synth()).toThrow(/AwsSolutions-SQS3/);
  });
});
