import type { Pair } from '../../core/model/config.ts';
import type { Event } from './events.ts';
import { vantageNames } from './policy.ts';
import type { World } from './world.ts';

/** Since when nothing was wrong, but for what `counts` leaves out. */
export function calmSinceMs({ log, clock }: World, counts: (event: Event) => boolean = () => true): number {
  const ends = log.filter(({ event }) => counts(event)).map(({ toMs }) => toMs);
  const latest = Math.max(0, ...ends);
  return latest === Number.POSITIVE_INFINITY ? clock.monotonicMs() : latest;
}

/**
 * Since when so many vantages that an operation can be agreed on, one of them not near `site`, were well, and so was everything that
 * is not about a vantage. @param counts what may be wrong
 */
export function majorityCalmSinceMs(world: World, pair: Pair, site: string, counts: (event: Event) => boolean): number {
  const { vantages, failover } = pair;
  if (vantages.length < 3 || failover.quorum !== 'majority') return calmSinceMs(world, counts);
  const isNear = (name: string) => vantages.some((each) => each.name === name && each.near === site);
  const wellSince = vantageNames(pair)
    .map((name) => ({
      isNear: isNear(name),
      atMs: calmSinceMs(world, (event) => counts(event) && (lostWith(event)?.includes(name) ?? true)),
    }))
    .toSorted((one, other) => one.atMs - other.atMs);
  const needed = Math.floor(vantages.length / 2) + 1;
  const enoughMs = wellSince[needed - 1]?.atMs ?? Number.POSITIVE_INFINITY;
  const strangerMs = wellSince.find((each) => !each.isNear)?.atMs ?? Number.POSITIVE_INFINITY;
  return Math.max(enoughMs, strangerMs);
}

/** The vantages that this takes out, and nothing else; null: it is not only about them. */
function lostWith(event: Event): readonly string[] | null {
  switch (event.kind) {
    case 'killed':
    case 'dead':
    case 'runs-missed':
    case 'read-fails':
    case 'frozen':
    case 'references-dark':
      return [event.vantage];
    case 'store-gone':
    case 'target-unreadable':
      return event.vantage === null ? null : [event.vantage];
    case 'fault':
      return event.seenBy;
    case 'cut': {
      const vantages = event.ways.flatMap(({ vantage }) => vantage ?? []);
      return event.paused.length > 0 || vantages.length < event.ways.length ? null : vantages;
    }
    default:
      return null;
  }
}

/** The wall clocks of the hosts. */
export const hostTimesMs = ({ hosts, clock }: World) =>
  [...hosts.values()].map(({ wallOffsetMs }) => clock.nowMs() + wallOffsetMs);
