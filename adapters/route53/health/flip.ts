import type { Budget } from '../../../core/flow/budget.ts';
import type { Clock } from '../../../core/flow/ports.ts';
import { majorityOf } from '../../../core/model/targets/route53Health.ts';
import type { Copy } from './copy.ts';
import { S3Failure } from './failure.ts';
import { type Look, lookAtAll, lookOf, unread } from './look.ts';
import { messageOf } from './reading.ts';
import { checkEpoch, Overtaken, type Progress, setCopy } from './set.ts';
import type { Order } from './switch.ts';

/** A copy, and how far it came. */
export interface Run {
  copy: Copy;
  progress: Progress;
}

/**
 * Looks at every copy, then sets them all, and reads each one back.
 * @param lookBudget for the first look: less than the whole, so that a Region that hangs leaves time for the others
 * @throws S3Failure unless a majority is as ordered
 */
export async function setAll(
  runs: Run[],
  order: Order,
  budget: Budget,
  lookBudget: Budget,
  clock: Clock,
): Promise<Look[]> {
  const seen = await lookAtAll(
    runs.map(({ copy }) => copy),
    lookBudget,
    clock,
  );
  // Before the first write: one copy that knows of a newer decision is enough.
  runs.forEach(({ copy }, index) => {
    const look = seen[index];
    if (look?.status === 'there') checkEpoch(order, look.stored, copy);
  });
  const looks = await Promise.all(runs.map((run, index) => setOne(run, order, seen[index] as Look, budget)));
  requireMajority(looks);
  return looks;
}

async function setOne({ copy, progress }: Run, order: Order, first: Look, budget: Budget): Promise<Look> {
  const { region } = copy.config;
  try {
    return lookOf(region, await setCopy(copy, order, first, budget, progress));
  } catch (error) {
    return unread(region, error);
  }
}

/** @throws S3Failure */
function requireMajority(looks: Look[]): void {
  const failed = looks.flatMap((look) => (look.status === 'unread' ? look : []));
  const overtaken = failed.find(({ error }) => error instanceof Overtaken);
  if (overtaken) throw overtaken.error;
  const [done, needed] = [looks.length - failed.length, majorityOf(looks)];
  if (done >= needed) return;
  const reached = `${done} of ${looks.length} copies are set, and ${needed} are needed: `;
  const why = failed.map(({ region, error }) => `${looks.length > 1 ? `${region}: ` : ''}${messageOf(error)}`);
  throw new S3Failure(`${looks.length > 1 ? reached : ''}${why.join('; ')}`, 'never');
}

/** What is known of the world when a flip did not end well. */
export function outcomeOf(runs: Run[], site: string): string {
  const accepted = runs.filter(({ progress }) => progress.isAccepted).length;
  if (accepted >= majorityOf(runs)) return `the flip to ${site} was accepted, but not seen`;
  if (runs.some(({ progress }) => progress.isUncertain)) return `the outcome of the flip to ${site} is unknown`;
  return accepted > 0 ? `the flip to ${site} was made in part` : `nothing was written for ${site}`;
}
