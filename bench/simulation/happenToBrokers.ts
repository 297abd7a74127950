import { type Beginnings, type Last, lastFor, type Of, showAll, watchedNamed } from './beginnings.ts';
import { lateWithinMs } from './fencerPort.ts';
import { fenceUserOf } from './policy.ts';
import type { World } from './world.ts';

const closed = { kind: 'broken', detail: 'connection closed' } as const;

/** What happens to clusters, to the ways to them, and to their management APIs. */
export const brokerBeginnings: Beginnings<
  'fault' | 'minority' | 'network' | 'broken' | 'management' | 'limits-land-late' | 'limit'
> = {
  fault: beginFault,
  minority(world, { site, crashed, left, forMs }, last) {
    const ends: (() => void)[] = [];
    const keep: Last = (_, end = () => {}) => void ends.push(end);
    const fault = { kind: 'fault', site, seenBy: null, forMs } as const;
    beginFault(world, { ...fault, nodes: crashed, class: 'refused' }, keep);
    beginFault(world, { ...fault, nodes: left, class: 'no-quorum' }, keep);
    last(forMs, () => {
      for (const end of ends) end();
    });
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
  limit(world, { pair, site, value }) {
    const watched = watchedNamed(world, pair);
    const { judge, fencer, adminLimits, unclearLimits } = watched;
    adminLimits.set(site, value);
    const { fences, operation } = judge.record();
    // What is set while a fence is there is not what the fence saved: nobody can expect either of the two afterwards.
    if (fences[site] || operation) unclearLimits.add(site);
    fencer.setLimit(site, fenceUserOf(watched.pair), value);
  },
};

function beginFault(world: World, event: Omit<Of<'fault'>, 'atMs'>, last: Last): void {
  const { brokers, clock } = world;
  const fault = brokers.begin(event, clock.monotonicMs());
  showAll(world);
  // A refusal comes with the end of what was connected; a black hole does not.
  if (event.seenBy === null && event.class === 'refused') breakConnections(world, event.site, event.nodes);
  last(event.forMs, () => {
    brokers.end(fault, clock.monotonicMs());
    showAll(world);
  });
}

/** Whoever has a connection to one of these nodes feels its end. */
function breakConnections({ lives }: World, site: string, nodes: readonly string[]): void {
  const openEyes = lives.filter(({ process }) => process.isAlive()).flatMap(({ eyes }) => eyes);
  for (const each of openEyes) for (const node of nodes) each.hint({ site, node, ...closed });
}
