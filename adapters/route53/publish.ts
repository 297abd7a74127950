import type { Budget } from '../../core/flow/budget.ts';
import type { Route53TargetConfig } from '../../core/model/targets/route53.ts';
import type { Route53Api } from './api.ts';
import { batchOf } from './batch.ts';
import { Route53Failure } from './failure.ts';
import type { Published } from './list.ts';
import { type Marker, markerNameOf, markerSet, parseMarker } from './marker.ts';
import { isAsWanted } from './reading.ts';
import { destinationsOf, wantedSets } from './recordSets.ts';

/** What is to be published, and who says so. */
export interface Order {
  pair: string;
  site: string;
  epoch: number;
}

/** How far it came, also when it ended with an error. */
export interface Progress {
  /** The change that Route 53 accepted last; null: none. */
  changeId: string | null;
  /** A batch was sent, and nothing came back. */
  isUncertain: boolean;
}

const roundsMax = 4;
const uncertainPauseMs = 100;

/**
 * Reads, writes what is missing, and reads again, until it reads what was ordered: so a write whose answer was lost is found,
 * and one that was refused because somebody else wrote is made anew from what that one wrote.
 * @param progress is kept up to date. @throws Route53Failure
 */
export async function publish(
  api: Route53Api,
  config: Route53TargetConfig,
  order: Order,
  budget: Budget,
  progress: Progress,
): Promise<Published> {
  const wanted = wantedSets(config, order.site);
  let last: unknown = null;
  for (let round = 0; ; round += 1) {
    const published = await api.list(budget);
    const marker = checkedMarker(config, order, published);
    if (marker?.epoch === order.epoch && marker.site === order.site && isAsWanted(published.sets, wanted))
      return published;
    if (round === roundsMax) throw last ?? new Route53Failure('somebody else keeps changing the record', 'never');
    const write = marker?.epoch === order.epoch ? marker.write + 1 : 1;
    const changes = batchOf(published, wanted, markerSet(markerNameOf(config), { ...order, write }));
    try {
      progress.changeId = await api.change(
        changes,
        `warren: ${order.pair} to ${order.site}, epoch ${order.epoch}`,
        budget,
      );
    } catch (error) {
      last = await passable(error, budget, progress);
    }
  }
}

/** @returns the error where it pays to read again. @throws it where not */
async function passable(error: unknown, budget: Budget, progress: Progress): Promise<Route53Failure> {
  if (!(error instanceof Route53Failure)) throw error;
  progress.isUncertain ||= error.isUncertain;
  if (!['outdated', 'again'].includes(error.retry)) throw error;
  // What is still under way may arrive meanwhile.
  if (error.isUncertain && !(await budget.pause(uncertainPauseMs))) throw error;
  return error;
}

/** The marker, if it lets this order through. A newer one means that this process has been overtaken. */
function checkedMarker(config: Route53TargetConfig, order: Order, published: Published): Marker | null {
  const [conflict] = published.conflicting;
  if (conflict)
    throw refusal(
      `${config.record} has a ${conflict.Type} record (${destinationsOf(conflict).join(', ')}); remove it first`,
    );
  if (!published.marker) return null;
  const name = markerNameOf(config);
  const marker = parseMarker(published.marker);
  if (!marker) throw refusal(`the TXT record ${name} is not Warren's; remove it, or name another record`);
  if (marker.pair !== order.pair)
    throw refusal(`the marker ${name} says that the record belongs to the pair ${marker.pair}`);
  if (marker.epoch > order.epoch)
    throw refusal(
      `standing down: the marker ${name} says ${marker.site} by epoch ${marker.epoch}, which is newer than ${order.epoch}`,
    );
  return marker;
}

function refusal(sentence: string): Route53Failure {
  return new Route53Failure(sentence, 'never');
}
