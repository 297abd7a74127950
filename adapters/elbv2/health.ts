import type { Action, TargetHealthDescription } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Budget } from '../../core/flow/budget.ts';
import { weightsOf } from './actions.ts';
import type { Elbv2Api } from './api.ts';
import { Elbv2Failure } from './failure.ts';

/** What is known of the destination before a flip; `error`: why nothing is. */
export type Health = { targets: TargetHealthDescription[]; error: null } | { targets: null; error: string };

/** Never rejects: that health cannot be read is no reason to leave clients on a dead side. */
export async function readHealth(api: Elbv2Api, group: string, budget: Budget): Promise<Health> {
  try {
    return { targets: await api.health(group, budget), error: null };
  } catch (error) {
    return { targets: null, error: error instanceof Error ? error.message : String(error) };
  }
}

/**
 * A group without a target that takes connections would be an empty answer.
 * @returns what has to be said of it. @throws Elbv2Failure when there is none
 */
export function checkHealth({ targets, error }: Health, group: string, site: string, actions: Action[]): string[] {
  if (!targets) return [`the health of ${site}'s targets is unknown: ${error}`];
  const isInUse = (weightsOf(actions) ?? []).some((weighed) => weighed.group === group);
  const states = targets.map((target) => stateOf(target, isInUse));
  if (states.some((state) => ['healthy', 'initial'].includes(state))) return [];
  const found = tally(states);
  if (states.includes('unchecked')) return [`the health of ${site}'s targets is unknown: ${found}`];
  throw new Elbv2Failure(
    `no target of ${site} takes connections (${found || 'none is registered'}): ${group}`,
    'never',
  );
}

/**
 * Targets of a group that no load balancer uses, or without health checks, have not been looked at ("TargetHealth", Reason).
 * Where the group is in use, the first reason means a zone that is not enabled.
 */
function stateOf({ TargetHealth: health }: TargetHealthDescription, isInUse: boolean): string {
  const { State: state, Reason: reason } = health ?? {};
  const isUnchecked = state === 'unavailable' || (state === 'unused' && reason === 'Target.NotInUse' && !isInUse);
  return isUnchecked ? 'unchecked' : (state ?? 'unknown');
}

function tally(states: string[]): string {
  const kinds = [...new Set(states)].sort();
  return kinds.map((kind) => `${states.filter((state) => state === kind).length} ${kind}`).join(', ');
}
