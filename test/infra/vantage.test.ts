import { describe, expect, test } from '@jest/globals';
import { Annotations, Match, type Template } from 'aws-cdk-lib/assertions';
import { addStacks } from '../../infra/stacks.ts';
import {
  configWith,
  createApp,
  oneRegion,
  propertiesOf,
  stubCode,
  templateOf,
  templatesOf,
  threeRegions,
} from './support.ts';

const lambda = 'AWS::Lambda::Function';
const template = templateOf(templatesOf(oneRegion), 'warren-vantage-ireland');

function environmentOf(from: Template): Record<string, string> {
  const [{ Environment } = {}] = propertiesOf(from, lambda);
  return (Environment as { Variables: Record<string, string> }).Variables;
}

const network = {
  vpcId: 'vpc-0123456789abcdef0',
  availabilityZones: ['eu-west-1a'],
  privateSubnetIds: ['subnet-0123456789abcdef0'],
  securityGroupIds: ['sg-0123456789abcdef0'],
};

describe('the watch function', () => {
  test('has its minute and some seconds, and may overlap with the next', () => {
    template.hasResourceProperties(lambda, {
      FunctionName: 'warren-watch-ireland',
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      Timeout: 70,
      ReservedConcurrentExecutions: 3,
    });
  });

  test('is told who it is and where its tables are', () => {
    expect(environmentOf(template)).toEqual({
      WARREN_CONFIG: 'warren.json',
      WARREN_VANTAGE: 'ireland',
      WARREN_STATE_TABLE: 'warren-state',
      WARREN_HISTORY_TABLE: 'warren-history',
      WARREN_STORE_REGION: 'eu-west-1',
    });
  });

  test('uses the tables beside it where there are any', () => {
    const templates = templatesOf(threeRegions);
    expect(environmentOf(templateOf(templates, 'warren-vantage-paris')).WARREN_STORE_REGION).toBe('eu-west-3');
    const alone = templatesOf({
      ...threeRegions,
      store: { replicaRegions: ['eu-west-2'], witnessRegion: 'eu-west-3' },
    });
    expect(environmentOf(templateOf(alone, 'warren-vantage-paris')).WARREN_STORE_REGION).toBe('eu-west-1');
  });

  test('only observes while the kill switch of the stage is on', () => {
    const templates = templatesOf({ ...oneRegion, observe: true });
    for (const each of Object.values(templates)) expect(environmentOf(each).WARREN_OBSERVE).toBe('1');
  });

  test('is never started again for the same minute', () => {
    template.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
      MaximumRetryAttempts: 0,
      MaximumEventAgeInSeconds: 60,
    });
  });

  test('keeps its log for a time', () => {
    template.hasResourceProperties('AWS::Logs::LogGroup', {
      LogGroupName: '/warren/warren-watch-ireland',
      RetentionInDays: 90,
    });
  });

  test('is in a VPC only where one is named, and cannot use what Lambda needs for it', () => {
    template.hasResourceProperties(lambda, { VpcConfig: Match.absent() });
    const stage = { ...oneRegion, vantages: [{ name: 'ireland', region: 'eu-west-1', network }] };
    const inside = templateOf(templatesOf(stage), 'warren-vantage-ireland');
    inside.hasResourceProperties(lambda, {
      VpcConfig: { SecurityGroupIds: ['sg-0123456789abcdef0'], SubnetIds: ['subnet-0123456789abcdef0'] },
    });
    const denied = { Sid: 'CodeDoesNot', Effect: 'Deny', Condition: { ArnEquals: Match.anyValue() } };
    inside.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: Match.arrayWith([Match.objectLike(denied)]) },
    });
  });

  test('is put into a VPC without a warning about what it does not need', () => {
    const stacks = addStacks(createApp(), { ...oneRegion, controlNetwork: network }, configWith(), stubCode);
    const warnings = stacks.flatMap((stack) => Annotations.fromStack(stack).findWarning('*', Match.anyValue()));
    expect(warnings).toEqual([]);
  });
});

describe('its schedule', () => {
  test('starts it every minute, once, and keeps what could not be started', () => {
    template.hasResourceProperties('AWS::Scheduler::Schedule', {
      ScheduleExpression: 'rate(1 minute)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      State: 'ENABLED',
      Target: {
        RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 },
        DeadLetterConfig: Match.anyValue(),
      },
    });
    template.hasResourceProperties('AWS::SQS::Queue', { QueueName: 'warren-watch-ireland-undelivered' });
  });

  test('has a role that only schedules of its own group may use', () => {
    template.hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: {
        Statement: [
          Match.objectLike({
            Principal: { Service: 'scheduler.amazonaws.com' },
            Condition: {
              StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' }, 'aws:SourceArn': Match.anyValue() },
            },
          }),
        ],
      },
    });
  });
});

describe('a vantage stack', () => {
  test('comes after the control stack, whose tables it needs', () => {
    expect(Object.keys(templatesOf(threeRegions))).toEqual([
      'warren-control',
      'warren-vantage-ireland',
      'warren-vantage-london',
      'warren-vantage-paris',
    ]);
  });

  test('lets alarms of its account publish, and nobody without TLS', () => {
    template.hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
          Match.objectLike({
            Effect: 'Allow',
            Principal: { Service: 'cloudwatch.amazonaws.com' },
            Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
          }),
        ]),
      },
    });
  });

  test('mails alarms to whom the stage names', () => {
    const mailing = templatesOf({ ...oneRegion, alarmEmails: ['on-call@example.com'] });
    for (const each of Object.values(mailing))
      each.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'email', Endpoint: 'on-call@example.com' });
  });

  test('has one watch function for many pairs', () => {
    const { pairs, ...rest } = configWith();
    const [pair] = pairs;
    if (!pair) throw new Error('the example has no pair');
    const many = Array.from({ length: 20 }, (_, index) => ({ ...pair, name: `pair-${index}` }));
    const crowded = templateOf(templatesOf(oneRegion, { ...rest, pairs: many }), 'warren-vantage-ireland');
    crowded.resourceCountIs(lambda, 1);
    crowded.resourceCountIs('AWS::CloudWatch::CompositeAlarm', 20);
  });
});
