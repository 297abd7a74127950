import type { Clock, EndpointProbe, Prober } from '../../core/flow/ports.ts';
import {
  type CheckName,
  type CheckResult,
  checkNames,
  type FailureClass,
  type NodeProbe,
  type ProbeDepth,
  type ProbeHint,
} from '../../core/model/probe.ts';

/** What is wrong with a node: the rung that fails, and how. */
export interface NodeCondition {
  check: CheckName;
  class: FailureClass;
  detail?: string;
  /** Which probes notice. By default kept ones too when the rung is needed to publish over a kept connection. */
  depths?: readonly ProbeDepth[];
  /** How long a probe takes to find out; a hang takes its deadline. */
  latencyMs?: number;
}

/** A prober that reports what it is told to. */
export interface MemoryProber extends Prober {
  /** Probes begun from now on find this, whatever was said of its site; null: all is well. */
  setNode(site: string, node: string, condition: NodeCondition | null): void;
  /** The same for every node of a site that nothing was said about. */
  setSite(site: string, condition: NodeCondition | null): void;
  setIdentity(site: string, identity: NonNullable<NodeProbe['identity']>): void;
  setReference(reference: string, visible: boolean): void;
  setEndpoint(answer: EndpointProbe): void;
  hint(hint: ProbeHint): void;
}

export interface MemoryProberOptions {
  clock: Clock;
  references?: readonly string[];
  /** How long a probe takes that finds nothing wrong. */
  latencyMs?: number;
}

export function createMemoryProber({ clock, references = [], latencyMs = 1 }: MemoryProberOptions): MemoryProber {
  const conditions = new Map<string, NodeCondition | null>();
  const identities = new Map<string, NonNullable<NodeProbe['identity']>>();
  const visible = new Map(references.map((reference) => [reference, true]));
  let endpoint: EndpointProbe = { status: 'fail', clusterName: null, detail: 'no answer was set' };
  let listener: (hint: ProbeHint) => void = () => {};

  return {
    async probe(site, node, depth) {
      const startedAtMs = clock.monotonicMs();
      const own = conditions.get(`${site}/${node.name}`);
      const condition = own === undefined ? (conditions.get(site) ?? null) : own;
      const tookMs = condition?.latencyMs ?? latencyMs;
      await clock.sleep(tookMs);
      const checks = climb(depth, condition, tookMs);
      const identity = identities.get(site) ?? { clusterName: site };
      const finishedAtMs = clock.monotonicMs();
      return { site, node: node.name, depth, startedAtMs, finishedAtMs, checks, identity };
    },
    async probeEndpoint() {
      await clock.sleep(latencyMs);
      return endpoint;
    },
    async probeReferences() {
      await clock.sleep(latencyMs);
      return [...visible].map(([reference, seen]) => ({ reference, visible: seen, detail: seen ? '' : 'not visible' }));
    },
    onHint: (next) => {
      listener = next;
    },
    close: async () => {},
    setNode: (site, node, condition) => void conditions.set(`${site}/${node}`, condition),
    setSite: (site, condition) => void conditions.set(site, condition),
    setIdentity: (site, identity) => void identities.set(site, identity),
    setReference: (reference, seen) => void visible.set(reference, seen),
    setEndpoint: (answer) => {
      endpoint = answer;
    },
    hint: (hint) => listener(hint),
  };
}

const publishing: readonly CheckName[] = ['tcp', 'amqp-open', 'publish-confirm-get'];

/** The rungs a probe of this depth climbs, up to the first that fails. */
function climb(depth: ProbeDepth, condition: NodeCondition | null, latencyMs: number): CheckResult[] {
  const noticed = condition && (condition.depths ?? noticedBy(condition.check)).includes(depth) ? condition : null;
  const rungs = depth === 'full' ? checkNames : (['publish-confirm-get'] as const);
  // A kept connection has one rung, so whatever breaks it is seen there.
  const failing = noticed && (depth === 'full' ? noticed.check : 'publish-confirm-get');
  let failed = false;
  return rungs.map((check): CheckResult => {
    if (noticed && check === failing) {
      failed = true;
      return { check, status: 'fail', latencyMs, class: noticed.class, detail: noticed.detail ?? noticed.class };
    }
    if (check === 'tls') return { check, status: 'skipped', detail: 'not a TLS address' };
    if (failed) return { check, status: 'skipped', detail: 'an earlier check failed' };
    return { check, status: 'pass', latencyMs };
  });
}

function noticedBy(check: CheckName): readonly ProbeDepth[] {
  return publishing.includes(check) ? ['kept', 'full'] : ['full'];
}
