import type { Action, TargetGroupTuple } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Elbv2TargetConfig } from '../../core/model/targets/elbv2.ts';

/** Where one forward action leads, and by how much. */
export interface Weighed {
  group: string;
  weight: number;
}

/** What the active site's target group weighs; the range is 0 to 999 ("TargetGroupTuple", Weight). */
const fullWeight = 100;
/** "Quotas for your Application Load Balancers": target groups per action. */
const groupsMax = 5;
const lastTypes = ['forward', 'redirect', 'fixed-response'];

/**
 * The groups of the forward action. One that forwards to a single group may say so in either form ("Action",
 * TargetGroupArn); such a group needs no weight.
 * @returns undefined when there is no such action
 */
export function weightsOf(actions: Action[]): Weighed[] | undefined {
  const forward = actions.find(({ Type }) => Type === 'forward');
  if (!forward) return undefined;
  const { TargetGroupArn, ForwardConfig: { TargetGroups = [] } = {} } = forward;
  const single = TargetGroupArn === undefined ? [] : [{ TargetGroupArn }];
  const groups: TargetGroupTuple[] = TargetGroups.length > 0 ? TargetGroups : single;
  return groups.map(({ TargetGroupArn: group = '', Weight: weight = 1 }) => ({ group, weight }));
}

/** The last action: every list has exactly one that forwards, redirects or answers, and it is the last ("Rule", Actions). */
export function lastAction(actions: Action[]): Action | undefined {
  return actions.find(({ Type }) => lastTypes.includes(Type ?? ''));
}

/**
 * The same actions, but for where the last one leads: everybody to `site`. Stickiness, order and all other actions stay;
 * groups of neither site keep their place, with nothing to do.
 */
export function wantedActions(actions: Action[], { targetGroups }: Elbv2TargetConfig, site: string): Action[] {
  const last = lastAction(actions);
  const own = Object.entries(targetGroups).map(([each, TargetGroupArn]) => ({
    TargetGroupArn,
    Weight: each === site ? fullWeight : 0,
  }));
  const others = (weightsOf(actions) ?? [])
    .filter(({ group }) => !Object.values(targetGroups).includes(group))
    .map(({ group }) => ({ TargetGroupArn: group, Weight: 0 }));
  const stickiness = last?.ForwardConfig?.TargetGroupStickinessConfig;
  const forward: Action = {
    Type: 'forward',
    ...(last?.Order === undefined ? {} : { Order: last.Order }),
    ForwardConfig: {
      TargetGroups: [...own, ...others].slice(0, groupsMax),
      ...(stickiness ? { TargetGroupStickinessConfig: stickiness } : {}),
    },
  };
  return [...actions.filter((action) => action !== last).map(withItsSecret), forward];
}

/** A secret is never told, and must be given anew unless it is to stay ("AuthenticateOidcActionConfig", ClientSecret). */
function withItsSecret(action: Action): Action {
  if (!action.AuthenticateOidcConfig) return action;
  return { ...action, AuthenticateOidcConfig: { ...action.AuthenticateOidcConfig, UseExistingClientSecret: true } };
}

/** Do these actions forward by exactly the weights that those do? */
export function forwardAlike(actions: Action[], wanted: Action[]): boolean {
  const [there, ours] = [actions, wanted].map((each) => JSON.stringify((weightsOf(each) ?? []).map(textOf).sort()));
  return there === ours;
}

function textOf({ group, weight }: Weighed): string {
  return `${group} ${weight}`;
}
