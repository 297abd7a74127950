import type { Budget } from '../../core/flow/budget.ts';
import type { Elbv2Api } from './api.ts';
import { Elbv2Failure, isNotAllowed } from './failure.ts';

/** Who wrote a listener or rule last. Its own tag, because nothing else of them can hold it. */
export const epochTagKey = 'warren:epoch';

/** What is to be written, and who says so. */
export interface Order {
  pair: string;
  site: string;
  epoch: number;
}

/** What the tag says; `unread`: why that is not known, and whether it may be known soon. */
export type EpochTag =
  | { value: string | null; unread: null }
  | { value: null; unread: { because: string; passes: boolean } };

/** Never rejects: a tag that cannot be read stops nobody, because the store's own conditional writes came before. */
export async function readEpochTag(api: Elbv2Api, budget: Budget): Promise<EpochTag> {
  try {
    return { value: await api.tag(epochTagKey, budget), unread: null };
  } catch (error) {
    const because = error instanceof Error ? error.message : String(error);
    // Who may not read tags keeps none: they are optional.
    return { value: null, unread: { because, passes: !isNotAllowed(error) } };
  }
}

/** Letters, digits, spaces and hyphens, which tags may hold ("Tag your listeners"); at most 256 characters. */
export function epochTagOf({ epoch, site, pair }: Order): string {
  return `${epoch} ${site} ${pair}`;
}

/** Lets an order through or not. A newer epoch means that this process has been overtaken. @throws Elbv2Failure */
export function checkEpochTag({ value }: EpochTag, order: Order): void {
  if (value === null) return;
  const parts = partsOf(value);
  if (!parts) throw refusal(`the tag ${epochTagKey} (${JSON.stringify(value)}) is not Warren's; remove it`);
  const { epoch, site, pair } = parts;
  if (pair !== order.pair) throw refusal(`the tag ${epochTagKey} says that this belongs to the pair ${pair}`);
  if (epoch > order.epoch)
    throw refusal(
      `standing down: the tag ${epochTagKey} says ${site} by epoch ${epoch}, which is newer than ${order.epoch}`,
    );
}

/** What a reading says of this pair's tag. */
export function markerOf({ value, unread }: EpochTag, pair: string): { markerEpoch?: number; markerUnread?: string } {
  if (unread?.passes) return { markerUnread: unreadRemark(unread.because) };
  const parts = value === null ? null : partsOf(value);
  return parts?.pair === pair ? { markerEpoch: parts.epoch } : {};
}

/** That the tag was not read, and why. */
export const unreadRemark = (because: string) => `the tag ${epochTagKey} was not read: ${because}`;

function partsOf(value: string): Order | null {
  const [, epoch, site, pair] = value.match(/^(\d{1,15}) ([a-z0-9-]+) ([a-z0-9-]+)$/) ?? [];
  return epoch && site && pair ? { epoch: Number(epoch), site, pair } : null;
}

function refusal(sentence: string): Elbv2Failure {
  return new Elbv2Failure(sentence, 'never');
}
