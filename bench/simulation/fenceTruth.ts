import type { MemoryFencer } from '../../adapters/memory/fencer.ts';
import type { Pair } from '../../core/model/config.ts';
import type { Event } from './events.ts';
import { fenceUserOf } from './policy.ts';
import type { World } from './world.ts';

/** What truly keeps applications out of a side, whatever is recorded of it. */
export interface FenceTruth {
  /** Nobody can connect: every node that takes connections refuses the application. */
  isShut(site: string): boolean;
  /** Limits may have changed, or a node come back, since somebody looked. */
  wasDisturbed(site: string): boolean;
}

/** A fence that is set is looked at this often, and what was seen takes its time to be written. */
const lookedAtWithinMs = 45_000;

export function createFenceTruth(
  { brokers, ordered, log, clock }: Pick<World, 'brokers' | 'ordered' | 'log' | 'clock'>,
  pair: Pair,
  fencer: MemoryFencer,
): FenceTruth {
  const takesNobody = (site: string, node: string) => {
    const { state } = brokers.managementOf(site, node);
    return ['down', 'drained'].includes((state === 'well' ? ordered.get(`${site}/${node}`)?.state : state) ?? state);
  };
  return {
    isShut: (site) =>
      (pair.sites[site]?.nodes ?? []).every(
        ({ name }) => takesNobody(site, name) || fencer.limits(site, name)[fenceUserOf(pair)] === 0,
      ),
    wasDisturbed(site) {
      const sinceMs = clock.monotonicMs() - lookedAtWithinMs;
      return log.some(({ event, fromMs, toMs }) => {
        if (opensSoon(event, site, pair.name)) return toMs >= sinceMs || fromMs >= sinceMs;
        return opensAtItsEnd(event, site) && toMs >= sinceMs && toMs <= clock.monotonicMs();
      });
    },
  };
}

/** While it lasts, and for a while afterwards, what was written may land late. */
const opensSoon = (event: Event, site: string, pair: string) =>
  event.kind === 'limits-land-late' ||
  (event.kind === 'limit' && event.site === site && event.pair === pair) ||
  (['limits-lag', 'hung-node'].includes(event.kind) && 'site' in event && event.site === site);

const opensAtItsEnd = (event: Event, site: string) =>
  ['fault', 'minority', 'management', 'drained', 'cut'].includes(event.kind) && 'site' in event && event.site === site;
