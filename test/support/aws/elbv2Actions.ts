import { checkKnown, Elbv2Refusal, type Fields, structureOf, structuresOf, validationError } from './elbv2Form.ts';

/**
 * What Elastic Load Balancing refuses of a list of actions. "API": its API reference 2015-12-01 (the SDK carries its text).
 * "NLB guide", "ALB guide": the user guides. Where only a rule is documented, and not the words or the code of its refusal,
 * those are this stand-in's own.
 */
export type BalancerType = 'network' | 'application';

/** Where one forward action leads. */
export interface Group {
  arn: string;
  weight: number;
}

/** One action, checked and complete. */
export interface StoredAction {
  type: string;
  order: number | null;
  /** Of a forward action, else empty. */
  groups: Group[];
  stickiness: Fields;
  /** The configuration of any other action, as it is told: without a secret. */
  config: Fields;
}

export interface Facts {
  type: BalancerType;
  protocol: string;
  /** The protocol of each target group that exists. */
  protocols: ReadonlyMap<string, string>;
}

const configNames: Record<string, string> = {
  'fixed-response': 'FixedResponseConfig',
  redirect: 'RedirectConfig',
  'authenticate-oidc': 'AuthenticateOidcConfig',
};
const lastTypes = ['forward', 'redirect', 'fixed-response'];
const groupsMax = 5;

/** @throws Elbv2Refusal */
export function checkedActions(actions: Fields[], before: StoredAction[], facts: Facts): StoredAction[] {
  const checked = actions.map((action) => checkedAction(action, before, facts));
  const invalid = (message: string) => new Elbv2Refusal(400, 'InvalidLoadBalancerAction', message);
  const ordered = checked.toSorted((one, other) => (one.order ?? 0) - (other.order ?? 0));
  // API, "Action", Order: required for several; "Rule", Actions: exactly one that ends, and it is the last.
  if (checked.length > 1 && new Set(checked.map(({ order }) => order)).size < checked.length)
    throw validationError('Order is required, and unique, when there are several actions');
  if (checked.filter(({ type }) => lastTypes.includes(type)).length !== 1)
    throw invalid('Exactly one forward, redirect or fixed-response action is required');
  if (!lastTypes.includes(ordered.at(-1)?.type ?? ''))
    throw invalid('The forward, redirect or fixed-response action must be performed last');
  return ordered;
}

function checkedAction(action: Fields, before: StoredAction[], facts: Facts): StoredAction {
  const type = String(action.Type ?? '');
  checkKnown(action, ['Type', 'Order', 'TargetGroupArn', 'ForwardConfig', ...Object.values(configNames)], 'an action');
  if (type !== 'forward' && !configNames[type])
    throw validationError(`'${type}' is not a type of action that the stand-in knows`);
  // API, "Action": these are marked [Application Load Balancer] or [HTTPS listeners].
  if (type !== 'forward' && facts.type === 'network')
    throw new Elbv2Refusal(
      400,
      'InvalidLoadBalancerAction',
      `Actions of type '${type}' need an application load balancer`,
    );
  const order = action.Order === undefined ? null : Number(action.Order);
  // "Limits" of the SDK's text, ActionOrder: 1 to 50000.
  if (order !== null && !(Number.isInteger(order) && order >= 1 && order <= 50_000))
    throw validationError('Order must be between 1 and 50000');
  if (type === 'forward') return { type, order, ...forwardOf(action, facts), config: {} };
  return { type, order, groups: [], stickiness: {}, config: configOf(type, action, before, facts) };
}

/** API, "AuthenticateOidcActionConfig": for HTTPS; the secret is given, or the existing one is kept. It is never told. */
function configOf(type: string, action: Fields, before: StoredAction[], { protocol }: Facts): Fields {
  const name = configNames[type] as string;
  const config = structureOf(action[name]);
  // API, "Action": what each type takes is "information for" it, and specified with it.
  if (Object.keys(config).length === 0) throw validationError(`${name} is required when the type is ${type}`);
  if (type !== 'authenticate-oidc') return { [name]: config };
  if (protocol !== 'HTTPS')
    throw new Elbv2Refusal(400, 'InvalidLoadBalancerAction', 'authenticate-oidc needs an HTTPS listener');
  const { ClientSecret: secret, UseExistingClientSecret: keeps, ...told } = config;
  const isKept = keeps === 'true' && before.some((each) => each.type === type);
  if (secret === undefined && !isKept) throw validationError('ClientSecret is required');
  return { [name]: told };
}

