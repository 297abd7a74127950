import { reserveSeconds, timeoutSeconds } from '../lambdas/watch/contract.ts';
import { prices } from './prices.ts';

/** What a sum depends on. Every one is a flag of `npm run cost`. */
export interface Assumptions {
  pairs: number;
  /** Regions to watch from; with three, the tables are in all three. */
  regions: number;
  /** Memory of each function. */
  memoryMb: number;
  /** How long the watch function runs of each minute; the ends of two overlap. */
  watchSeconds: number;
  /** Turns of the loop: a pair's `probe.every`. */
  ticksPerMinute: number;
  /** To the store, by one vantage for one pair. */
  writesPerTick: number;
  readsPerTick: number;
  /** Size of both tables, for one pair: room for a side that is lost or returns every three minutes, as long as rows are kept. */
  storedMbPerPair: number;
  /** Written to the log, for one pair and vantage, while nothing happens: each run tells how it finds things. */
  logBytesPerMinute: number;
  /** Of a pair, in the last month: changes of health, moves, alarms. */
  notificationsPerMonth: number;
  /** To the API, by people and dashboards of theirs. */
  apiRequestsPerMonth: number;
  /** How long the API takes for one. */
  apiSeconds: number;
  /** References to Secrets Manager; Parameter Store's standard parameters cost nothing. */
  secretsPerPair: number;
  /** Targets of the kind `route53-health` with three copies, of all pairs together. */
  healthSwitches: number;
}

export const defaultAssumptions: Assumptions = {
  pairs: 1,
  regions: 1,
  memoryMb: 512,
  watchSeconds: timeoutSeconds - reserveSeconds,
  ticksPerMinute: 12,
  writesPerTick: 1,
  readsPerTick: 3,
  storedMbPerPair: 100,
  logBytesPerMinute: 4_000,
  notificationsPerMonth: 100,
  apiRequestsPerMonth: 10_000,
  apiSeconds: 0.2,
  secretsPerPair: 4,
  healthSwitches: 0,
};

const told = 'yours to say';
const deployed = 'as it is deployed';
const measured = 'measured by the tests';
const assumed = 'assumed';

/** Where each default is from. */
export const sources: Record<keyof Assumptions, string> = {
  pairs: told,
  regions: told,
  memoryMb: `${deployed}; whether it is enough for many pairs has been measured nowhere`,
  watchSeconds: `${deployed}; a run may take up to ${reserveSeconds} more to end`,
  ticksPerMinute: 'the default of `probe.every`',
  writesPerTick: measured,
  readsPerTick: measured,
  storedMbPerPair: `${assumed}: a side lost or back every three minutes; the size of its rows is ${measured}`,
  logBytesPerMinute: `${measured}, while nothing happens`,
  notificationsPerMonth: assumed,
  apiRequestsPerMonth: assumed,
  apiSeconds: assumed,
  secretsPerPair: assumed,
  healthSwitches: told,
};

/** US dollars a month: of an installation without pairs, and of each pair. */
export interface ServiceCost {
  service: string;
  base: number;
  perPair: number;
}

/** An average month. */
export const minutesPerMonth = 730 * 60;
/** Of a pair and Region, because an alarm sees the metrics of its own Region only: Ticks, Protected, Trouble, CertificateDaysLeft. */
const metricsPerPair = 4;
/** Of a pair and Region; each looks at one metric. One more is the composite. */
const alarmsPerPair = 7;
/** Of a Region: the function fails, its start is not delivered. */
const alarmsPerRegion = 2;
/** Of the control stack: the API fails, which looks at two metrics, one of them custom; an alarm was not heard. */
const alarmMetricsOfControl = 3;
const metricsOfControl = 1;
/** Of a switch: each has a health check with HTTPS, string matching and the fast interval; one more is calculated from them. */
const copiesPerSwitch = 3;
const featuresPerCheck = 3;
/**
 * Assumed: two in each of the eight Regions. The Cloud Map API reference ("HealthCheckConfig") says that all of them, each every 30
 * seconds, come to a request about every two seconds, which would be 15.
 */
const checkers = 16;
/** `every` of `WarrenHealthSwitch`. */
const checkerSeconds = 10;
const flipsPerMonth = 10;

/**
 * What a month costs, service by service. One watch function watches all pairs at once, so its time is paid once.
 */
export function costOf(given: Assumptions): ServiceCost[] {
  return [
    lambda(given),
    dynamodb(given),
    scheduler(given),
    ...cloudwatch(given),
    api(given),
    sns(given),
    secrets(given),
    ...switches(given),
  ];
}

