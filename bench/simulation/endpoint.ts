import type { EndpointProbe, Prober } from '../../core/flow/ports.ts';
import { activeSide } from '../../core/model/situation.ts';
import type { Outside } from './outside.ts';
import type { Process } from './process.ts';

/** A prober whose way through the clients' endpoint leads where the targets say, as far as something serves there. */
export function withEndpoint(prober: Prober, { targets, brokers, clock, pair }: Outside, process: Process): Prober {
  const probe = async (): Promise<EndpointProbe> => {
    const site = activeSide(await Promise.all(targets.map((target) => target.read())));
    const nodes = pair.sites[site]?.nodes ?? [];
    const isReached =
      brokers.deadSinceMs(site) === null && brokers.cutNodes(process.vantage, site).length < nodes.length;
    await clock.sleep(isReached ? 5 : pair.probe.timeoutMs);
    if (isReached && nodes.length > 0) return { status: 'pass', clusterName: site, detail: '' };
    return { status: 'fail', clusterName: null, detail: `nothing of ${site} answers` };
  };
  return { ...prober, probeEndpoint: () => process.through(probe) };
}
