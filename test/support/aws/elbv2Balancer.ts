import {
  type BalancerType,
  checkedActions,
  type Facts,
  type Group,
  type StoredAction,
  toldAction,
} from './elbv2Actions.ts';
import { checkKnown, Elbv2Refusal, type Fields, structuresOf, textsOf, validationError } from './elbv2Form.ts';
import { healthOf, type TargetGroup } from './elbv2Health.ts';
import { withTags } from './elbv2Tags.ts';

export const operations = [
  'DescribeListeners',
  'DescribeRules',
  'ModifyListener',
  'ModifyRule',
  'DescribeTargetHealth',
  'DescribeTags',
  'AddTags',
] as const;
export type Operation = (typeof operations)[number];

/** A listener, or a rule of the listener. */
interface Forwarder {
  arn: string;
  isDefaultRule: boolean;
  actions: StoredAction[];
  tags: Map<string, string>;
}

export interface Balancer {
  listener: string;
  /** Of an application load balancer; null: there is none. */
  rule: string | null;
  defaultRule: string | null;
  /** The groups of the listener or rule after each change that was made through the API. */
  states: { arn: string; groups: Group[] }[];
  answerTo(operation: Operation, request: Fields): Fields;
  /** Somebody else's edit of the actions, under the same rules. */
  edit(arn: string, actions: Fields[]): void;
  actionsOf(arn: string): Fields[];
  tagsOf(arn: string): Map<string, string>;
}

const account = '123456789012';
export const region = 'eu-central-1';
export const arnOf = (resource: string) => `arn:aws:elasticloadbalancing:${region}:${account}:${resource}`;

