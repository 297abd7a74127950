import type { Clock, Prober } from '../../core/flow/ports.ts';
import type { Node, Pair } from '../../core/model/config.ts';
import { failureClasses, type NodeProbe, type ProbeHint } from '../../core/model/probe.ts';
import type { NodeContext, ProberContext } from './context.ts';
import { probeEndpoint } from './endpoint.ts';
import type { CredentialsSource } from './failure.ts';
import { fullProbe } from './fullProbe.ts';
import { KeptConnection } from './keptConnection.ts';
import { ManagementApi } from './managementApi.ts';
import { QueueLeader } from './queueLeader.ts';
import { probeReference } from './references.ts';
import { SiteKnowledge } from './siteKnowledge.ts';

export type { Credentials, CredentialsSource } from './failure.ts';

export interface ProberOptions {
  pair: Pair;
  /** This prober's own name; part of the name of its probe queues and connections. */
  vantage: string;
  clock: Clock;
  /** By site. A rotated password is picked up at the next connection. */
  credentials: Record<string, CredentialsSource>;
}

/** A slow node must not pile up probes: more than these share the newest one's result. */
const fullProbesInFlightMax = 4;

/** Everything that is held for one node between probes. */
interface NodeHold {
  context: NodeContext;
  kept: KeptConnection;
  leader: QueueLeader;
  fullInFlight: Set<Promise<NodeProbe>>;
}

/** Probes real RabbitMQ nodes over AMQP and their management API. */
export function createProber({ pair, vantage, clock, credentials }: ProberOptions): Prober {
  const scopes = new Set<AbortController>();
  let closed = false;
  const management = new ManagementApi(pair.probe.timeoutMs);
  let listener: (hint: ProbeHint) => void = () => {};
  const shared: ProberContext = {
    pair,
    vantage,
    clock,
    timeoutMs: pair.probe.timeoutMs,
    management,
    hint: (hint) => listener(hint),
    openScope() {
      const scope = new AbortController();
      if (closed) scope.abort();
      else scopes.add(scope);
      return scope;
    },
    closeScope(scope) {
      scopes.delete(scope);
      scope.abort();
    },
  };
  const sites = siteContexts(shared, credentials);
  const holds = new Map<string, NodeHold>();

  const holdOf = (site: string, node: Node): NodeHold => {
    const key = JSON.stringify([site, node.name]);
    const hold = holds.get(key) ?? createHold({ ...contextOf(sites, site), node });
    holds.set(key, hold);
    return hold;
  };

  return {
    probe: (site, node, depth) => (depth === 'kept' ? holdOf(site, node).kept.probe() : probeFull(holdOf(site, node))),
    probeEndpoint(url) {
      const logins = [pair.primary, pair.standby].map((site) => contextOf(sites, site));
      return probeEndpoint(shared, url, logins);
    },
    probeReferences() {
      return Promise.all(
        pair.reference.map(async (reference) => {
          const scope = shared.openScope();
          const seen = await probeReference(reference, shared.timeoutMs, scope);
          shared.closeScope(scope);
          return seen;
        }),
      );
    },
    onHint(next) {
      listener = next;
    },
    async close() {
      closed = true;
      listener = () => {};
      await Promise.all([...holds.values()].map(({ kept }) => kept.close()));
      for (const scope of scopes) shared.closeScope(scope);
      await management.close();
    },
  };
}

type SiteContext = Omit<NodeContext, 'node'>;

function siteContexts(shared: ProberContext, credentials: ProberOptions['credentials']): Map<string, SiteContext> {
  const { pair } = shared;
  // Two rounds of full probes and one of deadlines without a word about it: a drain is then no longer believed.
  const drainMemoryMs = 2 * pair.probe.fullEveryMs + 5 * pair.probe.timeoutMs;
  const contexts = Object.entries(pair.sites).map(([site, { vhost, clusterName }]): [string, SiteContext] => {
    const missing = () => Promise.reject(new Error(`no probe credentials for site ${site}`));
    const knowledge = new SiteKnowledge(drainMemoryMs);
    return [site, { ...shared, site, vhost, clusterName, credentials: credentials[site] ?? missing, knowledge }];
  });
  return new Map(contexts);
}

function contextOf(sites: Map<string, SiteContext>, site: string): SiteContext {
  const context = sites.get(site);
  if (!context) throw new Error(`the pair has no site ${site}`);
  return context;
}

function createHold(context: NodeContext): NodeHold {
  const leader = new QueueLeader(context);
  const kept = new KeptConnection(context, () => void leader.check());
  return { context, kept, leader, fullInFlight: new Set() };
}

async function probeFull(hold: NodeHold): Promise<NodeProbe> {
  const { context, leader, fullInFlight } = hold;
  const newest = [...fullInFlight].at(-1);
  if (newest && fullInFlight.size >= fullProbesInFlightMax) return newest;
  const running = fullProbe(context);
  fullInFlight.add(running);
  const probe = await running;
  fullInFlight.delete(running);
  const amqpIsWell = probe.checks.every(
    (check) => check.status !== 'fail' || failureClasses[check.class].weight === 'alerts',
  );
  if (amqpIsWell) void leader.check();
  return probe;
}
