import type { Budget } from '../../../core/flow/budget.ts';
import type { Clock } from '../../../core/flow/ports.ts';
import { majorityOf } from '../../../core/model/targets/route53Health.ts';
import type { Copy } from './copy.ts';
import type { Stored } from './s3.ts';

/** What was seen of one copy. */
export type Look =
  | { region: string; status: 'there'; stored: Stored }
  | { region: string; status: 'missing' }
  | { region: string; status: 'unread'; error: unknown };

/** Once a majority says the same, the others are waited for no longer than this. */
const graceMs = 300;

/** Looks at every copy, all at once: a Region that hangs must not hold up what the others are enough for. Never rejects. */
export async function lookAtAll(copies: Copy[], budget: Budget, clock: Clock): Promise<Look[]> {
  const looks = copies.map(({ config: { region } }) => unread(region, new Error('no answer yet')));
  const [enough, done] = [Promise.withResolvers<void>(), new AbortController()];
  const looking = copies.map(async (copy, index) => {
    looks[index] = await lookAt(copy, budget);
    if (isDecided(looks)) enough.resolve();
  });
  await Promise.race([Promise.all(looking), enough.promise.then(() => clock.sleep(graceMs, done.signal))]);
  done.abort();
  return [...looks];
}

function isDecided(looks: Look[]): boolean {
  const said = looks.flatMap((look) =>
    look.status === 'unread' ? [] : [look.status === 'there' ? look.stored.text : ''],
  );
  return said.some((text) => said.filter((other) => other === text).length >= majorityOf(looks));
}

async function lookAt(copy: Copy, budget: Budget): Promise<Look> {
  const { region } = copy.config;
  try {
    return lookOf(region, await copy.read(budget));
  } catch (error) {
    return unread(region, error);
  }
}

export function lookOf(region: string, stored: Stored | null): Look {
  return stored ? { region, status: 'there', stored } : { region, status: 'missing' };
}

export function unread(region: string, error: unknown): Look {
  return { region, status: 'unread', error };
}
