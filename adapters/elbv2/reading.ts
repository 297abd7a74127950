import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { TargetReading } from '../../core/model/target.ts';
import { type Elbv2TargetConfig, steeredArn } from '../../core/model/targets/elbv2.ts';
import { forwardAlike, lastAction, type Weighed, wantedActions, weightsOf } from './actions.ts';

type Read = Extract<TargetReading, { status: 'read' }>;

/**
 * What the actions mean for new connections. A group of neither site that weighs anything counts as `split`: some clients go
 * where Warren does not know.
 * @param nowMs stands for the uptime: a listener is never restarted, and does not forget what was written
 */
export function readingOf(target: string, config: Elbv2TargetConfig, actions: Action[], nowMs: number): Read {
  const weights = weightsOf(actions);
  const weighing = (weights ?? []).filter(({ weight }) => weight > 0);
  const sites = weighing.map(({ group }) => siteOf(config, group));
  const [first = 'none'] = sites;
  const active = sites.includes(undefined) || new Set(sites).size > 1 ? 'split' : first;
  const isSticky = lastAction(actions)?.ForwardConfig?.TargetGroupStickinessConfig?.Enabled === true;
  const detail = [
    weights ? describe(config, weights) : `forwards nowhere: the action is ${lastAction(actions)?.Type ?? 'missing'}`,
    ...(weights && weighing.length === 0 ? ['no target group weighs anything'] : []),
    ...(sites.length > 0 && active !== 'split' && !forwardAlike(actions, wantedActions(actions, config, active))
      ? ['not as Warren would write it']
      : []),
    ...(isSticky ? ['target group stickiness is on: clients may stay where they were'] : []),
  ].join('; ');
  return { target, status: 'read', active, instance: steeredArn(config), uptimeMs: nowMs, detail };
}

function siteOf({ targetGroups }: Elbv2TargetConfig, group: string): string | undefined {
  return Object.entries(targetGroups).find(([, arn]) => arn === group)?.[0];
}

function describe(config: Elbv2TargetConfig, weights: Weighed[]): string {
  if (weights.length === 0) return 'forwards to no target group';
  return weights
    .map(({ group, weight }) => `${siteOf(config, group) ?? `of neither site: ${nameOf(group)}`} ${weight}`)
    .join(', ');
}

function nameOf(group: string): string {
  return group.split(':').at(-1) ?? group;
}
