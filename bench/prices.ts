/** Where the prices below are from. They change, and have not been looked up since: check them before you rely on a sum. */
export const pricesAsOf =
  'list prices of us-east-1 as of 2025, without free tiers; the page of each is named in bench/prices.ts';

/** List prices in US dollars, each for one of what its name ends with. */
export const prices = {
  /**
   * aws.amazon.com/route53/pricing, "Health checks": of AWS endpoints, which objects of S3 are taken for (others: 0.75 and 2), and the
   * same for calculated ones. Features are HTTPS, string matching, and the interval of ten seconds.
   */
  route53PerHealthCheck: 0.5,
  route53PerHealthCheckFeature: 1,
  /** aws.amazon.com/s3/pricing, S3 Standard, "Requests & data retrievals". */
  s3PerGet: 0.4 / 1e6,
  s3PerPut: 5 / 1e6,
  /** aws.amazon.com/lambda/pricing, Arm, first tier. */
  lambdaPerGbSecond: 0.0000133334,
  lambdaPerRequest: 0.2 / 1e6,
  /** aws.amazon.com/dynamodb/pricing/on-demand. A write of up to 1 KB, a strongly consistent read of up to 4 KB. */
  dynamodbPerWrite: 0.625 / 1e6,
  /** Of a global table, in each Region that has a replica; a witness is counted like one. */
  dynamodbPerReplicatedWrite: 0.625 / 1e6,
  dynamodbPerRead: 0.125 / 1e6,
  dynamodbPerGbMonth: 0.25,
  dynamodbRecoveryPerGbMonth: 0.2,
  /** aws.amazon.com/eventbridge/pricing, Scheduler. */
  schedulerPerStart: 1 / 1e6,
  /** aws.amazon.com/cloudwatch/pricing. An alarm costs by the metrics it looks at. */
  cloudwatchPerMetric: 0.3,
  cloudwatchPerAlarmMetric: 0.1,
  cloudwatchPerCompositeAlarm: 0.5,
  cloudwatchPerDashboard: 3,
  cloudwatchPerLogGb: 0.5,
  cloudwatchPerStoredLogGbMonth: 0.03,
  /** aws.amazon.com/api-gateway/pricing, HTTP APIs. */
  apiPerRequest: 1 / 1e6,
  /** aws.amazon.com/sns/pricing. */
  snsPerPublish: 0.5 / 1e6,
  snsPerEmail: 2 / 1e5,
  /** aws.amazon.com/secrets-manager/pricing. */
  secretPerMonth: 0.4,
  secretPerRead: 0.05 / 1e4,
} as const;
