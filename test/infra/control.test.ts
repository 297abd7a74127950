import { describe, expect, test } from '@jest/globals';
import { Match } from 'aws-cdk-lib/assertions';
import { configWith, oneRegion, propertiesOf, templateOf, templatesOf, threeRegions } from './support.ts';

const templates = templatesOf(threeRegions);
const template = templateOf(templates, 'warren-control');

describe('the API', () => {
  test('takes only requests that IAM lets in', () => {
    const routes = propertiesOf(template, 'AWS::ApiGatewayV2::Route');
    expect(routes.map(({ RouteKey, AuthorizationType }) => [RouteKey, AuthorizationType])).toEqual([
      ['ANY /{proxy+}', 'AWS_IAM'],
    ]);
  });

  test('logs who asked for what, and throttles a flood', () => {
    template.hasResourceProperties('AWS::ApiGatewayV2::Stage', {
      StageName: '$default',
      AccessLogSettings: { Format: Match.stringLikeRegexp('userArn'), DestinationArn: Match.anyValue() },
      DefaultRouteSettings: { ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100 },
    });
    template.hasResourceProperties('AWS::Logs::LogGroup', {
      LogGroupName: '/aws/vendedlogs/warren-api-access',
      RetentionInDays: 365,
    });
  });

  test('counts as failed what an error in Warren or Lambda ended, and no 503 that is an answer', () => {
    template.hasResourceProperties('AWS::Logs::MetricFilter', {
      FilterPattern: '{ $.kind = "api-failure" }',
      MetricTransformations: [Match.objectLike({ MetricNamespace: 'Warren/warren-api', MetricName: 'ApiFailures' })],
    });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: 'warren-api-failing',
      Metrics: Match.arrayWith([Match.objectLike({ Expression: 'FILL(failures, 0) + FILL(errors, 0)' })]),
    });
  });

  test('answers before API Gateway gives up', () => {
    template.hasResourceProperties('AWS::Lambda::Function', { FunctionName: 'warren-api', Timeout: 15 });
  });
});

describe('the alarm function', () => {
  test('hears of the alarms that the pairs name, and of no other', () => {
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        source: ['aws.cloudwatch'],
        'detail-type': ['CloudWatch Alarm State Change'],
        resources: [{ 'Fn::Join': ['', Match.arrayWith([':alarm:frankfurt-datacenter-lost'])] }],
      },
    });
  });

  test('is started again for an event that it failed on, while that is fresh; then the event is kept', () => {
    template.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
      MaximumRetryAttempts: 2,
      MaximumEventAgeInSeconds: 300,
    });
    template.hasResourceProperties('AWS::Lambda::Function', {
      FunctionName: 'warren-alarm',
      DeadLetterConfig: { TargetArn: Match.anyValue() },
    });
    template.hasResourceProperties('AWS::Events::Rule', {
      Targets: [
        Match.objectLike({ DeadLetterConfig: Match.anyValue(), RetryPolicy: { MaximumEventAgeInSeconds: 300 } }),
      ],
    });
  });

  test('is not there when no pair names an alarm', () => {
    const quiet = templateOf(templatesOf(oneRegion, configWith({ alarms: [] })), 'warren-control');
    quiet.resourceCountIs('AWS::Events::Rule', 0);
    quiet.resourceCountIs('AWS::Lambda::Function', 1);
  });
});

describe('the dashboard', () => {
  const [{ DashboardBody: body } = {}] = propertiesOf(template, 'AWS::CloudWatch::Dashboard');
  const text = JSON.stringify(body);

  test('shows every pair, as seen from every vantage', () => {
    for (const region of ['eu-west-1', 'eu-west-2', 'eu-west-3']) {
      expect(text).toContain(`:cloudwatch:${region}:`);
    }
    expect(text).toContain('warren-trading-trouble');
    expect(text).toContain('frankfurt → ireland');
  });

  test('shows all four metrics of a pair', () => {
    for (const metric of ['Ticks', 'Protected', 'Trouble', 'CertificateDaysLeft']) expect(text).toContain(metric);
  });
});

describe('the control stack', () => {
  test('says where the API is, in an output without a hash in its name, to put paths behind', () => {
    template.hasOutput('Url', { Value: { 'Fn::GetAtt': [Match.stringLikeRegexp('^ControlApiHttp'), 'ApiEndpoint'] } });
  });

  test('says in an output and in its metadata which loss it survives', () => {
    const sentence = 'The tables survive the loss of any one of eu-west-1, eu-west-2, eu-west-3';
    const outputs = Object.values(template.findOutputs('*')).map(({ Value }) => Value);
    expect(outputs).toContainEqual(expect.stringContaining(sentence));
    expect(template.toJSON().Metadata).toEqual({ survives: expect.stringContaining(sentence) });
  });

  test('has nothing of another installation in the same account', () => {
    const second = templatesOf({ ...oneRegion, prefix: 'mq' });
    expect(Object.keys(second)).toEqual(['mq-control', 'mq-vantage-ireland']);
    const keys = [
      'TableName',
      'QueueName',
      'TopicName',
      'AlarmName',
      'CompositeAlarmName',
      'DashboardName',
      'RuleName',
    ];
    const names = Object.values(second)
      .flatMap((each) =>
        Object.values(each.toJSON().Resources as Record<string, { Properties: Record<string, string> }>),
      )
      .flatMap(({ Properties }) => keys.flatMap((key) => Properties[key] ?? []));
    expect(names.length).toBeGreaterThan(15);
    expect(names.filter((name) => !/^mq\b/.test(name))).toEqual([]);
  });
});
