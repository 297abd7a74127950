import type { CheckName, FailureClass } from '../../core/model/probe.ts';
import type { NodeCondition } from './prober.ts';

/** The rung at which a failure shows; the others at the publish. */
const rungOf: Partial<Record<FailureClass, CheckName>> = {
  unreachable: 'tcp',
  refused: 'tcp',
  tls: 'tls',
  hung: 'amqp-open',
  auth: 'amqp-open',
  'not-allowed': 'amqp-open',
  'metadata-stalled': 'declare',
  'management-only': 'management',
  partitioned: 'management',
  draining: 'management',
};
/** Nothing answers before the deadline. */
const silent: readonly FailureClass[] = ['unreachable', 'hung', 'publish-stalled', 'no-quorum', 'metadata-stalled'];
/** Existing connections outlive these. */
const onlyFresh: readonly FailureClass[] = ['auth', 'tls', 'not-allowed'];

/** What probes find of a node that fails like this. @param timeoutMs what a silence costs them */
export function conditionOf(name: FailureClass, timeoutMs: number): NodeCondition {
  const check = rungOf[name] ?? 'publish-confirm-get';
  const latencyMs = silent.includes(name) ? timeoutMs : 1;
  return { check, class: name, latencyMs, ...(onlyFresh.includes(name) ? { depths: ['full'] as const } : {}) };
}
