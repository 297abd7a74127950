import { type Beginnings, type Last, lastFor } from './beginnings.ts';
import { type Event, eventLine } from './events.ts';
import { brokerBeginnings } from './happenToBrokers.ts';
import { processBeginnings, revive } from './happenToProcesses.ts';
import { serviceBeginnings } from './happenToServices.ts';
import type { World } from './world.ts';

/** Lets an event of the trace happen now; what lasts ends by itself. */
export function happen(world: World, event: Event): void {
  world.note('', `> ${eventLine(event)}`);
  const entry = { event, fromMs: world.clock.monotonicMs(), toMs: world.clock.monotonicMs() };
  world.log.push(entry);
  const last: Last = (forMs, end = () => {}) => {
    entry.toMs = Number.POSITIVE_INFINITY;
    const over = () => {
      entry.toMs = world.clock.monotonicMs();
      end();
    };
    if (forMs !== undefined) lastFor(world, forMs, over);
    return over;
  };
  const begin = beginnings[event.kind] as (world: World, event: Event, last: Last) => void;
  begin(world, event, last);
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
