import { createHaproxyTarget } from '../../adapters/haproxy/target.ts';
import { leaseMs } from '../../core/flow/act.ts';
import type { Clock, Target } from '../../core/flow/ports.ts';
import type { Pair } from '../../core/model/config.ts';
import { kindOf, type TargetConfig } from '../../core/model/targets/index.ts';

/** A flip makes at most seven exchanges with HAProxy, and must end before others may take the operation over. */
const haproxyTimeoutMs = Math.floor(leaseMs / 8);

/** What adapters of targets need beside their configuration. */
export interface TargetContext {
  clock: Clock;
}

/** The targets of a pair, as adapters. */
export function targetsOf({ targets }: Pair, context: TargetContext): Target[] {
  return targets.map((target) => targetOf(target, context));
}

function targetOf(target: TargetConfig, { clock }: TargetContext): Target {
  const { haproxy } = target;
  if (haproxy) return createHaproxyTarget(haproxy, { clock, timeoutMs: haproxyTimeoutMs });
  throw new Error(`there is no adapter for a target of the kind ${kindOf(target)}`);
}
