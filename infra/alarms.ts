import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  Metric,
  type MetricOptions,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { metrics } from '../lambdas/shared/contract.ts';

/** Every kind of alarm: the end of its name, its heading in `docs/runbook.md`, and what it means. */
export const alarmKinds = {
  sideDown: { name: 'side-down', anchor: 'side-down', meaning: 'The active side is down.' },
  decisionBlocked: {
    name: 'decision-blocked',
    anchor: 'why-did-it-not-act',
    meaning: 'Traffic should move, and a guard forbids it.',
  },
  readinessLost: {
    name: 'readiness-lost',
    anchor: 'readiness-lost',
    meaning: 'Traffic would not move by itself if the active side went down now.',
  },
  operationStalled: {
    name: 'operation-stalled',
    anchor: 'an-operation-is-stalled',
    meaning: 'A step of an operation has used up its attempts.',
  },
  fenceLeft: { name: 'fence-left', anchor: 'a-fence-is-left', meaning: 'Applications are still shut out of one side.' },
  certificateExpiring: {
    name: 'certificate-expiring',
    anchor: 'certificate-expiring',
    meaning: 'The certificate of a broker expires soon.',
  },
  ticksStopped: { name: 'ticks-stopped', anchor: 'ticks-stopped', meaning: 'Nobody watches this pair from here.' },
  pairTrouble: { name: 'trouble', anchor: 'pair-in-trouble', meaning: 'At least one alarm of this pair is on.' },
  watchFailing: { name: 'failing', anchor: 'watch-failing', meaning: 'The watch function ends with errors.' },
  scheduleUndelivered: {
    name: 'undelivered',
    anchor: 'schedule-undelivered',
    meaning: 'The schedule could not start the watch function.',
  },
  apiFailing: { name: 'failing', anchor: 'api-failing', meaning: 'The API answers with errors of its own.' },
  alarmUnheard: {
    name: 'unheard',
    anchor: 'alarm-unheard',
    meaning: 'Warren was told of a change of an alarm and could not take it in.',
  },
} as const;

export type AlarmKind = keyof typeof alarmKinds;

/** Where people find the runbook unless they are told better. */
export const defaultRunbookUrl = 'docs/runbook.md';

/** What stands in an alarm's notification: its meaning, and where to read what to do. */
export function alarmDescription(kind: AlarmKind, subject: string, runbookUrl = defaultRunbookUrl): string {
  const { meaning, anchor } = alarmKinds[kind];
  return `${subject}: ${meaning} ${runbookUrl}#${anchor}`;
}

/** Where alarms of a Region are told, and where they send people. */
export interface AlarmContext {
  /** In the same Region. @default nobody is told */
  topic?: ITopic | undefined;
  /** Where the runbook can be read. @default `docs/runbook.md` */
  runbookUrl?: string | undefined;
}

export interface AlarmRule extends AlarmContext {
  /** What the name begins with, such as `warren-trading`. */
  nameBegins: string;
  /** What it is about, such as `trading`. */
  subject: string;
  metric: IMetric;
  /** On below this. @default on at 1 and above */
  below?: number;
  /** So many periods of the last `of` must be bad. @default 1 */
  periods?: number;
  /** @default the same as `periods` */
  of?: number;
  /** What silence means. @default all is well: that ticks have stopped has an alarm of its own */
  missing?: TreatMissingData;
}

/** One alarm, told on both changes, with the link to its heading in the runbook. */
export function createAlarm(scope: Construct, kind: AlarmKind, rule: AlarmRule): Alarm {
  const { metric, below, periods = 1, of = periods, topic } = rule;
  const alarm = new Alarm(scope, kind, {
    alarmName: `${rule.nameBegins}-${alarmKinds[kind].name}`,
    alarmDescription: alarmDescription(kind, rule.subject, rule.runbookUrl),
    metric,
    threshold: below ?? 1,
    comparisonOperator:
      below === undefined
        ? ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD
        : ComparisonOperator.LESS_THAN_THRESHOLD,
    datapointsToAlarm: periods,
    evaluationPeriods: of,
    treatMissingData: rule.missing ?? TreatMissingData.NOT_BREACHING,
  });
  if (topic) {
    alarm.addAlarmAction(new SnsAction(topic));
    alarm.addOkAction(new SnsAction(topic));
  }
  return alarm;
}

type PairMetric = keyof typeof metrics.names;

/** A custom metric of a pair. @param region where it is shown; not for alarms, which are where their metric is */
export function pairMetric(name: PairMetric, pair: string, options: MetricOptions = {}): Metric {
  return new Metric({
    namespace: metrics.namespace,
    metricName: metrics.names[name],
    dimensionsMap: { [metrics.dimension]: pair },
    period: Duration.minutes(1),
    statistic: Stats.MAXIMUM,
    ...options,
  });
}

/**
 * One decimal digit of the metric `Trouble`: 1 or 0. The greatest number of a period is the one that is looked at; what lasts
 * is in every number of the next.
 */
export function troubleDigit(weight: number, pair: string, label: string, options: MetricOptions = {}): MathExpression {
  const { period = Duration.minutes(1), region = '' } = options;
  // In one graph, one name is one metric.
  const id = `trouble${region.replace(/\W/g, '')}`;
  return new MathExpression({
    expression: `FLOOR(${id} / ${weight}) - 10 * FLOOR(${id} / ${weight * 10})`,
    usingMetrics: { [id]: pairMetric('trouble', pair, options) },
    label,
    period,
  });
}
