import { ArnFormat, Duration } from 'aws-cdk-lib';
import {
  Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  LegendPosition,
  PeriodOverride,
  SingleValueWidget,
  Stats,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { Config, Pair } from '../core/model/config.ts';
import { troubles } from '../lambdas/shared/contract.ts';
import { alarmKinds, defaultRunbookUrl, pairMetric, troubleDigit } from './alarms.ts';
import { arnOf, defaultPrefix } from './names.ts';
import type { Vantage } from './stage.ts';

export interface WarrenDashboardProps {
  config: Pick<Config, 'pairs'>;
  /** Where pairs are watched from: metrics and alarms are in these Regions. */
  vantages: readonly Pick<Vantage, 'name' | 'region'>[];
  /** @default warren */
  prefix?: string;
  /** @default `docs/runbook.md` */
  runbookUrl?: string;
}

const height = 5;
/** Alarms of one widget (CloudWatch API reference, "Dashboard Body Structure and Syntax", alarm widget). */
const squaresMax = 100;

/**
 * For the person who asks whether all is well: on top the pairs as green or red, then for each a row that is read from the left:
 * what is wrong, would it move, who watches, how long certificates last.
 */
export class WarrenDashboard extends Construct {
  constructor(scope: Construct, id: string, props: WarrenDashboardProps) {
    super(scope, id);
    const { config, prefix = defaultPrefix } = props;
    const dashboard = new Dashboard(this, 'Dashboard', {
      dashboardName: prefix,
      defaultInterval: Duration.hours(3),
      periodOverride: PeriodOverride.INHERIT,
    });
    for (const squares of this.#squares(props)) dashboard.addWidgets(squares);
    for (const pair of config.pairs) {
      dashboard.addWidgets(title(pair, props));
      dashboard.addWidgets(...graphs(pair, props));
    }
  }

  /** One square for each pair and vantage, so many in a widget as it takes. */
  #squares({ config, vantages, prefix = defaultPrefix }: WarrenDashboardProps): IWidget[] {
    const alarms = config.pairs.flatMap(({ name: pair }) =>
      vantages.map(({ name, region }) => {
        const resourceName = `${prefix}-${pair}-${alarmKinds.pairTrouble.name}`;
        const arnFormat = ArnFormat.COLON_RESOURCE_NAME;
        const arn = arnOf(this, { service: 'cloudwatch', region, resource: 'alarm', resourceName, arnFormat });
        return Alarm.fromAlarmArn(this, `${pair}-${name}`, arn);
      }),
    );
    const widgets = Array.from({ length: Math.ceil(alarms.length / squaresMax) }, (_, index) =>
      alarms.slice(index * squaresMax, (index + 1) * squaresMax),
    );
    return widgets.map((some, index) => {
      const part = widgets.length === 1 ? '' : ` (${index + 1} of ${widgets.length})`;
      return new AlarmStatusWidget({
        title: `Every pair, as each vantage sees it${part}`,
        alarms: some,
        width: 24,
        height: 3,
      });
    });
  }
}

function title(
  { name, primary, standby, failover }: Pair,
  { runbookUrl = defaultRunbookUrl }: WarrenDashboardProps,
): IWidget {
  const markdown = `## ${name}\n${primary} → ${standby}, mode **${failover.mode}** · runbook: ${runbookUrl}`;
  return new TextWidget({ markdown, width: 24, height: 2 });
}

function graphs({ name: pair }: Pair, { vantages }: WarrenDashboardProps): IWidget[] {
  const ofEach = (draw: (region: string, vantage: string) => IMetric[]) =>
    vantages.flatMap(({ name, region }) => draw(region, name));
  return [
    new GraphWidget({
      title: 'Trouble',
      width: 9,
      height,
      stacked: true,
      legendPosition: LegendPosition.RIGHT,
      leftYAxis: { min: 0, max: 4 * vantages.length, showUnits: false },
      left: ofEach((region, vantage) =>
        Object.entries(troubles).map(([trouble, weight]) =>
          troubleDigit(weight, pair, `${words(trouble)} (${vantage})`, { region }),
        ),
      ),
    }),
    new GraphWidget({
      title: 'Would traffic move by itself? 1: yes',
      width: 6,
      height,
      leftYAxis: { min: 0, max: 1, showUnits: false },
      left: ofEach((region, vantage) => [
        pairMetric('protected', pair, { region, label: vantage, statistic: Stats.MINIMUM }),
      ]),
    }),
    new GraphWidget({
      title: 'Turns a minute; none: nobody watches',
      width: 6,
      height,
      leftYAxis: { min: 0, showUnits: false },
      left: ofEach((region, vantage) => [pairMetric('ticks', pair, { region, label: vantage, statistic: Stats.SUM })]),
    }),
    new SingleValueWidget({
      title: 'Days of certificates',
      width: 3,
      height,
      metrics: ofEach((region, vantage) => [
        pairMetric('certificateDaysLeft', pair, {
          region,
          label: vantage,
          period: Duration.hours(1),
          statistic: Stats.MINIMUM,
        }),
      ]),
    }),
  ];
}

/** operationStalled -> operation stalled */
function words(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
