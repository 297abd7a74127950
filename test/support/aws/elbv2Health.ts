import type { StoredAction } from './elbv2Actions.ts';
import { checkKnown, Elbv2Refusal, type Fields } from './elbv2Form.ts';

/** API, "TargetHealth": the states and their reasons. */
export interface TargetState {
  id: string;
  port: number;
  state: 'initial' | 'healthy' | 'unhealthy' | 'unhealthy.draining' | 'draining' | 'unused' | 'unavailable';
  reason?: string;
}

export interface TargetGroup {
  arn: string;
  protocol: string;
  targets: TargetState[];
}

/**
 * What DescribeTargetHealth answers. API, "TargetHealth": targets of a group that no load balancer forwards to are unused, and
 * not checked; draining is told until the deregistration delay is over.
 * @throws Elbv2Refusal
 */
export function healthOf(request: Fields, groups: TargetGroup[], actions: StoredAction[]): Fields {
  checkKnown(request, ['TargetGroupArn'], 'DescribeTargetHealth');
  const group = groups.find(({ arn }) => arn === request.TargetGroupArn);
  if (!group) throw new Elbv2Refusal(400, 'TargetGroupNotFound', 'One or more target groups not found');
  const isInUse = actions.some((action) => action.groups.some(({ arn }) => arn === group.arn));
  const unused = { state: 'unused', reason: 'Target.NotInUse' };
  const told = group.targets.map((target) => ({
    ...target,
    ...(isInUse || target.state === 'draining' ? {} : unused),
  }));
  return {
    TargetHealthDescriptions: told.map(({ id, port, state, reason }) => ({
      Target: { Id: id, Port: String(port) },
      HealthCheckPort: String(port),
      TargetHealth: { State: state, ...(reason ? { Reason: reason } : {}) },
    })),
  };
}