/** One load balancer with one listener: TCP of a network one, HTTPS with a rule of an application one. */
export function createBalancer(type: BalancerType, groups: TargetGroup[]): Balancer {
  const path = `${type === 'network' ? 'net' : 'app'}/amqp/50dc6c495c0c9188`;
  const protocol = type === 'network' ? 'TCP' : 'HTTPS';
  const listener = arnOf(`listener/${path}/f2f7dc8efc522ab2`);
  const ruleOf = (id: string) => (type === 'network' ? null : arnOf(`listener-rule/${path}/f2f7dc8efc522ab2/${id}`));
  const [rule, defaultRule] = [ruleOf('9683b2d02a6cabee'), ruleOf('0123456789abcdef')];
  const first: StoredAction = {
    type: 'forward',
    order: null,
    groups: [{ arn: groups[0]?.arn ?? '', weight: 1 }],
    stickiness: { Enabled: 'false' },
    config: {},
  };
  const forwarders = [listener, rule, defaultRule].flatMap((arn): Forwarder[] =>
    arn === null ? [] : [{ arn, isDefaultRule: arn === defaultRule, actions: [first], tags: new Map() }],
  );
  const states: Balancer['states'] = [];

  const facts = (): Facts => ({
    type,
    protocol,
    protocols: new Map(groups.map(({ arn, protocol }) => [arn, protocol])),
  });
  const kindOf = (arn: string) => (arn.includes(':listener-rule/') ? 'rule' : 'listener');
  const found = (arn: string, kind = kindOf(arn)): Forwarder => {
    if (
      !new RegExp(`^arn:aws:elasticloadbalancing:[^:]+:\\d{12}:${kind === 'rule' ? 'listener-rule' : kind}/`).test(arn)
    )
      throw validationError(`'${arn}' is not a valid ${kind} ARN`);
    const forwarder = forwarders.find((each) => each.arn === arn);
    // API, "Errors": ListenerNotFound, RuleNotFound.
    if (forwarder) return forwarder;
    throw new Elbv2Refusal(
      400,
      kind === 'rule' ? 'RuleNotFound' : 'ListenerNotFound',
      `One or more ${kind}s not found`,
    );
  };

  /** API, ModifyListener and ModifyRule: "Any properties that you do not specify remain unchanged"; nor do empty ones change. */
  function modify(forwarder: Forwarder, request: Fields, name: string, known: string[]): void {
    checkKnown(request, known, name);
    const actions = structuresOf(request[name]);
    if (actions.length === 0) return;
    forwarder.actions = checkedActions(actions, forwarder.actions, facts());
    states.push({ arn: forwarder.arn, groups: forwarder.actions.flatMap((action) => action.groups) });
  }

  const toldListener = ({ arn, actions }: Forwarder): Fields => ({
    ListenerArn: arn,
    LoadBalancerArn: arnOf(`loadbalancer/${path}`),
    Port: protocol === 'TCP' ? '5672' : '443',
    Protocol: protocol,
    DefaultActions: actions.map(toldAction),
  });
  const toldRule = ({ arn, isDefaultRule, actions }: Forwarder): Fields => ({
    RuleArn: arn,
    Priority: isDefaultRule ? 'default' : '10',
    IsDefault: String(isDefaultRule),
    Actions: actions.map(toldAction),
  });

  const work: Record<Operation, (request: Fields) => Fields> = {
    DescribeListeners(request) {
      checkKnown(request, ['ListenerArns'], 'DescribeListeners');
      return { Listeners: required(request, 'ListenerArns').map((arn) => toldListener(found(arn, 'listener'))) };
    },
    DescribeRules(request) {
      checkKnown(request, ['RuleArns'], 'DescribeRules');
      return { Rules: required(request, 'RuleArns').map((arn) => toldRule(found(arn, 'rule'))) };
    },
    ModifyListener(request) {
      const forwarder = found(String(request.ListenerArn ?? ''), 'listener');
      modify(forwarder, request, 'DefaultActions', ['ListenerArn', 'DefaultActions']);
      return { Listeners: [toldListener(forwarder)] };
    },
    ModifyRule(request) {
      const forwarder = found(String(request.RuleArn ?? ''), 'rule');
      // API, ModifyRule, "Errors"; ModifyListener: "To modify the default action, use ModifyListener".
      if (forwarder.isDefaultRule)
        throw new Elbv2Refusal(400, 'OperationNotPermitted', 'Default rules cannot be modified with ModifyRule');
      modify(forwarder, request, 'Actions', ['RuleArn', 'Actions']);
      return { Rules: [toldRule(forwarder)] };
    },
    DescribeTargetHealth: (request) =>
      healthOf(
        request,
        groups,
        forwarders.flatMap(({ actions }) => actions),
      ),
    DescribeTags(request) {
      checkKnown(request, ['ResourceArns'], 'DescribeTags');
      const arns = required(request, 'ResourceArns');
      // API, "DescribeTagsInput": up to 20 resources.
      if (arns.length > 20) throw validationError('At most 20 resources can be described');
      const described = arns.map((arn) => ({ arn, tags: [...found(arn).tags] }));
      return {
        TagDescriptions: described.map(({ arn, tags }) => ({
          ResourceArn: arn,
          Tags: tags.map(([Key, Value]) => ({ Key, Value })),
        })),
      };
    },
    AddTags(request) {
      checkKnown(request, ['ResourceArns', 'Tags'], 'AddTags');
      const resources = required(request, 'ResourceArns').map((arn) => found(arn));
      const tagged = resources.map((resource) => withTags(resource.tags, request));
      resources.forEach((resource, index) => {
        resource.tags = tagged[index] ?? resource.tags;
      });
      return {};
    },
  };

  return {
    listener,
    rule,
    defaultRule,
    states,
    answerTo: (operation, request) => work[operation](request),
    edit(arn, actions) {
      found(arn).actions = checkedActions(actions, found(arn).actions, facts());
    },
    actionsOf: (arn) => found(arn).actions.map(toldAction),
    tagsOf: (arn) => found(arn).tags,
  };
}

/** The stand-in lists by name only: whoever asks for everything gets more than it may see. */
function required(request: Fields, name: string): string[] {
  const texts = textsOf(request[name]);
  if (texts.length === 0) throw new Elbv2Refusal(501, 'NotImplemented', `The stand-in wants ${name}.`);
  return texts;
}
