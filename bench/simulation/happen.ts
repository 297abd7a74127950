import { type Begin, type Beginnings, type Last, lastFor } from './beginnings.ts';
import { type Event, eventLine } from './events.ts';
import { brokerBeginnings } from './happenToBrokers.ts';
import { processBeginnings, revive } from './happenToProcesses.ts';
import { serviceBeginnings } from './happenToServices.ts';
import type { Refused } from './people.ts';
import type { World } from './world.ts';

/** What became of an event, for whoever is not content to wait for its end. */
export interface Happened {
  /** Ends what still lasts of it now. */
  end(): void;
  /** Why a person was refused, once there is an answer; null where none was, and of whatever is no act of a person. */
  refused: Promise<Refused>;
}

/** Lets an event of the trace happen now; what lasts ends by itself. */
export function happen(world: World, event: Event): Happened {
  world.note('', `> ${eventLine(event)}`);
  const entry = { event, fromMs: world.clock.monotonicMs(), toMs: world.clock.monotonicMs() };
  world.log.push(entry);
  let endNow = () => {};
  const last: Last = (forMs, end = () => {}) => {
    entry.toMs = Number.POSITIVE_INFINITY;
    const over = () => {
      entry.toMs = world.clock.monotonicMs();
      end();
    };
    if (forMs !== undefined) endNow = lastFor(world, forMs, over);
    return over;
  };
  let refused: Promise<Refused> = Promise.resolve(null);
  const begin = beginnings[event.kind] as Begin<Event>;
  begin(world, event, last, (answered) => {
    refused = answered;
  });
  return { end: () => endNow(), refused };
}

const beginnings: Beginnings<Event['kind']> = { ...brokerBeginnings, ...processBeginnings, ...serviceBeginnings };

/** Ends everything that lasts, and lets every vantage be watched from again. */
export function heal(world: World): void {
  world.note('', '> everything is healed');
  for (const end of [...world.endings]) end();
  world.trouble.armed = [];
  world.trouble.lostAnswers = [];
  world.trouble.failingReads = [];
  world.trouble.lateFlips = [];
  for (const entry of world.log) entry.toMs = Math.min(entry.toMs, world.clock.monotonicMs());
  for (const vantage of world.hosts.keys()) revive(world, vantage);
}
