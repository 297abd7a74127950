import type { Happening } from '../../../bench/simulation/events.ts';
import { happen } from '../../../bench/simulation/happen.ts';
import type { World } from '../../../bench/simulation/world.ts';
import type { Stage } from '../../../cli/scenario/scenario.ts';
import type { FailureClass } from '../../../core/model/probe.ts';
import type { FaultName } from '../../../lab/faults.ts';

interface Place {
  site: string;
  nodes: string[];
  /** The target, and where it sends traffic now. */
  target: string;
  active: string;
}

/** Longer than any scenario. */
const forMs = 600_000;

/** How long the site hangs in each turn of a flap, and how long a turn is. */
const flap = { turns: 5, hangsMs: 1_500, turnMs: 3_000 };

const fault = ({ site }: Place, nodes: string[], name: FailureClass, lastsMs = forMs): Happening => ({
  kind: 'fault',
  site,
  nodes,
  class: name,
  seenBy: null,
  forMs: lastsMs,
});
const everywhere = (name: FailureClass) => (place: Place) => [fault(place, place.nodes, name)];

/** What each fault of the lab is in the simulated world. */
const happeningsOf: Record<FaultName, (place: Place) => Happening[]> = {
  'kill-site': everywhere('refused'),
  'hang-site': everywhere('hung'),
  // Real nodes of a minority close their listeners after a moment: both is a side that is lost.
  'kill-two': ({ site, nodes }) => [
    { kind: 'minority', site, crashed: nodes.slice(-2), left: nodes.slice(0, -2), forMs },
  ],
  'kill-one': (place) => [fault(place, place.nodes.slice(-1), 'refused')],
  // A declare waits for the peer that hangs.
  'hang-one': (place) => [
    fault(place, place.nodes.slice(-1), 'hung'),
    fault(place, place.nodes.slice(0, -1), 'metadata-stalled'),
  ],
  blackhole: everywhere('unreachable'),
  // An alarm of one node blocks publishers at all of them.
  'memory-alarm': everywhere('alarm'),
  'disk-alarm': everywhere('alarm'),
  'management-down': everywhere('management-only'),
  'wrong-password': everywhere('auth'),
  flap: (place) => [fault(place, place.nodes, 'hung', flap.hangsMs)],
  'haproxy-restart': ({ target }) => [{ kind: 'target-restarts', target }],
  'foreign-edit': ({ target, active }) => [
    { kind: 'target-edited', target, active: active === 'beijing' ? 'shanghai' : 'beijing' },
  ],
};

/** The faults of a scenario, done to the simulated world. @param pass lets time pass */
export function createFaults(world: World, pass: Stage['pause']): Pick<Stage, 'inject' | 'heal'> {
  const ends = new Map<string, () => void>();

  async function begin(name: FaultName, site: string): Promise<void> {
    const happenings = happeningsOf[name](await placeOf(world, site));
    const happened = happenings.map((happening) => happen(world, { ...happening, atMs: world.clock.monotonicMs() }));
    ends.set(`${name} ${site}`, () => {
      for (const { end } of happened) end();
    });
  }

  return {
    async inject(name, site) {
      if (name !== 'flap') return begin(name, site);
      for (let turn = 0; turn < flap.turns; turn += 1) {
        await begin(name, site);
        await pass(flap.turnMs);
      }
    },
    async heal(name, site) {
      ends.get(`${name} ${site}`)?.();
    },
  };
}

async function placeOf({ watched: [watched] }: World, site: string): Promise<Place> {
  const [target] = watched?.targets ?? [];
  if (!watched || !target) throw new Error('the trace has no target');
  const reading = await target.read();
  const nodes = watched.pair.sites[site]?.nodes.map(({ name }) => name) ?? [];
  return { site, nodes, target: target.id, active: reading.status === 'read' ? reading.active : 'unknown' };
}