function forwardOf(action: Fields, facts: Facts): Pick<StoredAction, 'groups' | 'stickiness'> {
  const { TargetGroupArn: single, ForwardConfig: config } = action;
  const forward = structureOf(config);
  checkKnown(forward, ['TargetGroups', 'TargetGroupStickinessConfig'], 'ForwardConfig');
  const tuples = structuresOf(forward.TargetGroups);
  // API, "Action", ForwardConfig: both only for one group, and the same.
  if (single !== undefined && tuples.length > 0 && (tuples.length > 1 || tuples[0]?.TargetGroupArn !== single))
    throw validationError(
      'You can specify both TargetGroupArn and ForwardConfig only for one and the same target group',
    );
  if (single !== undefined && tuples.length === 0) tuples.push({ TargetGroupArn: single });
  // API, "ForwardActionConfig", TargetGroups: one or more.
  if (tuples.length === 0) throw validationError('A forward action needs a target group');
  // ALB guide, "Quotas": target groups per action.
  if (tuples.length > groupsMax) throw validationError(`A forward action has at most ${groupsMax} target groups`);
  const groups = tuples.map((tuple) => groupOf(tuple, tuples.length, facts));
  // Not documented: which of two weights of one group would count is not said, so that none is taken.
  if (new Set(groups.map(({ arn }) => arn)).size < groups.length)
    throw validationError('A target group is specified more than once');
  return { groups, stickiness: stickinessOf(structureOf(forward.TargetGroupStickinessConfig), facts) };
}

function groupOf(tuple: Fields, count: number, { type, protocol, protocols }: Facts): Group {
  checkKnown(tuple, ['TargetGroupArn', 'Weight'], 'a target group');
  const { TargetGroupArn: arn, Weight: text } = tuple;
  // Service authorization reference, "Elastic Load Balancing V2", resource types: the form. API, "Common Errors": the code.
  if (
    typeof arn !== 'string' ||
    !/^arn:aws[a-z-]*:elasticloadbalancing:[^:]+:\d{12}:targetgroup\/[^/]+\/[^/]+$/.test(arn)
  )
    throw validationError(`'${arn}' is not a valid target group ARN`);
  // NLB guide, "Distribute traffic to multiple target groups": you must specify a weight for each.
  if (text === undefined && count > 1 && type === 'network') throw validationError('Each target group needs a weight');
  const weight = Number(text ?? 1);
  // API, "TargetGroupTuple", Weight. aws-cdk issue 24805: the words.
  if (!Number.isInteger(weight) || weight < 0 || weight > 999)
    throw validationError('The weight for each target group must be between 0 and 999, inclusive');
  const groupProtocol = protocols.get(arn);
  // API, ModifyListener and ModifyRule, "Errors": both codes.
  if (groupProtocol === undefined)
    throw new Elbv2Refusal(400, 'TargetGroupNotFound', `Target groups '${arn}' not found`);
  if (!compatible[protocol]?.includes(groupProtocol))
    throw new Elbv2Refusal(
      400,
      'IncompatibleProtocols',
      `Listener protocol '${protocol}' is not supported with a target group with protocol '${groupProtocol}'`,
    );
  return { arn, weight };
}

/** NLB guide, "Routing configuration": combinations of listener and target group; ALB guide, the same heading. */
const compatible: Record<string, string[]> = {
  TCP: ['TCP', 'TCP_UDP'],
  TLS: ['TCP', 'TLS'],
  HTTP: ['HTTP', 'HTTPS'],
  HTTPS: ['HTTP', 'HTTPS'],
};

/** API, "TargetGroupStickinessConfig": a duration of 1 to 604800 seconds, needed when enabled, for application ones only. */
function stickinessOf(stickiness: Fields, { type }: Facts): Fields {
  checkKnown(stickiness, ['Enabled', 'DurationSeconds'], 'TargetGroupStickinessConfig');
  const { Enabled: enabled = 'false', DurationSeconds: duration } = stickiness;
  if (duration !== undefined && type === 'network')
    throw validationError('DurationSeconds is for application load balancers');
  const seconds = Number(duration ?? 0);
  if (
    enabled === 'true' &&
    type === 'application' &&
    !(Number.isInteger(seconds) && seconds >= 1 && seconds <= 604_800)
  )
    throw validationError('DurationSeconds must be between 1 and 604800 when target group stickiness is enabled');
  return { Enabled: enabled, ...(duration === undefined ? {} : { DurationSeconds: duration }) };
}

/** As Describe tells it: one group in both forms (knowledge of the real service: moto lacks it), several in one. */
export function toldAction({ type, order, groups, stickiness, config }: StoredAction): Fields {
  const [only, ...more] = groups;
  return {
    Type: type,
    ...(order === null ? {} : { Order: String(order) }),
    ...(only && more.length === 0 ? { TargetGroupArn: only.arn } : {}),
    ...(only
      ? {
          ForwardConfig: {
            TargetGroups: groups.map(({ arn, weight }) => ({ TargetGroupArn: arn, Weight: String(weight) })),
            TargetGroupStickinessConfig: stickiness,
          },
        }
      : {}),
    ...config,
  };
}
