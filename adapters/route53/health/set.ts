import type { Budget } from '../../../core/flow/budget.ts';
import type { Copy } from './copy.ts';
import { S3Failure } from './failure.ts';
import type { Look } from './look.ts';
import type { Stored } from './s3.ts';
import { type Order, parseSwitch, switchText } from './switch.ts';

/** How far one copy came, also when it ended with an error. */
export interface Progress {
  /** S3 said that it was written. */
  isAccepted: boolean;
  /** A write was sent, and nothing came back. */
  isUncertain: boolean;
}

/** A newer decision has set a copy: this process has been overtaken, and sets none. */
export class Overtaken extends S3Failure {}

const roundsMax = 4;
const uncertainPauseMs = 100;

/**
 * Writes one copy and reads it again, until it reads what was ordered: so a write whose answer was lost is found, and one that
 * was refused because somebody else wrote is made anew from what that one wrote.
 * @param first what was seen of the copy before. @param progress is kept up to date. @throws S3Failure
 */
export async function setCopy(
  copy: Copy,
  order: Order,
  first: Look,
  budget: Budget,
  progress: Progress,
): Promise<Stored> {
  let stored = first.status === 'unread' ? await copy.read(budget) : first.status === 'there' ? first.stored : null;
  let last: unknown = null;
  for (let round = 0; ; round += 1) {
    if (stored) checkOrder(order, stored, copy);
    if (stored && isAsOrdered(stored, order)) return stored;
    if (round === roundsMax) throw last ?? new S3Failure('somebody else keeps changing the object', 'never');
    try {
      await copy.write(textOver(stored, order), stored, budget);
      progress.isAccepted = true;
    } catch (error) {
      last = await passable(error, budget, progress);
    }
    stored = await copy.read(budget);
  }
}

/** @throws Overtaken */
export function checkEpoch({ epoch }: Order, { text }: Stored, { config: { bucket, key } }: Copy): void {
  const said = parseSwitch(text);
  if (said && said.epoch > epoch)
    throw new Overtaken(
      `standing down: the object ${bucket}/${key} says ${said.site} by epoch ${said.epoch}, which is newer than ${epoch}`,
      'never',
    );
}

/** Lets an order through, or not. @throws S3Failure */
function checkOrder(order: Order, stored: Stored, copy: Copy): void {
  const name = `${copy.config.bucket}/${copy.config.key}`;
  const said = parseSwitch(stored.text);
  if (!said) throw new S3Failure(`the object ${name} is not Warren's; remove it, or name another object`, 'never');
  if (said.pair !== order.pair)
    throw new S3Failure(`the object ${name} says that it belongs to the pair ${said.pair}`, 'never');
  checkEpoch(order, stored, copy);
}

function isAsOrdered({ text }: Stored, { site, epoch }: Order): boolean {
  const said = parseSwitch(text);
  return said?.site === site && said.epoch === epoch;
}

function textOver(stored: Stored | null, order: Order): string {
  const said = stored && parseSwitch(stored.text);
  return switchText({ ...order, write: said?.epoch === order.epoch ? said.write + 1 : 1 });
}

/** @returns the error where it pays to read again. @throws it where not */
async function passable(error: unknown, budget: Budget, progress: Progress): Promise<S3Failure> {
  if (!(error instanceof S3Failure)) throw error;
  progress.isUncertain ||= error.isUncertain;
  // `missing`: what was to be written over has been removed meanwhile.
  if (!['outdated', 'missing', 'again'].includes(error.retry)) throw error;
  // What is still under way may arrive meanwhile.
  if (error.isUncertain && !(await budget.pause(uncertainPauseMs))) throw error;
  return error;
}
