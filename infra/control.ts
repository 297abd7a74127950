import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Config } from '../core/model/config.ts';
import * as alarm from '../lambdas/alarm/contract.ts';
import { createAlarm } from './alarms.ts';
import { failuresOf, SignedApi } from './api.ts';
import { WarrenDashboard } from './dashboard.ts';
import { createDeadLetters } from './deadLetters.ts';
import { type FunctionTuning, WarrenFunction } from './function.ts';
import { hostStoreProblems } from './hostStore.ts';
import { inParts } from './inParts.ts';
import { arnOf, defaultPrefix, functionName, type StoreReference } from './names.ts';
import { askedStatements, secretStatements } from './permissions.ts';
import { elsewhereProblems, quorumProblems } from './quorum.ts';
import { secretReferences } from './references.ts';
import { alarmProblems, RefusalError, secretProblems, storeProblems } from './refusals.ts';
import type { Vantage } from './stage.ts';
import { acknowledgeTargets, targetStatements } from './targetPermissions.ts';
import { createTopic } from './topic.ts';

export interface WarrenControlProps extends FunctionTuning {
  /** What the API and the alarm function know, as `loadConfig` reads it. */
  config: Config;
  /** The folders of the two functions: each with `index.js`, which exports `handler`, and this configuration. */
  code: Record<'api' | 'alarm', string>;
  /** Where the tables are: `WarrenStore.reference()`. */
  store: StoreReference;
  /** Where the pairs are watched from: for the dashboard, and because a quorum that they cannot be is refused. */
  vantages: readonly Pick<Vantage, 'name' | 'region'>[];
  /** Vantages of the pairs that run outside of this app, over the same tables. @default none */
  vantagesElsewhere?: readonly string[];
  /** Regions of the primaries, where this must not be. @default none: they are not on AWS */
  primaryRegions?: readonly string[];
  /** What names begin with. @default warren */
  prefix?: string;
  /** Who is mailed what is published to the topic. Each address has to agree once. @default nobody */
  alarmEmails?: readonly string[];
  /** Keys of your own that secrets are encrypted with. @default those of AWS */
  decryptionKeyArns?: readonly string[];
  /** Where the runbook can be read. @default `docs/runbook.md` */
  runbookUrl?: string;
}

/** API Gateway waits 30 seconds at most; a person does not. */
const apiTimeoutSeconds = 15;
const alarmTimeoutSeconds = 30;
/** A pattern has 2,048 characters (EventBridge user guide, quotas), of which some 100 say that it is about alarms. */
const patternArnsCharactersMax = 1_900;

/** What people use: the API, the dashboard and the topic; and the function that hears of alarms. */
export class WarrenControl extends Construct {
  /** For notifications of pairs (`notify: sns` in the configuration) and for the alarms of this stack. */
  readonly topic: Topic;
  readonly api: SignedApi;
  readonly apiFunction: WarrenFunction;
  /** Only where the configuration names alarms. */
  readonly alarmFunction: WarrenFunction | undefined;
  readonly #prefix: string;

