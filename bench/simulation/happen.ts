import { TargetError } from '../../core/flow/ports.ts';
import { showFencer } from './brokers.ts';
import { type Event, eventLine } from './events.ts';
import { lateWithinMs } from './fencerPort.ts';
import { actAsPerson, type Refused } from './people.ts';
import { fenceUserOf } from './policy.ts';
import type { Process } from './process.ts';
import { cutKey } from './targetPort.ts';
import { lifeAt, reconfigure, revive, showWorld, startProcess } from './vantages.ts';
import type { Watched, World } from './world.ts';

const closed = { kind: 'broken', detail: 'connection closed' } as const;

type Of<K extends Event['kind']> = Extract<Event, { kind: K }>;

/** For how long an event goes on: for so long, and then its end; or, without a number, until everything is healed. */
type Last = (forMs?: number, end?: () => void) => void;

/** What a person will be answered. */
type Answer = (refused: Promise<Refused>) => void;

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
    if (forMs === undefined) return;
    endNow = lastFor(world, forMs, () => {
      entry.toMs = world.clock.monotonicMs();
      end();
    });
  };
  let refused: Promise<Refused> = Promise.resolve(null);
  const answer: Answer = (answered) => {
    refused = answered;
  };
  const begin = beginnings[event.kind] as Begin<Event>;
  begin(world, event, last, answer);
  return { end: () => endNow(), refused };
}

type Begin<E> = (world: World, event: E, last: Last, answer: Answer) => void;

const beginnings: { [K in Event['kind']]: Begin<Of<K>> } = {
  fault: beginFault,
  minority(world, { site, crashed, left, forMs }, last) {
    const ends: (() => void)[] = [];
    const keep: Last = (_, end = () => {}) => void ends.push(end);
    const fault = { kind: 'fault', site, seenBy: null, forMs } as const;
    beginFault(world, { ...fault, nodes: crashed, class: 'refused' }, keep);
    beginFault(world, { ...fault, nodes: left, class: 'no-quorum' }, keep);
    last(forMs, () => {
      for (const end of ends) end();
    });
  },
  network({ trouble, brokers, clock, watched }, impairment, last) {
    const { vantage, site, forMs } = impairment;
    const nodes = watched[0]?.pair.sites[site]?.nodes.map(({ name }) => name) ?? [];
    const seen = { site, nodes, class: 'unreachable', seenBy: [vantage], isPartial: true } as const;
    const fault = brokers.begin(seen, clock.monotonicMs());
    trouble.impairments.push(impairment);
    last(forMs, () => {
      brokers.end(fault, clock.monotonicMs());
      trouble.impairments = trouble.impairments.filter((each) => each !== impairment);
    });
  },
  broken(world, { site, node }) {
    for (const each of openEyes(world)) each.hint({ site, node, ...closed });
  },
  'references-dark'(world, { vantage, forMs }, last) {
    darken(world, vantage, 1);
    last(forMs, () => darken(world, vantage, -1));
  },
  'store-gone'({ trouble: { storeGone } }, { vantage, forMs }, last) {
    count(storeGone, vantage, 1);
    last(forMs, () => count(storeGone, vantage, -1));
  },
  'store-slow': ({ trouble }, { latencyMs, forMs }, last) => add(trouble, 'storeLatencyMs', latencyMs, forMs, last),
  'store-answer-lost'({ trouble }, event, last) {
    trouble.lostAnswers.push({ ...event });
    last();
  },
  'target-slow': ({ trouble }, { latencyMs, forMs }, last) => add(trouble, 'targetLatencyMs', latencyMs, forMs, last),
  'target-unreadable'(world, { target, vantage, forMs }, last) {
    if (vantage !== null) {
      const key = cutKey(vantage, target);
      count(world.trouble.targetCuts, key, 1);
      last(forMs, () => count(world.trouble.targetCuts, key, -1));
      return;
    }
    const found = targetNamed(world, target);
    found?.makeUnreadable('connection refused');
    last(forMs, () => found?.makeUnreadable(null));
  },
  'target-fails'(world, { target, times, tookEffect }) {
    for (let time = 0; time < times; time += 1)
      targetNamed(world, target)?.failNext('flip', new TargetError('ordered'), { afterTakingEffect: tookEffect });
  },
  'target-late'({ trouble }, { target, afterMs }, last) {
    trouble.lateFlips.push({ target, afterMs });
    last();
  },
  'target-restarts': (world, { target }) => targetNamed(world, target)?.restart(),
  'target-edited': (world, { target, active }) => targetNamed(world, target)?.edit(active),
  management(world, event, last) {
    const key = `${event.site}/${event.node}`;
    world.ordered.set(key, event);
    showAll(world);
    last(event.forMs, () => {
      if (world.ordered.get(key) === event) world.ordered.delete(key);
      showAll(world);
    });
  },
  'limits-land-late'(world, { forMs }, last) {
    const { trouble } = world;
    trouble.lateLimits += 1;
    lastFor(world, forMs, () => {
      trouble.lateLimits -= 1;
    });
    // What was asked for last may still land after that.
    last(forMs + lateWithinMs);
  },
  limit(world, { pair, site, value }) {
    const watched = watchedNamed(world, pair);
    const { judge, fencer, adminLimits, unclearLimits } = watched;
    adminLimits.set(site, value);
    const { fences, operation } = judge.record();
    // What is set while a fence is there is not what the fence saved: nobody can expect either of the two afterwards.
    if (fences[site] || operation) unclearLimits.add(site);
    fencer.setLimit(site, fenceUserOf(watched.pair), value);
  },
  killed: beginStrike,
  frozen: beginStrike,
  'clock-jumps'({ hosts, clock }, { vantage, byMs }) {
    const host = hosts.get(vantage);
    if (!host) return;
    host.wallOffsetMs += byMs;
    host.lastJump = { atMs: clock.monotonicMs(), byMs };
  },
  hook(world, { answer, forMs }, last) {
    world.hook = { answer, detail: 'ordered by the trace' };
    last(forMs, () => {
      world.hook = { answer: 'proceed', detail: '' };
    });
  },
  'kill-switch': ({ trouble }, { forMs }, last) => add(trouble, 'killSwitch', 1, forMs, last),
  'second-process'(world, { vantage, forMs }, last) {
    const { process } = startProcess(world, vantage);
    last(forMs, () => process.kill());
  },
  reconfigured(world, { vantage, mode, forMs }, last) {
    reconfigure(world, vantage, mode);
    last(forMs, () => reconfigure(world, vantage, null));
  },
  'store-lost'({ store, watched, fleet }) {
    store.lose();
    fleet.pause = null;
    fleet.ledger.forget();
    for (const { judge, unclearLimits, pair } of watched) {
      // Whoever shut a side did not write down for whom else to know what was there before.
      const { fences, operation } = judge.record();
      for (const site of operation ? Object.keys(pair.sites) : Object.keys(fences)) unclearLimits.add(site);
      judge.onStoreLost(unclearLimits);
    }
  },
  person(world, event, last, answer) {
    const watched = watchedNamed(world, event.pair);
    const refused = actAsPerson(world, watched, event).catch((error) => {
      watched.judge.violate('people-are-answered', String(error));
      return null;
    });
    answer(refused);
    last(event.forMs);
  },
};

