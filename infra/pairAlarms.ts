import { Duration } from 'aws-cdk-lib';
import { type Alarm, AlarmRule, CompositeAlarm, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { Pair } from '../core/model/config.ts';
import { troubles } from '../lambdas/shared/contract.ts';
import {
  type AlarmContext,
  type AlarmKind,
  alarmDescription,
  alarmKinds,
  createAlarm,
  pairMetric,
  type AlarmRule as Rule,
  troubleDigit,
} from './alarms.ts';
import { defaultPrefix } from './names.ts';

export interface WarrenPairAlarmsProps extends AlarmContext {
  pair: Pair;
  /** What the alarms' names begin with. @default warren */
  prefix?: string;
  /** Warned of when a certificate has fewer days left. @default 21 */
  certificateDaysMin?: number;
}

const defaultCertificateDaysMin = 21;
/** No tick in so many minutes: nobody watches. One invocation may be lost without harm. */
const silentMinutes = 3;
/** Readiness comes and goes while nodes restart. */
const unreadyMinutes = 5;
const minuteMs = 60_000;
/** What is left of a fence after its time counts as forgotten after this long. */
const forgottenMs = 20 * minuteMs;
/** An alarm looks back one day at most (API reference, PutMetricAlarm, EvaluationPeriods). */
const fencePeriodMs = 10 * minuteMs;
const fencePeriodsMax = 144;

/**
 * The alarms of one pair, as seen from one Region, and one that is on when any of them is: for dashboards and other systems, so
 * it tells nobody. A second trouble would be silent behind the first; each alarm speaks for itself.
 */
export class WarrenPairAlarms extends Construct {
  readonly alarms: Alarm[] = [];
  readonly composite: CompositeAlarm;
  readonly #props: WarrenPairAlarmsProps;

  constructor(scope: Construct, id: string, props: WarrenPairAlarmsProps) {
    super(scope, id);
    this.#props = props;
    this.#addTroubles(props.pair);
    this.#addReadiness(props.pair);
    this.#addCertificates(props);
    this.#add('ticksStopped', {
      metric: pairMetric('ticks', props.pair.name, { statistic: Stats.SUM }),
      below: 1,
      periods: silentMinutes,
      missing: TreatMissingData.BREACHING,
    });
    this.composite = this.#addComposite(props);
  }

  #addTroubles({ name, failover }: Pair): void {
    this.#add('sideDown', { metric: troubleDigit(troubles.activeDown, name, 'active side down') });
    this.#add('decisionBlocked', {
      metric: troubleDigit(troubles.decisionBlocked, name, 'blocked'),
      periods: 2,
      of: 3,
    });
    this.#add('operationStalled', { metric: troubleDigit(troubles.operationStalled, name, 'stalled') });
    this.#add('fenceLeft', {
      metric: troubleDigit(troubles.fenceLeft, name, 'fence left', { period: Duration.millis(fencePeriodMs) }),
      periods: Math.min(fencePeriodsMax, Math.ceil((failover.fenceForMs + forgottenMs) / fencePeriodMs)),
    });
  }

  /** In the other modes traffic never moves by itself, and the alarm would always be on. */
  #addReadiness({ name, failover }: Pair): void {
    if (failover.mode !== 'automatic') return;
    const metric = pairMetric('protected', name, { statistic: Stats.MINIMUM });
    this.#add('readinessLost', { metric, below: 1, periods: unreadyMinutes });
  }

  #addCertificates({ pair, certificateDaysMin = defaultCertificateDaysMin }: WarrenPairAlarmsProps): void {
    const urls = Object.values(pair.sites).flatMap(({ nodes }) =>
      nodes.flatMap(({ amqp, management }) => [amqp, management]),
    );
    if (!urls.some((url) => url?.startsWith('amqps:') || url?.startsWith('https:'))) return;
    const metric = pairMetric('certificateDaysLeft', pair.name, {
      statistic: Stats.MINIMUM,
      period: Duration.hours(1),
    });
    this.#add('certificateExpiring', { metric, below: certificateDaysMin });
  }

  #add(kind: AlarmKind, rule: Omit<Rule, 'nameBegins' | 'subject'>): void {
    const { prefix = defaultPrefix, pair, topic, runbookUrl } = this.#props;
    const nameBegins = `${prefix}-${pair.name}`;
    this.alarms.push(createAlarm(this, kind, { ...rule, nameBegins, subject: pair.name, topic, runbookUrl }));
  }

  #addComposite({ prefix = defaultPrefix, pair, runbookUrl }: WarrenPairAlarmsProps): CompositeAlarm {
    return new CompositeAlarm(this, 'pairTrouble', {
      compositeAlarmName: `${prefix}-${pair.name}-${alarmKinds.pairTrouble.name}`,
      alarmDescription: alarmDescription('pairTrouble', pair.name, runbookUrl),
      alarmRule: AlarmRule.anyOf(...this.alarms),
    });
  }
}
