import { conditionOf } from '../../adapters/memory/conditions.ts';
import type { MemoryFencer, NodeState } from '../../adapters/memory/fencer.ts';
import type { MemoryProber, NodeCondition } from '../../adapters/memory/prober.ts';
import type { Pair } from '../../core/model/config.ts';
import { type FailureClass, failureClasses } from '../../core/model/probe.ts';

/** Something that was, or is, wrong with nodes of a site. */
export interface BrokerFault {
  site: string;
  nodes: readonly string[];
  class: FailureClass;
  /** Null: it is true. */
  seenBy: readonly string[] | null;
  /** It may be seen, and need not be: some probes are lost. */
  isPartial?: boolean;
  /** Where its class alone does not say: what the management API does, and whether a write to it takes effect all the same. */
  management?: Management;
  /** It takes no AMQP connections, whatever its class says. */
  isShut?: boolean;
  fromMs: number;
  /** Infinite while it lasts. */
  toMs: number;
}

/** What the management API of a node does. */
export interface Management {
  state: NodeState;
  takesWrites: boolean;
}

/** The clusters as they truly are, and as each vantage sees them. */
export interface Brokers {
  begin(fault: Omit<BrokerFault, 'fromMs' | 'toMs'>, nowMs: number): BrokerFault;
  end(fault: BrokerFault, nowMs: number): void;
  /** Tells a prober of this vantage what it finds from now on. */
  show(prober: MemoryProber, vantage: string): void;
  /** What the faults mean for the management API of a node. */
  managementOf(site: string, node: string): Management;
  /** The nodes of a site whose management API this vantage cannot reach although they are well. */
  cutNodes(vantage: string, site: string): string[];
  /**
   * Whether the vantage could at some moment of the range truly say: fewer than `minNodes` serve, and the rest failed. Null: whether
   * that was so, to everybody.
   */
  wasDark(vantage: string | null, site: string, fromMs: number, toMs: number): boolean;
  /** What is, or was, wrong with a site as a vantage sees it. */
  faultsSeenBy(vantage: string, site: string): BrokerFault[];
  /** Since when nothing of the site says anything to the vantage; null: something does. */
  silentSinceMs(vantage: string, site: string): number | null;
  /** Since when no node of the site truly serves; null: one does. */
  deadSinceMs(site: string): number | null;
  /** Since when the site is truly lost by the policy: too few nodes serve, or an alarm has lasted too long; null: it is not. */
  lostSinceMs(site: string, nowMs: number): number | null;
  /** The same, and what only full probes show must have been found as well. */
  surelyLostSinceMs(site: string, nowMs: number): number | null;
}

const weights = ['votes', 'votes-later', 'alerts'];
const states: Partial<Record<FailureClass, NodeState>> = {
  refused: 'down',
  hung: 'silent',
  unreachable: 'silent',
  'management-only': 'silent',
};
/** Of several faults the first of these is what is found. */
const worstStates: readonly NodeState[] = ['down', 'silent', 'stalled', 'drained'];
const isWell: Management = { state: 'well', takesWrites: false };

