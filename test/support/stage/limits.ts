import { happen } from '../../../bench/simulation/happen.ts';
import { fenceUserOf } from '../../../bench/simulation/policy.ts';
import type { Watched, World } from '../../../bench/simulation/world.ts';
import { type Stage, Unexpected } from '../../../cli/scenario/scenario.ts';

/** Who is let in at the sites of a pair of the simulated world, and by which limits. */
export function createLimits(
  world: World,
  { pair, judge, fencer, brokers }: Watched,
): Pick<Stage, 'setLimit' | 'requireLimit' | 'requireShut' | 'requireOpen'> {
  const limitsAt = (site: string) => Object.values(judge.limitsOf(site));

  /** Whether one more application is let in. It does not stay. */
  function knockAt(site: string): boolean {
    const user = fenceUserOf(pair);
    const isLetIn = fencer.connect(site, user, 1) === 1;
    if (isLetIn) fencer.disconnect(site, user);
    return isLetIn;
  }

  return {
    async setLimit(site, value) {
      happen(world, { kind: 'limit', pair: pair.name, site, value, atMs: world.clock.monotonicMs() });
    },
    async requireLimit(site, value) {
      if (limitsAt(site).some((limit) => limit !== value))
        throw new Unexpected(`the limits at ${site} are ${limitsAt(site).join(', ')}, not ${value}`);
    },
    async requireShut(site) {
      if (knockAt(site)) throw new Unexpected(`${site} let an application in`);
      if (brokers.deadSinceMs(site) !== null) throw new Unexpected(`${site} is dead: nobody knows whether it is shut`);
    },
    async requireOpen(site) {
      if (!knockAt(site) || limitsAt(site).includes(0))
        throw new Unexpected(`${site} did not let an application in; its limits are ${limitsAt(site).join(', ')}`);
    },
  };
}
