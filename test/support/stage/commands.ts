import { parseArgs } from 'node:util';
import { type Event, personActs } from '../../../bench/simulation/events.ts';
import { happen } from '../../../bench/simulation/happen.ts';
import type { World } from '../../../bench/simulation/world.ts';
import type { Stage } from '../../../cli/scenario/scenario.ts';
import { duration } from '../../../core/model/duration.ts';
import type { Operation } from '../../../core/model/operation.ts';

/** How long a command waits for the end of what was asked for. */
const commandMs = 90_000;
const everyMs = 100;
/** For so long the judge takes what a person did for a disturbance. */
const forMs = 30_000;

/**
 * Does what a person types, and waits until it has ended, as the command does.
 * @param pass lets time pass
 * @throws Error when it is refused, or comes to nothing
 */
export async function carryOut(world: World, pass: Stage['pause'], words: string[]): Promise<void> {
  const event = eventOf(words, world.clock.monotonicMs());
  const known = new Set((await operationsOf(world)).map(({ id }) => id));
  let refused: Error | null | undefined;
  void happen(world, event).refused.then((answer) => {
    refused = answer;
  });
  while (refused === undefined) await pass(everyMs);
  if (refused) throw refused;
  if (event.act !== 'switchover' && event.act !== 'failover') return;
  for (let passedMs = 0; passedMs < commandMs; passedMs += everyMs) {
    const ended = (await operationsOf(world)).find(({ id }) => !known.has(id));
    if (ended?.phase === 'aborted') throw new Error(ended.outcome);
    if (ended) return;
    await pass(everyMs);
  }
  throw new Error(`warren ${event.act} did not end within ${commandMs} ms`);
}

/** The operations of the pair that have ended, newest first. */
export function operationsOf({ store }: World): Promise<Operation[]> {
  return store.listOperations('demo', { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, limit: 100 });
}

/** Why is left out: people of the simulated world have one reason for everything. @throws Error when they do not know the words */
function eventOf(words: string[], atMs: number): Extract<Event, { kind: 'person' }> {
  const { positionals, values } = parseArgs({
    args: words,
    allowPositionals: true,
    options: {
      reason: { type: 'string' },
      hold: { type: 'string' },
      adopt: { type: 'boolean' },
      restore: { type: 'boolean' },
    },
  });
  const [verb, pair = ''] = positionals;
  const wanted = values.adopt ? 'adopt' : values.restore ? 'restore' : verb;
  const act = personActs.find((each) => each === wanted);
  if (!act) throw new Error(`nobody in the simulated world knows "warren ${words.join(' ')}"`);
  const held = values.hold === undefined ? {} : { holdMs: duration.parse(values.hold) };
  return { kind: 'person', act, pair, site: 'beijing', forMs, ...held, atMs };
}
