import type { FaultName } from '../../../lab/faults.ts';
import type { SiteName } from '../../../lab/topology.ts';
import { obeyBroker } from '../transcript/brokers.ts';
import type { World } from '../world.ts';

/** What each fault of the lab does, in the words of the stories: a node or a site, and how it fails from then on. */
const linesOf: Record<FaultName, (site: string, nodes: string[]) => string[]> = {
  'kill-site': (site) => [`${site} refused`, `${site} broken`],
  'hang-site': (site) => [`${site} hung`],
  // The third pauses itself as a minority: its listeners close.
  'kill-two': (site) => [`${site} refused`, `${site} broken`],
  'kill-one': (_, nodes) => [`${nodes.at(-1)} refused`, `${nodes.at(-1)} broken`],
  // A declare waits for the peer that hangs.
  'hang-one': (_, nodes) => [...nodes.slice(0, -1).map((node) => `${node} metadata-stalled`), `${nodes.at(-1)} hung`],
  blackhole: (site) => [`${site} unreachable`],
  // An alarm of one node blocks publishers at all of them.
  'memory-alarm': (site) => [`${site} alarm`],
  'disk-alarm': (site) => [`${site} alarm`],
  'management-down': (site) => [`${site} management-only`],
  'wrong-password': (site) => [`${site} auth`],
  flap: () => [],
  'haproxy-restart': () => [],
  'foreign-edit': () => [],
};

/** Does to the world in memory what the lab does to real brokers. */
export async function injectFault(world: World, name: FaultName, site: SiteName): Promise<void> {
  if (name === 'haproxy-restart') world.target.restart();
  else if (name === 'foreign-edit') await swapSites(world);
  else if (name === 'flap') await flap(world, site);
  else obey(world, linesOf[name](site, nodesOf(world, site)));
}

export async function healFault(world: World, name: FaultName, site: SiteName): Promise<void> {
  if (name === 'foreign-edit') await swapSites(world);
  obey(world, [`${site} well`]);
}

async function flap(world: World, site: SiteName): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) {
    obey(world, [`${site} hung`]);
    await world.clock.advance(1_500);
    obey(world, [`${site} well`]);
    await world.clock.advance(1_500);
  }
}

async function swapSites({ target }: World): Promise<void> {
  const reading = await target.read();
  target.edit(reading.status === 'read' && reading.active === 'beijing' ? 'shanghai' : 'beijing');
}

function obey(world: World, lines: string[]): void {
  for (const line of lines) {
    const [name = '', state = ''] = line.split(' ');
    obeyBroker(world, [world.prober], name, state);
  }
}

const nodesOf = ({ pair }: World, site: string) => pair.sites[site]?.nodes.map(({ name }) => name) ?? [];
