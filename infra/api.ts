import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { HttpApi, HttpMethod, HttpStage, LogGroupLogDestination } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { type IMetric, MathExpression, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { FilterPattern, LogGroup, MetricFilter, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { logKinds, metricNames } from '../lambdas/api/contract.ts';
import { metrics } from '../lambdas/shared/contract.ts';
import type { WarrenFunction } from './function.ts';

export interface SignedApiProps {
  name: string;
  lambda: LambdaFunction;
  /** How long it is known who asked for what. @default one year */
  accessLogRetention?: RetentionDays;
}

/** One line for each request: who asked, for what, and what came of it. */
const accessLogFields = {
  requestId: '$context.requestId',
  at: '$context.requestTime',
  from: '$context.identity.sourceIp',
  who: '$context.identity.userArn',
  method: '$context.httpMethod',
  path: '$context.path',
  status: '$context.status',
  refused: '$context.error.message',
};

/** More than the API's own limits; a flood ends here. */
const requestsPerSecondMax = 50;

/** An HTTP API in front of a function. Every request is signed by AWS credentials that IAM lets in, and is logged. */
export class SignedApi extends Construct {
  readonly api: HttpApi;
  /** What paths such as `/v1/pairs` are put behind: without a slash at its end. */
  readonly url: string;

  constructor(scope: Construct, id: string, props: SignedApiProps) {
    super(scope, id);
    this.api = new HttpApi(this, 'Http', { apiName: props.name, createDefaultStage: false });
    this.api.addRoutes({
      path: '/{proxy+}',
      methods: [HttpMethod.ANY],
      integration: new HttpLambdaIntegration('Function', props.lambda),
      authorizer: new HttpIamAuthorizer(),
    });
    this.#createStage(props);
    this.url = this.api.apiEndpoint;
  }

  #createStage({ name, accessLogRetention = RetentionDays.ONE_YEAR }: SignedApiProps): void {
    const logGroup = new LogGroup(this, 'AccessLog', {
      // Under this name AWS lets itself in (user guide, "Enable logging from AWS services").
      logGroupName: `/aws/vendedlogs/${name}-access`,
      retention: accessLogRetention,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    new HttpStage(this, 'Stage', {
      httpApi: this.api,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: requestsPerSecondMax, burstLimit: 2 * requestsPerSecondMax },
      accessLogSettings: {
        destination: new LogGroupLogDestination(logGroup),
        format: AccessLogFormat.custom(JSON.stringify(accessLogFields)),
      },
    });
  }
}

/** Requests that failed by an error in Warren, and those that Lambda ended. A 503 is often an answer: readiness gives it. */
export function failuresOf(scope: Construct, name: string, { lambda, logGroup }: WarrenFunction): IMetric {
  const period = Duration.minutes(5);
  const filter = new MetricFilter(scope, 'Failures', {
    logGroup,
    filterPattern: FilterPattern.stringValue('$.kind', '=', logKinds.failure),
    metricNamespace: `${metrics.namespace}/${name}`,
    metricName: metricNames.failures,
    defaultValue: 0,
  });
  return new MathExpression({
    expression: 'FILL(failures, 0) + FILL(errors, 0)',
    usingMetrics: {
      failures: filter.metric({ period, statistic: Stats.SUM }),
      errors: lambda.metricErrors({ period, statistic: Stats.SUM }),
    },
    label: 'failed requests',
    period,
  });
}
