import { ArnFormat, Duration, RemovalPolicy } from 'aws-cdk-lib';
import { type PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { configFile, environmentNames } from '../lambdas/shared/contract.ts';
import { arnOf, type StoreReference } from './names.ts';
import { allowNetworkInterfaces, type FunctionNetwork } from './network.ts';
import { allow } from './permissions.ts';
import { requirePolicySizes } from './policySizes.ts';

/** What people may want to change about any function. */
export interface FunctionTuning {
  /** @default 512 */
  memorySizeMb?: number;
  /** How long its log is kept. @default three months */
  logRetention?: RetentionDays;
  /** @default none: the function reaches what the internet reaches */
  network?: FunctionNetwork;
  /** The kill switch: decides, and touches no target and no broker. @default false */
  observe?: boolean;
}

export interface WarrenFunctionProps extends FunctionTuning {
  /** Of the function and its log group, within the Region. */
  name: string;
  description: string;
  /** The folder with `index.js`, which exports `handler`, and the configuration. */
  code: string;
  timeoutSeconds: number;
  store: StoreReference;
  /** What it may do, beside writing its own log. */
  statements: PolicyStatement[];
  environment?: Record<string, string>;
  /** Turns that may overlap. @default no limit of its own */
  reservedConcurrency?: number;
  /** Where events go that it failed on, after it was started again twice. @default nowhere, and it is not started again */
  deadLetters?: Queue;
  /** An event that is older is not worth starting for. @default 60 */
  eventAgeMaxSeconds?: number;
}

const defaultMemorySizeMb = 512;
/** The least that Lambda takes (API reference, PutFunctionEventInvokeConfig). */
const eventAgeMaxSeconds = 60;
const retries = 2;

/** A function with a role and a log group of its own. */
export class WarrenFunction extends Construct {
  readonly lambda: LambdaFunction;
  readonly role: Role;
  readonly logGroup: LogGroup;

  constructor(scope: Construct, id: string, props: WarrenFunctionProps) {
    super(scope, id);
    const { name, description, statements, network } = props;
    this.role = new Role(this, 'Role', { description, assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    this.logGroup = new LogGroup(this, 'Log', {
      logGroupName: `/warren/${name}`,
      retention: props.logRetention ?? RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.role.addToPolicy(allow('OwnLog', ['logs:CreateLogStream', 'logs:PutLogEvents'], [this.logGroup.logGroupArn]));
    for (const statement of statements) this.role.addToPolicy(statement);
    if (network) allowNetworkInterfaces(this.role, functionArn(this, name));
    requirePolicySizes(this.role);
    this.lambda = createFunction(this, this.role, this.logGroup, props);
  }
}

function createFunction(scope: Construct, role: Role, logGroup: LogGroup, props: WarrenFunctionProps): LambdaFunction {
  const { network, reservedConcurrency, deadLetters } = props;
  return new LambdaFunction(scope, 'Function', {
    functionName: props.name,
    description: props.description,
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    handler: 'index.handler',
    code: Code.fromAsset(props.code),
    memorySize: props.memorySizeMb ?? defaultMemorySizeMb,
    timeout: Duration.seconds(props.timeoutSeconds),
    environment: environmentOf(props),
    role,
    logGroup,
    retryAttempts: deadLetters ? retries : 0,
    maxEventAge: Duration.seconds(props.eventAgeMaxSeconds ?? eventAgeMaxSeconds),
    ...(deadLetters && { deadLetterQueue: deadLetters }),
    ...(reservedConcurrency === undefined ? {} : { reservedConcurrentExecutions: reservedConcurrency }),
    ...(network && { vpc: network.vpc }),
    ...(network?.subnets && { vpcSubnets: network.subnets }),
    ...(network?.securityGroups && { securityGroups: network.securityGroups }),
  });
}

function environmentOf({ store, observe, environment }: WarrenFunctionProps): Record<string, string> {
  return {
    [environmentNames.config]: configFile,
    [environmentNames.stateTable]: store.stateTableName,
    [environmentNames.historyTable]: store.historyTableName,
    [environmentNames.storeRegion]: store.region,
    ...(observe ? { [environmentNames.observe]: '1' } : {}),
    ...environment,
  };
}

function functionArn(scope: Construct, name: string): string {
  const arnFormat = ArnFormat.COLON_RESOURCE_NAME;
  return arnOf(scope, { service: 'lambda', resource: 'function', resourceName: name, arnFormat });
}
