import { Duration, Stack } from 'aws-cdk-lib';
import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { Config } from '../core/model/config.ts';
import { environmentNames } from '../lambdas/shared/contract.ts';
import { timeoutSeconds } from '../lambdas/watch/contract.ts';
import { createAlarm } from './alarms.ts';
import { type FunctionTuning, WarrenFunction } from './function.ts';
import { hostStoreProblems } from './hostStore.ts';
import { defaultPrefix, functionName, type StoreReference } from './names.ts';
import { WarrenPairAlarms } from './pairAlarms.ts';
import { secretStatements, topicStatements, watchStatements } from './permissions.ts';
import { secretReferences, topicArns } from './references.ts';
import { RefusalError, secretProblems, vantageNameProblems } from './refusals.ts';
import { MinuteSchedule } from './schedule.ts';
import { acknowledgeTargets, targetStatements } from './targetPermissions.ts';

export interface WarrenVantageProps extends FunctionTuning {
  /** Its own name among the `vantages` of every pair. */
  vantage: string;
  /** What the watch function watches, as `loadConfig` reads it. */
  config: Config;
  /** The folder of the watch function: `index.js`, which exports `handler`, and this configuration. */
  code: string;
  /** Where the tables are: `WarrenStore.reference(region)`. */
  store: StoreReference;
  /** What names begin with. @default warren */
  prefix?: string;
  /** One turn may take its minute and what it has begun. @default 70 */
  timeoutSeconds?: number;
  /** Turns that may overlap: one ends while the next has begun. At least 2. @default 3 */
  reservedConcurrency?: number;
  /** Keys of your own that secrets are encrypted with. @default those of AWS */
  decryptionKeyArns?: readonly string[];
  /** Who is told of alarms; in this Region. @default nobody */
  alarmTopic?: ITopic;
  /** Where the runbook can be read. @default `docs/runbook.md` */
  runbookUrl?: string;
}

const defaultReservedConcurrency = 3;
const overlappingTurns = 2;

/** Watches every pair from one Region: the watch function, what starts it every minute, and their alarms. */
export class WarrenVantage extends Construct {
  readonly watch: WarrenFunction;
  readonly schedule: MinuteSchedule;
  readonly pairAlarms: WarrenPairAlarms[];

  constructor(scope: Construct, id: string, props: WarrenVantageProps) {
    super(scope, id);
    requireSound(props);
    const name = functionName(props.prefix ?? defaultPrefix, 'watch', props.vantage);
    this.watch = createWatch(this, name, props);
    acknowledgeTargets(this.watch.role, props.config, 'move');
    this.schedule = new MinuteSchedule(this, 'EveryMinute', { name, lambda: this.watch.lambda });
    this.#addAlarms(name, props);
    this.pairAlarms = props.config.pairs.map(
      (pair) =>
        new WarrenPairAlarms(this, `Pair-${pair.name}`, {
          pair,
          prefix: props.prefix ?? defaultPrefix,
          topic: props.alarmTopic,
          runbookUrl: props.runbookUrl,
        }),
    );
  }

  #addAlarms(nameBegins: string, { alarmTopic: topic, runbookUrl }: WarrenVantageProps): void {
    const common = { nameBegins, subject: `${nameBegins} in ${Stack.of(this).region}`, topic, runbookUrl };
    const period = Duration.minutes(1);
    const errors = this.watch.lambda.metricErrors({ period, statistic: Stats.SUM });
    createAlarm(this, 'watchFailing', { ...common, metric: errors, periods: 3, of: 5 });
    const messages = this.schedule.undelivered.metricApproximateNumberOfMessagesVisible({ period });
    createAlarm(this, 'scheduleUndelivered', { ...common, metric: messages });
  }
}

/** @throws RefusalError, Error */
function requireSound(props: WarrenVantageProps): void {
  const { vantage, config, store, reservedConcurrency = defaultReservedConcurrency } = props;
  const problems = [
    ...hostStoreProblems(config, store),
    ...vantageNameProblems([vantage], config),
    ...secretProblems(config),
  ];
  if (problems.length > 0) throw new RefusalError(`WarrenVantage ${vantage}`, problems);
  if (reservedConcurrency < overlappingTurns)
    throw new Error(
      `reservedConcurrency: got ${reservedConcurrency}, expected at least ${overlappingTurns}: turns overlap`,
    );
}

function createWatch(scope: Construct, name: string, props: WarrenVantageProps): WarrenFunction {
  const { config, store, vantage, decryptionKeyArns } = props;
  return new WarrenFunction(scope, 'Watch', {
    ...props,
    name,
    description: `Watches ${config.pairs.length === 1 ? 'a pair' : `${config.pairs.length} pairs`} from ${vantage}, and moves traffic.`,
    timeoutSeconds: props.timeoutSeconds ?? timeoutSeconds,
    reservedConcurrency: props.reservedConcurrency ?? defaultReservedConcurrency,
    environment: { [environmentNames.vantage]: vantage },
    statements: [
      ...watchStatements(scope, store),
      ...secretStatements(scope, secretReferences(config), decryptionKeyArns),
      ...targetStatements(scope, config, 'move'),
      ...topicStatements(topicArns(config)),
    ],
  });
}
