import { beforeAll, describe, expect, test } from '@jest/globals';
import { Aws } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { WarrenDashboard } from '../../infra/dashboard.ts';
import { type Resources, rolesOf } from '../../infra/iamRows.ts';
import { allowEach } from '../../infra/permissions.ts';
import { requirePolicySizes } from '../../infra/policySizes.ts';
import { pairsMax, stageProblems } from '../../infra/refusals.ts';
import type { Stage } from '../../infra/stage.ts';
import {
  configOfDistinct,
  createApp,
  createStack,
  oneRegion,
  propertiesOf,
  templatesOf,
  threeRegions,
} from './support.ts';

const network = {
  vpcId: 'vpc-0123456789abcdef0',
  availabilityZones: ['eu-west-1a'],
  privateSubnetIds: ['subnet-0123456789abcdef0'],
  securityGroupIds: ['sg-0123456789abcdef0'],
};
/** Everything in a VPC. Of several vantages each has a stack like this one. */
const large: Stage = {
  ...oneRegion,
  vantages: oneRegion.vantages.map((vantage) => ({ ...vantage, network })),
  controlNetwork: network,
};

/** As CloudFormation will have it: what is joined is joined, and an account has twelve digits. */
function deployed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(deployed);
  if (typeof value !== 'object' || value === null) return value;
  const { Ref, 'Fn::Join': join, 'Fn::GetAtt': attribute } = value as Record<string, unknown>;
  if (Array.isArray(join)) return (join[1] as unknown[]).map(deployed).join(join[0]);
  if (Ref === 'AWS::AccountId') return '111122223333';
  if (Ref || attribute) return `arn:aws:logs:eu-west-1:111122223333:${'x'.repeat(60)}`;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, deployed(field)]));
}

const charactersOf = (value: unknown) => JSON.stringify(deployed(value)).length;

describe('as many pairs as a stage takes, with nothing in common,', () => {
  let templates: [string, Template][];
  beforeAll(() => {
    templates = Object.entries(templatesOf(large, configOfDistinct(pairsMax)));
  });

  const all = (type: string) => templates.flatMap(([, template]) => propertiesOf(template, type));
  const sizes = (type: string) => all(type).map(({ PolicyDocument }) => charactersOf(PolicyDocument));
  const roleIds = ({ Roles }: Record<string, unknown>) => (Roles as { Ref: string }[]).map(({ Ref }) => Ref);

  test('fit into the templates that CloudFormation takes', () => {
    // CloudFormation user guide, "Understand CloudFormation quotas": resources, and the body of a template in S3.
    for (const [, template] of templates) {
      expect(Object.keys(template.toJSON().Resources).length).toBeLessThanOrEqual(500);
      expect(JSON.stringify(template.toJSON(), null, 1).length).toBeLessThanOrEqual(1_000_000);
    }
  });

  test('fit into the policies that IAM takes', () => {
    // IAM user guide, "IAM and AWS STS quotas". Each role has one inline policy.
    expect(Math.max(...sizes('AWS::IAM::Policy'))).toBeLessThanOrEqual(10_240);
    expect(Math.max(...sizes('AWS::IAM::ManagedPolicy'))).toBeLessThanOrEqual(6_144);
    for (const [, template] of templates) {
      const inline = propertiesOf(template, 'AWS::IAM::Policy').flatMap(roleIds);
      expect(new Set(inline).size).toBe(inline.length);
      const managed = propertiesOf(template, 'AWS::IAM::ManagedPolicy').flatMap(roleIds);
      for (const id of managed) expect(managed.filter((each) => each === id).length).toBeLessThanOrEqual(10);
    }
  });

  test('fit also in an app without any flag of the CDK', () => {
    expect(() => templatesOf(large, configOfDistinct(pairsMax), createApp({ context: {} }))).not.toThrow();
  });

  test('are all on the page about the role, which reads managed policies too', () => {
    const resources = templates.flatMap(([, template]) => Object.entries(template.toJSON().Resources));
    const roles = rolesOf(Object.fromEntries(resources) as Resources);
    const watch = roles.find(({ title }) => title.includes('warren-watch'));
    const text = JSON.stringify(watch?.rows);
    expect(text.match(/ssm:[^,]*parameter\/warren\/trading-\d+\/ireland/g)).toHaveLength(pairsMax);
    expect(text.match(/_warren\.amqp\.trading-\d+/g)).toHaveLength(pairsMax);
  });

  test('fit into the patterns that EventBridge takes, each alarm once', () => {
    // EventBridge user guide, quotas: the size of an event pattern.
    const patterns = all('AWS::Events::Rule').map(({ EventPattern }) => EventPattern as { resources: unknown[] });
    for (const pattern of patterns) expect(charactersOf(pattern)).toBeLessThanOrEqual(2_048);
    const alarms = patterns.flatMap(({ resources }) => resources.map(deployed));
    expect(new Set(alarms).size).toBe(pairsMax);
    expect(alarms).toHaveLength(pairsMax);
  });

  test('fit into the dashboard that CloudWatch takes, each pair as each vantage sees it', () => {
    const stack = createStack();
    const { vantages } = threeRegions;
    new WarrenDashboard(stack, 'Dashboard', { config: configOfDistinct(pairsMax), vantages });
    const [dashboard] = propertiesOf(Template.fromStack(stack), 'AWS::CloudWatch::Dashboard');
    const { widgets } = JSON.parse(String(deployed(dashboard?.DashboardBody))) as {
      widgets: { properties: { alarms?: string[]; metrics?: unknown[] } }[];
    };
    // CloudWatch user guide, "CloudWatch service quotas", dashboards; API reference, "Dashboard Body Structure and Syntax".
    expect(widgets.length).toBeLessThanOrEqual(500);
    const metrics = widgets.flatMap(({ properties }) => properties.metrics ?? []);
    expect(metrics.length).toBeLessThanOrEqual(2_500);
    const squares = widgets.flatMap(({ properties }) => (properties.alarms ? [properties.alarms] : []));
    for (const alarms of squares) expect(alarms.length).toBeLessThanOrEqual(100);
    expect(new Set(squares.flat()).size).toBe(pairsMax * vantages.length);
  });

  test('are not refused, and one more is', () => {
    expect(stageProblems(large, configOfDistinct(pairsMax))).toEqual([]);
    expect(stageProblems(large, configOfDistinct(pairsMax + 1))).toMatchObject([{ path: 'pairs' }]);
  });
});

describe('a role', () => {
  const synthesize = (names: string[]) => {
    const app = createApp();
    const stack = createStack('eu-west-1', app);
    const role = new Role(stack, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    for (const statement of allowEach('Some', ['s3:GetObject'], names)) role.addToPolicy(statement);
    requirePolicySizes(role);
    return () => app.synth();
  };
  const names = (count: number, length: number, partition = 'aws') =>
    Array.from({ length: count }, (_, index) => `arn:${partition}:s3:::b/${String(index).padStart(length, '0')}`);

  test('that IAM would refuse ends the synthesis, also where names are longer than usual', () => {
    expect(synthesize(names(100, 1_000))).toThrow(/A role needs \d+ managed policies, and IAM takes 10\./);
    expect(synthesize(names(1, 20_000))).toThrow(
      /A role needs \d+ characters of one managed policy, and IAM takes 6144\./,
    );
  });

  test('that is as long as it may be does not', () => {
    expect(synthesize(names(50, 1_000))).not.toThrow();
  });

  test('whose partition is not known before is taken for as long as it can become, and not for longer', () => {
    expect(synthesize(names(200, 100, Aws.PARTITION))).not.toThrow();
  });
});
