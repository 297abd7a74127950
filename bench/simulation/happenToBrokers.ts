import type { MemoryFencer } from '../../adapters/memory/fencer.ts';
import { type Beginnings, type Last, lastFor, type Of, showAll, watchedNamed } from './beginnings.ts';
import type { BrokerFault } from './brokers.ts';
import { lateWithinMs } from './fencerPort.ts';
import { fenceUserOf } from './policy.ts';
import type { World } from './world.ts';

const closed = { kind: 'broken', detail: 'connection closed' } as const;

/** Peers give up a node that hangs after this long: the default of net_ticktime. */
const givenUpMs = 60_000;

/** What happens to clusters, to the ways to them, and to their management APIs. */
export const brokerBeginnings: Beginnings<
  | 'fault'
  | 'minority'
  | 'drained'
  | 'hung-node'
  | 'cut'
  | 'network'
  | 'broken'
  | 'management'
  | 'limits-land-late'
  | 'limits-lag'
  | 'limit'
> = {
  fault: beginFault,
  minority(world, { site, crashed, left, forMs }, last) {
    const fault = { site, seenBy: null } as const;
    const ends = [
      begin(world, { ...fault, nodes: crashed, class: 'refused' }),
      begin(world, { ...fault, nodes: left, class: 'no-quorum' }),
    ];
    last(forMs, () => endAll(ends));
  },
  drained(world, { site, nodes, management, forMs }, last) {
    const all = world.watched[0]?.pair.sites[site]?.nodes.length;
    const isTold = management === 'answers' || nodes.length !== all;
    const state = management === 'answers' ? 'drained' : 'down';
    const name = isTold ? 'draining' : 'refused';
    const fault = { site, nodes, seenBy: null, class: name, isShut: true } as const;
    const end = begin(world, { ...fault, management: { state, takesWrites: false } });
    breakConnections(world, site, nodes);
    last(forMs, end);
  },
  'hung-node': beginHang,
  cut(world, { site, ways, paused, forMs }, last) {
    const froms = [...new Set(ways.map(({ vantage }) => vantage))];
    const nodesFrom = (from: string | null) => ways.flatMap(({ vantage, node }) => (vantage === from ? [node] : []));
    const ends = froms.map((from) =>
      begin(world, { site, nodes: nodesFrom(from), class: 'unreachable', seenBy: from === null ? null : [from] }),
    );
    if (paused.length > 0) ends.push(begin(world, { site, nodes: paused, class: 'refused', seenBy: null }));
    last(forMs, () => endAll(ends));
  },
  network({ trouble, brokers, clock, watched }, impairment, last) {
    const { vantage, site, forMs } = impairment;
    const nodes = watched[0]?.pair.sites[site]?.nodes.map(({ name }) => name) ?? [];
    const seen = { site, nodes, class: 'unreachable', seenBy: [vantage], isPartial: true } as const;
    const fault = brokers.begin(seen, clock.monotonicMs());
    trouble.impairments.push(impairment);
    last(forMs, () => {
      brokers.end(fault, clock.monotonicMs());
      trouble.impairments = trouble.impairments.filter((each) => each !== impairment);
    });
  },
  broken: (world, { site, node }) => breakConnections(world, site, [node]),
  management(world, event, last) {
    const key = `${event.site}/${event.node}`;
    world.ordered.set(key, event);
    showAll(world);
    last(event.forMs, () => {
      if (world.ordered.get(key) === event) world.ordered.delete(key);
      showAll(world);
    });
  },
  'limits-land-late'(world, { forMs }, last) {
    const { trouble } = world;
    trouble.lateLimits += 1;
    lastFor(world, forMs, () => {
      trouble.lateLimits -= 1;
    });
    // What was asked for last may still land after that.
    last(forMs + lateWithinMs);
  },
  'limits-lag'({ watched }, { site, nodes, lagMs, forMs }, last) {
    const each = (work: (fencer: MemoryFencer, node: string) => void) => {
      for (const { fencer } of watched) for (const node of nodes) work(fencer, node);
    };
    each((fencer, node) => fencer.setLag(site, node, lagMs));
    last(forMs, () => each((fencer, node) => fencer.setLag(site, node, 0)));
  },
  limit(world, { pair, site, value }) {
    const watched = watchedNamed(world, pair);
    const { judge, fencer, adminLimits, unclearLimits } = watched;
    adminLimits.set(site, value);
    const { fences, operation } = judge.record();
    // What is set while a fence is there is not what the fence saved: nobody can expect either of the two afterwards.
    if (fences[site] || operation) unclearLimits.add(site);
    // Nor what is not known everywhere yet.
    if (isLagging(world, site)) unclearLimits.add(site);
    fencer.setLimit(site, fenceUserOf(watched.pair), value);
  },
};

function beginFault(world: World, { site, nodes, class: name, seenBy, forMs }: Of<'fault'>, last: Last): void {
  last(forMs, begin(world, { site, nodes, class: name, seenBy }));
}

/** @returns what ends it */
function begin(world: World, fault: Omit<BrokerFault, 'fromMs' | 'toMs'>): () => void {
  const { brokers, clock } = world;
  const begun = brokers.begin(fault, clock.monotonicMs());
  showAll(world);
  // A refusal comes with the end of what was connected; a black hole does not.
  if (fault.seenBy === null && fault.class === 'refused') breakConnections(world, fault.site, fault.nodes);
  return () => {
    brokers.end(begun, clock.monotonicMs());
    showAll(world);
  };
}

const endAll = (ends: readonly (() => void)[]) => {
  for (const end of ends) end();
};

function beginHang(world: World, { site, node, peers, landsLater, splitMs, forMs }: Of<'hung-node'>, last: Last): void {
  const fault = { site, seenBy: null } as const;
  const awake = begin(world, { ...fault, nodes: [node], class: 'hung' });
  const management = { state: 'stalled', takesWrites: landsLater } as const;
  const freed = begin(world, { ...fault, nodes: peers, class: 'metadata-stalled', management });
  lastFor(world, Math.min(forMs, givenUpMs), freed);
  const inStep = () => {
    // Somebody that was down takes over what the others know.
    for (const { fencer } of world.watched) fencer.setNode(site, node, 'down');
  };
  if (forMs <= givenUpMs || splitMs === 0) {
    last(forMs, () => {
      inStep();
      awake();
    });
    return;
  }
  let joined = () => {};
  lastFor(world, forMs, () => {
    awake();
    joined = begin(world, { ...fault, nodes: [node, ...peers], class: 'partitioned' });
  });
  last(forMs + splitMs, () => {
    inStep();
    joined();
    breakConnections(world, site, [node]);
  });
}

const isLagging = ({ log, clock }: World, at: string) =>
  log.some(({ event, toMs }) => event.kind === 'limits-lag' && event.site === at && toMs > clock.monotonicMs());

/** Whoever has a connection to one of these nodes feels its end. */
function breakConnections({ lives }: World, site: string, nodes: readonly string[]): void {
  const openEyes = lives.filter(({ process }) => process.isAlive()).flatMap(({ eyes }) => eyes);
  for (const each of openEyes) for (const node of nodes) each.hint({ site, node, ...closed });
}
