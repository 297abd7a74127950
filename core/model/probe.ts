/**
 * What probing says. A check is one rung of the ladder against one node; a probe is one run of the ladder.
 */

/** The rungs, in the order they are climbed. `declare` proves that metadata can be written. */
export const checkNames = ['tcp', 'tls', 'amqp-open', 'publish-confirm-get', 'declare', 'management'] as const;
export type CheckName = (typeof checkNames)[number];

/** How a failure class counts: `votes` at once, `votes-later` once it lasted as long as the policy says, or only `alerts`. */
export type Weight = 'votes' | 'votes-later' | 'alerts';

/**
 * The closed list of failure classes. What cannot be told apart does not vote. `meaning` completes the sentence
 * "node X: …".
 */
export const failureClasses = {
  unreachable: { weight: 'votes', meaning: 'does not answer on the network' },
  refused: { weight: 'votes', meaning: 'refuses connections' },
  hung: { weight: 'votes', meaning: 'accepts connections but does not answer' },
  'no-quorum': { weight: 'votes', meaning: 'has lost the majority of its queue replicas' },
  'publish-stalled': { weight: 'votes', meaning: 'does not confirm published messages' },
  alarm: { weight: 'votes-later', meaning: 'blocks publishers because of a resource alarm' },
  'metadata-stalled': { weight: 'votes-later', meaning: 'cannot declare queues, while publishing works' },
  partitioned: { weight: 'alerts', meaning: 'reports a network partition inside its cluster' },
  auth: { weight: 'alerts', meaning: 'rejects the probe credentials' },
  tls: { weight: 'alerts', meaning: 'fails the TLS handshake' },
  'not-allowed': {
    weight: 'alerts',
    meaning: 'refuses the virtual host (missing, no permission, or a connection limit)',
  },
  draining: { weight: 'alerts', meaning: 'is in maintenance mode' },
  'management-only': { weight: 'alerts', meaning: 'has no working management API, while messaging works' },
  'wrong-identity': { weight: 'alerts', meaning: 'belongs to another cluster than expected' },
  'probe-error': { weight: 'alerts', meaning: 'could not be probed because of an error of the prober' },
} as const satisfies Record<string, { weight: Weight; meaning: string }>;
export type FailureClass = keyof typeof failureClasses;

export type CheckResult =
  | { check: CheckName; status: 'pass'; latencyMs: number }
  | { check: CheckName; status: 'skipped'; detail: string }
  | { check: CheckName; status: 'fail'; latencyMs: number; class: FailureClass; detail: string };

/**
 * How deep a probe goes. `kept`: publish-confirm-get over the kept connection (a fraction of a millisecond of broker
 * work). `full`: the whole ladder over a fresh connection, with the management checks.
 */
export type ProbeDepth = 'kept' | 'full';

/** One run of the ladder against one node. Times are milliseconds on the prober's monotonic clock. */
export interface NodeProbe {
  site: string;
  node: string;
  depth: ProbeDepth;
  startedAtMs: number;
  finishedAtMs: number;
  checks: CheckResult[];
  /** What the broker says it is, where it said so. */
  identity?: { clusterName?: string; version?: string };
  /** Until the node's certificate expires, where TLS was in order. */
  certificateDaysLeft?: number;
}

/**
 * Something a kept connection noticed between probes. `broken`: the connection was closed. `blocked`: the broker sent
 * connection.blocked. A hint never counts as a failure; it only makes the site be probed now.
 */
export interface ProbeHint {
  site: string;
  node: string;
  kind: 'broken' | 'blocked';
  detail: string;
}

/** A hint with the moment it was noticed, on the prober's monotonic clock. */
export type TimedHint = ProbeHint & { atMs: number };