  constructor(scope: Construct, id: string, props: WarrenControlProps) {
    super(scope, id);
    const { region } = Stack.of(this);
    const voters = { deployed: props.vantages.map(({ name }) => name), elsewhere: props.vantagesElsewhere ?? [] };
    const problems = [
      ...storeProblems({ home: region }, props.primaryRegions ?? []),
      ...hostStoreProblems(props.config, props.store),
      ...elsewhereProblems(voters, props.config),
      ...quorumProblems(voters, props.config),
      ...secretProblems(props.config),
      ...alarmProblems(region, props.config),
    ];
    if (problems.length > 0) throw new RefusalError('WarrenControl', problems);
    this.#prefix = props.prefix ?? defaultPrefix;
    this.topic = createTopic(this, 'Topic', `${this.#prefix}-notifications`, props.alarmEmails ?? []);
    this.apiFunction = this.#createApiFunction(props);
    this.api = new SignedApi(this, 'Api', { name: functionName(this.#prefix, 'api'), lambda: this.apiFunction.lambda });
    this.#addApiAlarm(props);
    const alarmArns = this.#alarmArns(props);
    this.alarmFunction = alarmArns.length === 0 ? undefined : this.#createAlarmFunction(props, alarmArns);
    for (const looking of [this.apiFunction, this.alarmFunction])
      if (looking) acknowledgeTargets(looking.role, props.config, 'read');
    new WarrenDashboard(this, 'Dashboard', { ...props, prefix: this.#prefix });
  }

  /** Reads what targets say, and counts messages for a rehearsal. What moves traffic is the watch function. */
  #createApiFunction(props: WarrenControlProps): WarrenFunction {
    return new WarrenFunction(this, 'ApiFunction', {
      ...props,
      name: functionName(this.#prefix, 'api'),
      description: 'Answers what people ask of Warren, and stores what they want of it.',
      code: props.code.api,
      timeoutSeconds: apiTimeoutSeconds,
      statements: this.#lookingStatements(props, /\.(operatorCredentials|key\.secret)$/),
    });
  }

  #addApiAlarm({ runbookUrl }: WarrenControlProps): void {
    const name = functionName(this.#prefix, 'api');
    const metric = failuresOf(this, name, this.apiFunction);
    createAlarm(this, 'apiFailing', { nameBegins: name, subject: name, topic: this.topic, runbookUrl, metric });
  }

  /** @returns those that the pairs name, once each */
  #alarmArns({ config }: WarrenControlProps): string[] {
    const names = config.pairs.flatMap(({ alarms }) => alarms.map((each) => each.alarm));
    const arnFormat = ArnFormat.COLON_RESOURCE_NAME;
    return [...new Set(names)].map((resourceName) =>
      resourceName.startsWith('arn:')
        ? resourceName
        : arnOf(this, { service: 'cloudwatch', resource: 'alarm', resourceName, arnFormat }),
    );
  }

  #createAlarmFunction(props: WarrenControlProps, alarmArns: string[]): WarrenFunction {
    const name = functionName(this.#prefix, 'alarm');
    const unheard = createDeadLetters(this, 'Unheard', `${name}-unheard`);
    const hearing = new WarrenFunction(this, 'AlarmFunction', {
      ...props,
      name,
      description: 'Takes changes of CloudWatch alarms as votes, or as requests for a failover.',
      code: props.code.alarm,
      timeoutSeconds: alarmTimeoutSeconds,
      eventAgeMaxSeconds: alarm.eventMaxAgeSeconds,
      deadLetters: unheard,
      statements: this.#lookingStatements(props, /\.key\.secret$/),
    });
    this.#createRules(name, hearing, unheard, alarmArns);
    const metric = unheard.metricApproximateNumberOfMessagesVisible({ period: Duration.minutes(1) });
    const { runbookUrl } = props;
    createAlarm(this, 'alarmUnheard', { nameBegins: name, subject: name, topic: this.topic, runbookUrl, metric });
    return hearing;
  }

  /** What cannot be delivered ends where what the function fails on does. A pattern has room for some alarms only. */
  #createRules(name: string, hearing: WarrenFunction, deadLetterQueue: Queue, alarmArns: string[]): void {
    const maxEventAge = Duration.seconds(alarm.eventMaxAgeSeconds);
    for (const [index, resources] of inParts(alarmArns, patternArnsCharactersMax).entries()) {
      const number = index === 0 ? '' : String(index + 1);
      new Rule(this, `AlarmChanged${number}`, {
        ruleName: functionName(name, 'changed', ...(number === '' ? [] : [number])),
        description: 'Alarms that the pairs name, when they change.',
        eventPattern: { source: [alarm.eventSource], detailType: [alarm.eventDetailType], resources },
        targets: [new LambdaTarget(hearing.lambda, { deadLetterQueue, maxEventAge })],
      });
    }
  }

  /** The store, and where targets send traffic; @param secrets paths of those it takes to look */
  #lookingStatements({ config, store, decryptionKeyArns }: WarrenControlProps, secrets: RegExp): PolicyStatement[] {
    const references = secretReferences(config).filter(({ path }) => secrets.test(path));
    return [
      ...askedStatements(this, store),
      ...secretStatements(this, references, decryptionKeyArns),
      ...targetStatements(this, config, 'read'),
    ];
  }
}
