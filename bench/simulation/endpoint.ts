import type { Clock, Prober } from '../../core/flow/ports.ts';
import type { Watched } from './world.ts';

/** A prober that reaches the clients' endpoint as they do: it leads to where the first target sends them, and is served there or not. */
export function throughEndpoint(prober: Prober, { pair, targets, brokers }: Watched, clock: Clock): Prober {
  return {
    ...prober,
    async probeEndpoint() {
      await clock.sleep(answersInMs);
      const reading = await targets[0]?.read();
      const site = reading?.status === 'read' && pair.sites[reading.active] ? reading.active : null;
      if (site === null || brokers.deadSinceMs(site) !== null)
        return { status: 'fail', clusterName: null, detail: `nobody serves at ${site ?? 'the endpoint'}` };
      return { status: 'pass', clusterName: site, detail: '' };
    },
  };
}

const answersInMs = 5;
