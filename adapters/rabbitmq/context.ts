import type { Clock } from '../../core/flow/ports.ts';
import type { Node, Pair } from '../../core/model/config.ts';
import type { NodeProbe, ProbeDepth, ProbeHint } from '../../core/model/probe.ts';
import type { CredentialsSource } from './failure.ts';
import type { Ladder } from './ladder.ts';
import type { ManagementApi } from './managementApi.ts';
import type { SiteKnowledge } from './siteKnowledge.ts';

/** What all probes of one prober share. */
export interface ProberContext {
  pair: Pair;
  vantage: string;
  clock: Clock;
  timeoutMs: number;
  management: ManagementApi;
  hint(hint: ProbeHint): void;
  /** A way to destroy all sockets that are opened under its signal; closing the prober aborts every one. */
  openScope(): AbortController;
  closeScope(scope: AbortController): void;
}

/** One node with what is known about its site. */
export interface NodeContext extends ProberContext {
  site: string;
  node: Node;
  vhost: string;
  clusterName: string | undefined;
  credentials: CredentialsSource;
  knowledge: SiteKnowledge;
}

/** The result of a probe that ends now. */
export function probeResult(
  { site, node, clock }: NodeContext,
  depth: ProbeDepth,
  startedAtMs: number,
  { checks, identity, certificateDaysLeft }: Ladder,
): NodeProbe {
  return {
    site,
    node: node.name,
    depth,
    startedAtMs,
    finishedAtMs: clock.monotonicMs(),
    checks,
    ...(identity && { identity }),
    ...(certificateDaysLeft !== null && { certificateDaysLeft }),
  };
}
