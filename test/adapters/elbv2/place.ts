import { createElbv2Target, type Elbv2Options } from '../../../adapters/elbv2/target.ts';
import { systemClock } from '../../../adapters/system/clock.ts';
import type { Target } from '../../../core/flow/ports.ts';
import type { Elbv2TargetConfig } from '../../../core/model/targets/elbv2.ts';
import { type Elbv2StandIn, startElbv2 } from '../../support/aws/elbv2.ts';
import { type Fields, structureOf, structuresOf } from '../../support/aws/elbv2Form.ts';

/** What is moved: a listener of a network load balancer, one of an application load balancer, or a rule of one. */
export type Kind = 'network' | 'application' | 'rule';

/** A stand-in, and targets of its listener or rule. */
export interface Place {
  elbv2: Elbv2StandIn;
  /** What the targets move. */
  arn: string;
  target(change?: Partial<Elbv2TargetConfig>, options?: Partial<Elbv2Options>): Target;
  /** Somebody else's edit: one forward action with these weights. */
  weigh(weights: Partial<Record<keyof Elbv2StandIn['groups'], number>>, more?: Fields): void;
  /** What weighs how much, by the groups' names. */
  weights(): Record<string, number>;
  tag(): string | undefined;
  close(): Promise<void>;
}

const credentials = {
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'example',
  AWS_EC2_METADATA_DISABLED: 'true',
};

/** Makes the environment lead to a new stand-in until it is closed. */
export async function openPlace(kind: Kind = 'network'): Promise<Place> {
  // A test is not about how long the SDK takes to load.
  await import('../../../adapters/elbv2/sdk.ts');
  const before = { ...process.env };
  const elbv2 = await startElbv2(kind === 'network' ? 'network' : 'application');
  Object.assign(process.env, credentials, { AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2: elbv2.url });
  const arn = (kind === 'rule' ? elbv2.rule : elbv2.listener) ?? '';
  const { beijing, shanghai } = elbv2.groups;
  const config: Elbv2TargetConfig = {
    ...(kind === 'rule' ? { rule: arn } : { listener: arn }),
    targetGroups: { beijing: beijing.arn, shanghai: shanghai.arn },
  };
  return {
    elbv2,
    arn,
    target: (change = {}, more = {}) =>
      createElbv2Target(
        { ...config, ...change },
        { pair: 'trading', clock: systemClock, random: () => 0.5, budgetMs: 2_400, ...more },
      ),
    weigh: (weights, more = {}) => elbv2.edit(arn, [forwardTo(elbv2, weights, more)]),
    weights: () => weightsOf(elbv2, arn),
    tag: () => elbv2.tagsOf(arn).get('warren:epoch'),
    async close() {
      process.env = before;
      await elbv2.close();
    },
  };
}

export function forwardTo({ groups }: Elbv2StandIn, weights: Parameters<Place['weigh']>[0], more: Fields = {}): Fields {
  const tuples = Object.entries(weights).map(([name, weight]) => ({
    TargetGroupArn: groups[name as keyof typeof groups].arn,
    Weight: String(weight),
  }));
  return { Type: 'forward', ForwardConfig: { TargetGroups: tuples, ...more } };
}

function weightsOf({ groups, actionsOf }: Elbv2StandIn, arn: string): Record<string, number> {
  const names = new Map(Object.entries(groups).map(([name, group]) => [group.arn, name]));
  const tuples = actionsOf(arn).flatMap(({ ForwardConfig: config }) => structuresOf(structureOf(config).TargetGroups));
  return Object.fromEntries(
    tuples.map(({ TargetGroupArn, Weight }) => [names.get(String(TargetGroupArn)) ?? '', Number(Weight)]),
  );
}

/** Every state that was ever committed leads somewhere. */
export function emptyStates({ states }: Elbv2StandIn): Elbv2StandIn['states'] {
  return states.filter(({ groups }) => !groups.some(({ weight }) => weight > 0));
}
