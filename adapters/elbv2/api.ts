import type { Action, TargetHealthDescription } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Budget } from '../../core/flow/budget.ts';
import { type Elbv2TargetConfig, regionOf, steeredArn } from '../../core/model/targets/elbv2.ts';
import type { Send } from '../aws/requests.ts';
import { Elbv2Failure } from './failure.ts';
import { createElbv2Requests, type Opened, type RequestOptions } from './requests.ts';

/** The requests that a target makes; each keeps within the budget. All throw Elbv2Failure. */
export interface Elbv2Api {
  /** The actions of the rule, or the default ones of the listener. */
  actions(budget: Budget): Promise<Action[]>;
  /** Replaces them. Repeated only where the service said that it did nothing. */
  modify(actions: Action[], budget: Budget): Promise<void>;
  /** What the load balancer says of every target of a group. Takes no more time than one request may, and so does `tag`. */
  health(targetGroup: string, budget: Budget): Promise<TargetHealthDescription[]>;
  /** The value of a tag of the listener or rule; null: it has none. */
  tag(key: string, budget: Budget): Promise<string | null>;
  setTag(key: string, value: string, budget: Budget): Promise<void>;
  /** Closes connections; what is asked for later opens new ones. */
  close(): Promise<void>;
}

/** What a target asks of its listener or rule. */
export function createElbv2Api(config: Elbv2TargetConfig, options: RequestOptions): Elbv2Api {
  const { requestTimeoutMs } = options;
  const arn = steeredArn(config);
  const { ask, change, close } = createElbv2Requests(regionOf(arn), options);
  return {
    close,
    actions: (budget) => (config.listener ? listenerActions(arn, budget, ask) : ruleActions(arn, budget, ask)),
    async modify(actions, budget) {
      if (config.listener)
        await change('ModifyListener', arn, budget, ({ sdk, client }, signal) =>
          client.send(new sdk.ModifyListenerCommand({ ListenerArn: arn, DefaultActions: actions }), signal),
        );
      else
        await change('ModifyRule', arn, budget, ({ sdk, client }, signal) =>
          client.send(new sdk.ModifyRuleCommand({ RuleArn: arn, Actions: actions }), signal),
        );
    },
    async health(TargetGroupArn, budget) {
      const { TargetHealthDescriptions: targets = [] } = await ask(
        'DescribeTargetHealth',
        TargetGroupArn,
        budget.part(requestTimeoutMs),
        ({ sdk, client }, signal) => client.send(new sdk.DescribeTargetHealthCommand({ TargetGroupArn }), signal),
      );
      return targets;
    },
    async tag(key, budget) {
      const share = budget.part(requestTimeoutMs);
      const { TagDescriptions: [described] = [] } = await ask('DescribeTags', arn, share, ({ sdk, client }, signal) =>
        client.send(new sdk.DescribeTagsCommand({ ResourceArns: [arn] }), signal),
      );
      return described?.Tags?.find(({ Key }) => Key === key)?.Value ?? null;
    },
    async setTag(Key, Value, budget) {
      await change('AddTags', arn, budget, ({ sdk, client }, signal) =>
        client.send(new sdk.AddTagsCommand({ ResourceArns: [arn], Tags: [{ Key, Value }] }), signal),
      );
    },
  };
}

async function listenerActions(arn: string, budget: Budget, ask: Send<Opened>): Promise<Action[]> {
  const { Listeners: [listener] = [] } = await ask('DescribeListeners', arn, budget, ({ sdk, client }, signal) =>
    client.send(new sdk.DescribeListenersCommand({ ListenerArns: [arn] }), signal),
  );
  if (!listener) throw new Elbv2Failure(`there is no listener ${arn}`, 'never');
  return listener.DefaultActions ?? [];
}

async function ruleActions(arn: string, budget: Budget, ask: Send<Opened>): Promise<Action[]> {
  const { Rules: [rule] = [] } = await ask('DescribeRules', arn, budget, ({ sdk, client }, signal) =>
    client.send(new sdk.DescribeRulesCommand({ RuleArns: [arn] }), signal),
  );
  if (!rule) throw new Elbv2Failure(`there is no rule ${arn}`, 'never');
  return rule.Actions ?? [];
}
