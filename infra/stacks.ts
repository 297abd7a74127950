import { Annotations, type App, CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import type { Config } from '../core/model/config.ts';
import { WarrenControl } from './control.ts';
import { defaultPrefix } from './names.ts';
import type { FunctionNetwork } from './network.ts';
import { RefusalError, stageProblems, storeRegions } from './refusals.ts';
import { survivalSentence } from './regions.ts';
import type { Stage, Vantage, VantageNetwork } from './stage.ts';
import { storeReference, WarrenStore } from './store.ts';
import { createTopic } from './topic.ts';
import { WarrenVantage } from './vantage.ts';

/** The folders of the functions, by name. */
export type FunctionFolders = Record<'watch' | 'api' | 'alarm', string>;

export interface WarrenStackProps extends StackProps {
  stage: Stage;
  config: Config;
  code: FunctionFolders;
}

/** The tables, the API, the dashboard and the topic: once, outside the Region of any primary. */
export class WarrenControlStack extends Stack {
  readonly store: WarrenStore;
  readonly control: WarrenControl;

  constructor(scope: Construct, id: string, { stage, config, code, ...props }: WarrenStackProps) {
    super(scope, id, props);
    const { primaryRegions, store, vantages, vantagesElsewhere, controlNetwork } = stage;
    this.store = new WarrenStore(this, 'Store', {
      ...(stage.prefix === undefined ? {} : { prefix: stage.prefix }),
      primaryRegions,
      replicaRegions: store?.replicaRegions ?? [],
      ...(store?.witnessRegion === undefined ? {} : { witnessRegion: store.witnessRegion }),
    });
    this.control = new WarrenControl(this, 'Control', {
      ...tuning(this, stage, controlNetwork),
      config,
      code,
      vantages,
      ...(vantagesElsewhere === undefined ? {} : { vantagesElsewhere }),
      primaryRegions,
      store: this.store.reference(),
      alarmEmails: stage.alarmEmails ?? [],
    });
    // Of the stack itself: within a construct its name would end in a hash.
    new CfnOutput(this, 'Url', { value: this.control.api.url });
    this.templateOptions.metadata = { survives: survivalSentence(storeRegions(stage)) };
  }
}

export interface WarrenVantageStackProps extends WarrenStackProps {
  vantage: Vantage;
}

/** One place to watch from: the watch function and its alarms. */
export class WarrenVantageStack extends Stack {
  readonly vantage: WarrenVantage;

  constructor(scope: Construct, id: string, props: WarrenVantageStackProps) {
    const { stage, config, code, vantage, ...others } = props;
    super(scope, id, others);
    const prefix = stage.prefix ?? defaultPrefix;
    this.vantage = new WarrenVantage(this, 'Vantage', {
      ...tuning(this, stage, vantage.network),
      vantage: vantage.name,
      config,
      code: code.watch,
      store: storeReference(prefix, storeRegions(stage), vantage.region),
      alarmTopic: createTopic(this, 'Alarms', `${prefix}-alarms`, stage.alarmEmails ?? []),
    });
  }
}

/** Every stack of a stage, the control stack first. @throws RefusalError */
export function addStacks(app: App, stage: Stage, config: Config, code: FunctionFolders): Stack[] {
  const problems = stageProblems(stage, config);
  if (problems.length > 0) throw new RefusalError('Warren is not deployed like this', problems);
  const { account, prefix = defaultPrefix } = stage;
  const env = (region: string) => ({ env: { region, ...(account === undefined ? {} : { account }) } });
  const given = { stage, config, code };
  const control = new WarrenControlStack(app, `${prefix}-control`, { ...given, ...env(stage.controlRegion) });
  const vantages = stage.vantages.map((vantage) => {
    const stack = new WarrenVantageStack(app, `${prefix}-vantage-${vantage.name}`, {
      ...given,
      ...env(vantage.region),
      vantage,
    });
    stack.addStackDependency(control, 'its tables are needed first');
    return stack;
  });
  return [control, ...vantages];
}

/** What a stage says about every function. */
function tuning(scope: Construct, stage: Stage, network: VantageNetwork | undefined) {
  const { prefix, decryptionKeyArns, runbookUrl, observe } = stage;
  return {
    ...(prefix === undefined ? {} : { prefix }),
    ...(decryptionKeyArns === undefined ? {} : { decryptionKeyArns }),
    ...(runbookUrl === undefined ? {} : { runbookUrl }),
    ...(observe === undefined ? {} : { observe }),
    ...(network === undefined ? {} : { network: networkOf(scope, network) }),
  };
}

/** A VPC by its ids. Its rules are changed by whoever owns it. */
function networkOf(scope: Construct, network: VantageNetwork): FunctionNetwork {
  const { vpcId, availabilityZones, privateSubnetIds, securityGroupIds } = network;
  const vpc = Vpc.fromVpcAttributes(scope, 'Vpc', { vpcId, availabilityZones, privateSubnetIds });
  // That route tables are not known here: nothing is put into them.
  Annotations.of(vpc).acknowledgeWarning('@aws-cdk/aws-ec2:noSubnetRouteTableId');
  return {
    vpc,
    securityGroups: securityGroupIds.map((id) => SecurityGroup.fromSecurityGroupId(scope, id, id, { mutable: false })),
  };
}
