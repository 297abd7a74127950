import { showFencer } from './brokers.ts';
import type { Event } from './events.ts';
import type { Refused } from './people.ts';
import { showWorld } from './vantages.ts';
import type { Watched, World } from './world.ts';

/** The events of a kind. */
export type Of<K extends Event['kind']> = Extract<Event, { kind: K }>;

/**
 * For how long an event goes on: for so long, and then its end; or, without a number, until everything is healed, or what is
 * returned is called.
 */
export type Last = (forMs?: number, end?: () => void) => () => void;

/** What a person will be answered. */
export type Answer = (refused: Promise<Refused>) => void;

/** How an event begins. */
export type Begin<E extends Event> = (world: World, event: E, last: Last, answer: Answer) => void;

/** How events of these kinds begin. */
export type Beginnings<K extends Event['kind']> = { [Kind in K]: Begin<Of<Kind>> };

/** Does something after so long, or when everything is healed. @returns what does it now */
export function lastFor({ clock, endings }: World, forMs: number, end: () => void): () => void {
  const once = () => {
    if (endings.delete(once)) end();
  };
  endings.add(once);
  void clock.sleep(forMs).then(once);
  return once;
}

/** Something that adds up for as long as it lasts. */
export function add<K extends string>(to: Record<K, number>, key: K, by: number, forMs: number, last: Last): void {
  to[key] += by;
  last(forMs, () => {
    to[key] -= by;
  });
}

/** One more, or one less, of what is counted by key. */
export function count<K>(counts: Map<K, number>, key: K, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}

/** @throws Error where there is no such pair */
export function watchedNamed({ watched }: World, name: string): Watched {
  const found = watched.find(({ pair }) => pair.name === name);
  if (!found) throw new Error(`there is no pair ${name}`);
  return found;
}

/** Lets every process, and every management API, be as the clusters are now. */
export function showAll(world: World): void {
  for (const life of world.lives) if (life.process.isAlive()) showWorld(world, life);
  for (const { pair, fencer } of world.watched) showFencer(pair, world.brokers, fencer, world.ordered);
}
