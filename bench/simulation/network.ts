import type { Clock, Prober } from '../../core/flow/ports.ts';
import type { NodeProbe } from '../../core/model/probe.ts';
import type { Dice } from './random.ts';

/** What is wrong with the way from a vantage to a site: probes take up to so long, and so many of them are lost. */
export interface Impairment {
  vantage: string;
  site: string;
  latencyMs: number;
  /** In [0, 1). */
  lossShare: number;
}

/** A prober whose probes cross a network that is slow, and loses some of them; whatever outlasts the deadline is lost as well. */
export function throughNetwork(
  prober: Prober,
  { clock, dice, timeoutMs }: { clock: Clock; dice: Dice; timeoutMs: number },
  impairmentsTo: (site: string) => Impairment[],
): Prober {
  return {
    ...prober,
    async probe(site, node, depth) {
      const impairments = impairmentsTo(site);
      if (impairments.length === 0) return prober.probe(site, node, depth);
      const startedAtMs = clock.monotonicMs();
      const isLost = impairments.some(({ lossShare }) => dice.chance(lossShare));
      const latencyMs = impairments.reduce((sum, impairment) => sum + dice.next() * impairment.latencyMs, 0);
      if (isLost || latencyMs >= timeoutMs) {
        await clock.sleep(timeoutMs);
        return lostProbe({ site, node: node.name, depth, startedAtMs, finishedAtMs: clock.monotonicMs() });
      }
      await clock.sleep(latencyMs);
      return { ...(await prober.probe(site, node, depth)), startedAtMs };
    },
  };
}

function lostProbe(probe: Omit<NodeProbe, 'checks'>): NodeProbe {
  const check = probe.depth === 'full' ? 'tcp' : 'publish-confirm-get';
  const latencyMs = probe.finishedAtMs - probe.startedAtMs;
  return { ...probe, checks: [{ check, status: 'fail', latencyMs, class: 'unreachable', detail: 'lost on its way' }] };
}
