import type { MemoryProber } from '../../../adapters/memory/prober.ts';
import type { WarrenEvent } from '../../../core/model/event.ts';
import type { World } from '../world.ts';
import { obeyBroker } from './brokers.ts';

/** Somebody watches: with eyes of its own where there are several. */
interface Vantage {
  name: string;
  eyes: MemoryProber;
  life: ReturnType<World['start']>;
}

/** The Warren processes of a story. */
export interface Vantages {
  eyes(): MemoryProber[];
  /** What a command of theirs does; false: this is no such command. */
  obey(words: string[]): Promise<boolean>;
  /** What was said since the last call: when, by whom, and what. */
  heard(): Heard[];
  stop(): Promise<void>;
}

export interface Heard extends Pick<WarrenEvent, 'atMs' | 'kind' | 'sentence'> {
  /** Who said the same at the same time; empty where there is only one who could. */
  by: string[];
}

export function openVantages(world: World): Vantages {
  const configured = world.pair.vantages.map(({ name }) => name);
  const names = configured.length > 0 ? configured : ['test'];
  const eyes = new Map(names.map((name) => [name, configured.length > 0 ? world.createEyes() : world.prober]));
  const alive = new Map<string, Vantage>();
  let heard: Heard[] = [];

  function start(name: string, configHash = 'as configured'): void {
    const own = eyes.get(name);
    if (!own) throw new Error(`no vantage is called ${name}`);
    const notifier = { notify: (event: WarrenEvent) => void hear(heard, event, configured.length > 0 ? name : '') };
    const life = world.start(world.store.reopen(), { vantage: name, eyes: own, configHash, notifier });
    alive.set(name, { name, eyes: own, life });
  }

  async function kill(name: string): Promise<void> {
    await alive.get(name)?.life.stop();
    alive.delete(name);
  }

  names.forEach((name) => {
    start(name);
  });
  return {
    eyes: () => [...eyes.values()],
    async obey([first = '', second = '', ...rest]) {
      if (first === 'kill') await kill(second || 'test');
      else if (first === 'start') start(second || 'test', rest.join(' ') || undefined);
      else if (eyes.has(first)) obeyVantage(world, alive, eyes, first, [second, ...rest]);
      else return false;
      return true;
    },
    heard() {
      const news = heard;
      heard = [];
      return news;
    },
    async stop() {
      for (const name of [...alive.keys()]) await kill(name);
    },
  };
}

function hear(heard: Heard[], { atMs, kind, sentence }: WarrenEvent, name: string): void {
  const by = name === '' ? [] : [name];
  const same = heard.find((each) => each.kind === kind && each.sentence === sentence && atMs - each.atMs < 100);
  if (same) same.by.push(...by);
  if (!same || name === '') heard.push({ atMs, kind, sentence, by });
}

function obeyVantage(
  world: World,
  alive: Map<string, Vantage>,
  eyes: Map<string, MemoryProber>,
  name: string,
  [verb = '', object = '', state = '']: string[],
): void {
  const life = alive.get(name)?.life;
  const own = eyes.get(name);
  if (verb === 'sees' && own) obeyBroker(world, [own], object, state);
  else if (verb === 'references') own?.setReference(world.pair.reference[0] ?? '', object === 'visible');
  else if (verb === 'store') life?.cutOff(object === 'gone' ? 'The store does not answer.' : null);
  else if (verb === 'freeze' && object === 'at-flip') life?.freezeAtFlip();
  else if (verb === 'freeze') life?.freeze();
  else if (verb === 'thaw') life?.thaw();
  else throw new Error(`nobody knows what "${name} ${verb}" means`);
}