/** @returns the sum of all services for this many pairs */
export function totalOf(costs: readonly ServiceCost[], pairs: number): number {
  return costs.reduce((sum, { base, perPair }) => sum + base + pairs * perPair, 0);
}

function lambda({ regions, memoryMb, watchSeconds, apiRequestsPerMonth, apiSeconds }: Assumptions): ServiceCost {
  const memoryGb = memoryMb / 1_024;
  const seconds = regions * minutesPerMonth * watchSeconds + apiRequestsPerMonth * apiSeconds;
  const requests = regions * minutesPerMonth + apiRequestsPerMonth;
  const base = seconds * memoryGb * prices.lambdaPerGbSecond + requests * prices.lambdaPerRequest;
  return { service: 'Lambda', base, perPair: 0 };
}

/** With three Regions a write is paid in each. */
function dynamodb(given: Assumptions): ServiceCost {
  const { regions, ticksPerMinute, writesPerTick, readsPerTick, storedMbPerPair } = given;
  const ticks = regions * minutesPerMonth * ticksPerMinute;
  const perWrite = regions > 1 ? regions * prices.dynamodbPerReplicatedWrite : prices.dynamodbPerWrite;
  const perGb = prices.dynamodbPerGbMonth + prices.dynamodbRecoveryPerGbMonth;
  const stored = regions * (storedMbPerPair / 1_024) * perGb;
  const perPair = ticks * (writesPerTick * perWrite + readsPerTick * prices.dynamodbPerRead) + stored;
  return { service: 'DynamoDB', base: 0, perPair };
}

function scheduler({ regions }: Assumptions): ServiceCost {
  return { service: 'EventBridge Scheduler', base: regions * minutesPerMonth * prices.schedulerPerStart, perPair: 0 };
}

function cloudwatch({ regions, logBytesPerMinute }: Assumptions): ServiceCost[] {
  const logGb = (regions * minutesPerMonth * logBytesPerMinute) / 1e9;
  // Three months are kept.
  const perLogGb = prices.cloudwatchPerLogGb + 3 * prices.cloudwatchPerStoredLogGbMonth;
  const alarms = alarmsPerPair * prices.cloudwatchPerAlarmMetric + prices.cloudwatchPerCompositeAlarm;
  return [
    {
      service: 'CloudWatch metrics',
      base: metricsOfControl * prices.cloudwatchPerMetric,
      perPair: regions * metricsPerPair * prices.cloudwatchPerMetric,
    },
    {
      service: 'CloudWatch alarms',
      base: (alarmMetricsOfControl + regions * alarmsPerRegion) * prices.cloudwatchPerAlarmMetric,
      perPair: regions * alarms,
    },
    { service: 'CloudWatch logs', base: 0, perPair: logGb * perLogGb },
    { service: 'CloudWatch dashboard', base: prices.cloudwatchPerDashboard, perPair: 0 },
  ];
}

function api({ apiRequestsPerMonth }: Assumptions): ServiceCost {
  return { service: 'API Gateway', base: apiRequestsPerMonth * prices.apiPerRequest, perPair: 0 };
}

function sns({ notificationsPerMonth }: Assumptions): ServiceCost {
  return { service: 'SNS', base: 0, perPair: notificationsPerMonth * (prices.snsPerPublish + prices.snsPerEmail) };
}

/** Read again each minute while the watch function runs. */
function secrets({ regions, secretsPerPair }: Assumptions): ServiceCost {
  const reads = regions * minutesPerMonth * prices.secretPerRead;
  return { service: 'Secrets Manager', base: 0, perPair: secretsPerPair * (prices.secretPerMonth + reads) };
}

/**
 * Health checkers and every vantage read each copy. What they transfer is left out: texts of some 60 bytes, a quarter of a GB a
 * month from each copy.
 */
function switches({ healthSwitches, regions, ticksPerMinute }: Assumptions): ServiceCost[] {
  const perCheck = prices.route53PerHealthCheck + featuresPerCheck * prices.route53PerHealthCheckFeature;
  const checks = copiesPerSwitch * perCheck + prices.route53PerHealthCheck;
  const readsPerMinute = (checkers * 60) / checkerSeconds + regions * ticksPerMinute;
  const perCopy = minutesPerMonth * readsPerMinute * prices.s3PerGet + flipsPerMonth * prices.s3PerPut;
  return [
    { service: 'Route 53 health checks', base: healthSwitches * checks, perPair: 0 },
    { service: 'S3', base: healthSwitches * copiesPerSwitch * perCopy, perPair: 0 },
  ];
}