export function createBrokers(pair: Pair): Brokers {
  const faults: BrokerFault[] = [];
  const { minNodes, timeoutMs } = pair.probe;
  const nodesOf = (site: string) => pair.sites[site]?.nodes.map(({ name }) => name) ?? [];
  const isSeenBy = ({ seenBy }: BrokerFault, vantage: string | null) =>
    seenBy === null || (vantage !== null && seenBy.includes(vantage));
  const lasting = () => faults.filter(({ toMs, isPartial }) => toMs === Number.POSITIVE_INFINITY && !isPartial);
  const isAbout = (fault: BrokerFault, site: string, node: string) => fault.site === site && fault.nodes.includes(node);

  const worst = (found: BrokerFault[]) =>
    found.toSorted((one, other) => seriousness(one) - seriousness(other) || other.fromMs - one.fromMs)[0];
  /** At the earliest: by somebody who saw all there was. */
  const mayVoteFromMs = (fault: BrokerFault) => votesFromMs(pair, fault, classBeganMs(pair, faults, fault));
  const mayVoteAt = (fault: BrokerFault, atMs: number) => mayVoteFromMs(fault).some((fromMs) => fromMs <= atMs);
  const isDarkAt = (vantage: string | null, site: string, atMs: number) => {
    const present = faults.filter((fault) => isSeenBy(fault, vantage) && fault.toMs >= atMs && mayVoteAt(fault, atMs));
    const well = nodesOf(site).filter((node) => !present.some((fault) => isAbout(fault, site, node)));
    return well.length < minNodes;
  };

  /** Since when so many nodes of the site have one of these faults; null: there are not so many. */
  const nthSinceMs = (present: BrokerFault[], site: string, count: number): number | null => {
    const since = nodesOf(site).map((node) =>
      Math.min(...present.filter((fault) => isAbout(fault, site, node)).map(({ fromMs }) => fromMs)),
    );
    const nth = since.toSorted((one, other) => one - other)[count - 1];
    return nth === undefined || nth === Number.POSITIVE_INFINITY ? null : nth;
  };

  /** @param foundMs how long a fault that counts may go unnoticed */
  const lostSinceMs = (site: string, nowMs: number, foundMs: (fault: BrokerFault) => number) => {
    const present = lasting().filter((fault) => fault.seenBy === null);
    const voting = present.flatMap((fault) =>
      votesFromMs(pair, fault).map((fromMs) => ({ ...fault, fromMs: fromMs + foundMs(fault) })),
    );
    const mature = voting.filter(({ fromMs }) => fromMs <= nowMs);
    return nthSinceMs(mature, site, nodesOf(site).length - minNodes + 1);
  };

  return {
    begin(fault, nowMs) {
      const begun = { ...fault, fromMs: nowMs, toMs: Number.POSITIVE_INFINITY };
      faults.push(begun);
      return begun;
    },
    end(fault, nowMs) {
      fault.toMs = Math.min(fault.toMs, nowMs);
    },
    show(prober, vantage) {
      for (const site of Object.keys(pair.sites)) {
        for (const node of nodesOf(site)) {
          const fault = worst(lasting().filter((each) => isSeenBy(each, vantage) && isAbout(each, site, node)));
          prober.setNode(site, node, fault ? conditionFor(fault, timeoutMs) : null);
        }
      }
    },
    managementOf(site, node) {
      const found = lasting()
        .filter((fault) => fault.seenBy === null && isAbout(fault, site, node))
        .map((fault) => fault.management ?? { state: states[fault.class] ?? 'well', takesWrites: false });
      return worstStates.flatMap((state) => found.find((each) => each.state === state) ?? [])[0] ?? isWell;
    },
    cutNodes(vantage, site) {
      const cuts = lasting().filter((fault) => fault.seenBy !== null && isSeenBy(fault, vantage));
      return nodesOf(site).filter((node) => cuts.some((fault) => isAbout(fault, site, node)));
    },
    wasDark(vantage, site, fromMs, toMs) {
      const begins = faults.flatMap(mayVoteFromMs).filter((at) => at > fromMs && at <= toMs);
      return [fromMs, ...begins].some((atMs) => isDarkAt(vantage, site, atMs));
    },
    faultsSeenBy: (vantage, site) =>
      faults.filter((fault) => fault.site === site && !fault.isPartial && isSeenBy(fault, vantage)),
    silentSinceMs(vantage, site) {
      const present = lasting().filter((fault) => isSeenBy(fault, vantage) && silent.includes(fault.class));
      return nthSinceMs(present, site, nodesOf(site).length);
    },
    deadSinceMs(site) {
      const present = lasting().filter(
        (fault) => fault.seenBy === null && (fault.isShut || failureClasses[fault.class].weight === 'votes'),
      );
      return nthSinceMs(present, site, nodesOf(site).length);
    },
    lostSinceMs: (site, nowMs) => lostSinceMs(site, nowMs, () => 0),
    // What lasts is found by the next full probe.
    surelyLostSinceMs: (site, nowMs) =>
      lostSinceMs(site, nowMs, ({ class: name }) =>
        failureClasses[name].weight === 'votes-later' ? pair.probe.fullEveryMs + timeoutMs : 0,
      ),
  };
}

const seriousness = (fault: BrokerFault) => weights.indexOf(failureClasses[fault.class].weight);
/** One that takes no connections says so at the first rung, to kept connections as well. */
function conditionFor({ class: name, isShut }: BrokerFault, timeoutMs: number): NodeCondition {
  const condition = conditionOf(name, timeoutMs);
  return isShut ? { ...condition, check: 'tcp' } : condition;
}
/** Whoever says anything else was reached. */
const silent: readonly FailureClass[] = ['refused', 'unreachable', 'hung', 'publish-stalled'];

/** From when on the fault may count against its nodes; nothing: never. @param beganMs since when its class shows there */
function votesFromMs({ probe }: Pair, { class: name, fromMs }: BrokerFault, beganMs = fromMs): number[] {
  const { weight } = failureClasses[name];
  if (weight === 'alerts') return [];
  if (weight === 'votes') return [fromMs];
  const afterMs = name === 'alarm' ? probe.alarmsAfterMs : probe.metadataStalledAfterMs;
  return [Math.max(fromMs, beganMs + afterMs)];
}

/** Several faults of one class, with gaps in between that nobody needs to see, are one that lasted. */
function classBeganMs({ probe }: Pick<Pair, 'probe'>, faults: readonly BrokerFault[], fault: BrokerFault): number {
  const unseenMs = probe.fullEveryMs + probe.timeoutMs;
  const isAlike = (other: BrokerFault) =>
    other.site === fault.site && other.class === fault.class && other.nodes.some((node) => fault.nodes.includes(node));
  const earlier = faults.filter(
    (other) => isAlike(other) && other.fromMs < fault.fromMs && other.toMs >= fault.fromMs - unseenMs,
  );
  return Math.min(fault.fromMs, ...earlier.map((other) => classBeganMs({ probe }, faults, other)));
}

/** Sets every node's management API to what the faults and the orders of the trace say. */
export function showFencer(pair: Pair, brokers: Brokers, fencer: MemoryFencer, ordered: OrderedManagement): void {
  for (const [site, { nodes }] of Object.entries(pair.sites)) {
    for (const { name } of nodes) {
      const order = ordered.get(`${site}/${name}`);
      const found = brokers.managementOf(site, name);
      const { state, takesWrites } = found.state === 'well' && order ? order : found;
      fencer.setNode(site, name, state, { takesWrites });
    }
  }
}

/** By `site/node`. */
export type OrderedManagement = Map<string, Management>;