function beginFault(world: World, event: Omit<Of<'fault'>, 'atMs'>, last: Last): void {
  const { brokers, clock } = world;
  const fault = brokers.begin(event, clock.monotonicMs());
  showAll(world);
  // A refusal comes with the end of what was connected; a black hole does not.
  const isFelt = event.seenBy === null && event.class === 'refused';
  for (const each of isFelt ? openEyes(world) : [])
    for (const node of event.nodes) each.hint({ site: event.site, node, ...closed });
  last(event.forMs, () => {
    brokers.end(fault, clock.monotonicMs());
    showAll(world);
  });
}

function beginStrike(world: World, event: Of<'killed'> | Of<'frozen'>, last: Last): void {
  const { vantage, kind, nth, phase, forMs } = event;
  const strike = (process: Process) => {
    world.note('', `> ${process.holder} is ${kind}`);
    if (event.kind === 'killed') process.kill();
    else process.freeze(forMs, event.suspended);
    last(forMs, () => (kind === 'killed' ? revive(world, vantage) : process.thaw()));
  };
  if (nth === null) {
    const life = lifeAt(world, vantage);
    if (life) strike(life.process);
    return;
  }
  // Held up right before it writes means: after it read. A request that is on its way is not held up by its process.
  const at = kind === 'frozen' && phase === 'before' ? 'read' : phase;
  world.trouble.armed.push({ vantage, nth, at, strike });
  last();
}

/** Ends everything that lasts, and lets every vantage be watched from again. */
export function heal(world: World): void {
  world.note('', '> everything is healed');
  for (const end of [...world.endings]) end();
  world.trouble.armed = [];
  world.trouble.lostAnswers = [];
  world.trouble.lateFlips = [];
  for (const entry of world.log) entry.toMs = Math.min(entry.toMs, world.clock.monotonicMs());
  for (const vantage of world.hosts.keys()) revive(world, vantage);
}

/** @returns what ends it before its time */
function lastFor({ clock, endings }: World, forMs: number, end: () => void): () => void {
  const once = () => {
    if (endings.delete(once)) end();
  };
  endings.add(once);
  void clock.sleep(forMs).then(once);
  return once;
}

/** Something that adds up for as long as it lasts. */
function add<K extends string>(to: Record<K, number>, key: K, by: number, forMs: number, last: Last): void {
  to[key] += by;
  last(forMs, () => {
    to[key] -= by;
  });
}

const targetNamed = ({ watched }: World, name: string) =>
  watched.flatMap(({ targets }) => targets).find(({ id }) => id === name);

function watchedNamed({ watched }: World, name: string): Watched {
  const found = watched.find(({ pair }) => pair.name === name);
  if (!found) throw new Error(`there is no pair ${name}`);
  return found;
}

const openEyes = ({ lives }: World) => lives.filter(({ process }) => process.isAlive()).flatMap(({ eyes }) => eyes);

function darken(world: World, vantage: string, by: number): void {
  count(world.dark, vantage, by);
  const host = world.hosts.get(vantage);
  const isDark = (world.dark.get(vantage) ?? 0) > 0;
  if (!host) return;
  const nowMs = world.clock.monotonicMs();
  if (!isDark && host.darkSinceMs !== null) host.lastDark = { forMs: nowMs - host.darkSinceMs, endedAtMs: nowMs };
  host.darkSinceMs = isDark ? (host.darkSinceMs ?? nowMs) : null;
  showAll(world);
}

function showAll(world: World): void {
  for (const life of world.lives) if (life.process.isAlive()) showWorld(world, life);
  for (const { pair, fencer } of world.watched) showFencer(pair, world.brokers, fencer, world.ordered);
}

function count<K>(counts: Map<K, number>, key: K, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}
