import type { Config, Pair } from '../../core/model/config.ts';
import type { Event } from './events.ts';
import { vantageNames } from './policy.ts';
import type { Dice } from './random.ts';

/** What happens, and until when. */
export interface Story {
  events: Event[];
  lengthMs: number;
}

/** How long it takes at most until a lost side was left, if nothing holds. */
const movesWithinMs = 45_000;

/**
 * A person moves traffic to the standby, and soon after that is lost, or the first target is restarted and falls back to the
 * primary: while all is well, while the pair is paused, or while the standby is lost.
 */
export function afterAMove(dice: Dice, config: Config): Story {
  const [pair] = config.pairs as [Pair];
  const hasFence = (pair.sites[pair.primary]?.fenceUsers.length ?? 0) > 0;
  const person = (act: 'switchover' | 'failover-overridden' | 'pause' | 'pause-all', atMs: number): Event => ({
    kind: 'person',
    act,
    pair: pair.name,
    site: pair.primary,
    forMs: 120_000,
    atMs,
  });
  const movedMs = dice.between(10_000, 20_000);
  const thenMs = movedMs + dice.between(8_000, 30_000);
  const restarts: Event = { kind: 'target-restarts', target: `${pair.name}-haproxy`, atMs: thenMs + movesWithinMs / 3 };
  const then: Record<'lost' | 'restarted' | 'paused' | 'lost-and-restarted', Event[]> = {
    lost: [lossOf(dice, pair, thenMs)],
    restarted: [restarts],
    paused: [person(dice.pick(['pause', 'pause-all'] as const), thenMs), restarts],
    'lost-and-restarted': [lossOf(dice, pair, thenMs), restarts],
  };
  const what = dice.weighted({ lost: 3, restarted: 1, paused: 1, 'lost-and-restarted': 1 });
  const moves = person(hasFence ? 'switchover' : 'failover-overridden', movedMs);
  return { events: [moves, ...then[what]], lengthMs: thenMs + movesWithinMs };
}

/** A host is gone for minutes; meanwhile, or just as it is back, the primary is lost or a person moves traffic. */
export function deadVantage(dice: Dice, config: Config): Story {
  const [pair] = config.pairs as [Pair];
  const vantage = dice.pick(vantageNames(pair));
  const atMs = dice.between(5_000, 15_000);
  // The others are dear to watch.
  const forMs = vantageNames(pair).length * config.pairs.length > 2 ? 60_000 : dice.between(60_000, 360_000);
  const thenMs = atMs + (dice.chance(0.5) ? dice.between(-5_000, 20_000) : forMs + dice.between(-10_000, 5_000));
  const nodes = pair.sites[pair.primary]?.nodes.map(({ name }) => name) ?? [];
  const lost = { kind: 'fault', site: pair.primary, nodes, class: 'refused', seenBy: null, forMs: 600_000 } as const;
  const moved = { kind: 'person', act: 'failover-overridden', pair: pair.name, site: pair.primary, forMs } as const;
  const then: Event = { ...(dice.chance(0.7) ? lost : moved), atMs: Math.max(2_000, thenMs) };
  return { events: [{ kind: 'dead', vantage, forMs, atMs }, then], lengthMs: atMs + forMs + movesWithinMs };
}

/** The story, as it is where runs are scheduled: at times some of them are missed for minutes, or each is started twice. */
export function withScheduleFaults(dice: Dice, config: Config, story: Story): Story {
  if (dice.chance(0.7)) return story;
  const [pair] = config.pairs as [Pair];
  const kind = dice.pick(['runs-missed', 'runs-doubled'] as const);
  const forMs = 60_000 * (kind === 'runs-doubled' || dice.chance(0.7) ? 1 : dice.between(2, 5));
  const event: Event = { kind, vantage: dice.pick(vantageNames(pair)), forMs, atMs: dice.between(1_000, 60_000) };
  const isCheap = vantageNames(pair).length * config.pairs.length === 1;
  const lengthMs = isCheap ? Math.max(story.lengthMs, event.atMs + forMs + 30_000) : story.lengthMs;
  return { events: [...story.events, event], lengthMs };
}

function lossOf(dice: Dice, { sites, standby }: Pair, atMs: number): Event {
  const nodes = sites[standby]?.nodes.map(({ name }) => name) ?? [];
  return {
    kind: 'fault',
    site: standby,
    nodes,
    class: dice.pick(['refused', 'hung']),
    seenBy: null,
    forMs: 120_000,
    atMs,
  };
}

/** A person moves traffic away from a side one of whose nodes hangs: limits that are written there land late, or never. */
function hungPeer(dice: Dice, pair: Pair, [node = '', ...peers]: string[]): Story {
  const site = pair.primary;
  const atMs = dice.between(8_000, 20_000);
  const thenMs = atMs + dice.between(0, 70_000);
  const split = { landsLater: dice.chance(0.5), splitMs: dice.chance(0.5) ? 0 : dice.between(5_000, 30_000) };
  const hung: Event = { kind: 'hung-node', site, node, peers, ...split, forMs: dice.between(20_000, 100_000), atMs };
  const act = dice.pick(['switchover', 'failover-overridden', 'drill'] as const);
  const moved: Event = { kind: 'person', act, pair: pair.name, site, forMs: 30_000, atMs: thenMs };
  return { events: [hung, moved], lengthMs: thenMs + movesWithinMs };
}

/** A side is lost that looks as if it could be fenced: limits that are written there are known late, and nothing is proven in time. */
function lostBehind(dice: Dice, pair: Pair, nodes: string[]): Story {
  const site = pair.primary;
  const atMs = dice.between(8_000, 20_000);
  const behind = dice.chance(0.5) ? nodes : nodes.slice(0, 1);
  const lag: Event = {
    kind: 'limits-lag',
    site,
    nodes: behind,
    lagMs: dice.between(2_000, 20_000),
    forMs: 100_000,
    atMs: 5_000,
  };
  const lost: Event = { kind: 'fault', site, nodes, class: 'publish-stalled', seenBy: null, forMs: 120_000, atMs };
  return { events: [lag, lost], lengthMs: atMs + movesWithinMs };
}

/** A side is lost, and some of its nodes still take limits while the others say nothing: it cannot be fenced. */
export function halfHung(dice: Dice, config: Config): Story {
  const [pair] = config.pairs as [Pair];
  const nodes = pair.sites[pair.primary]?.nodes.map(({ name }) => name) ?? [];
  if (nodes.length > 1 && dice.chance(0.4)) return hungPeer(dice, pair, nodes);
  if (dice.chance(0.5)) return lostBehind(dice, pair, nodes);
  const [first = '', ...others] = nodes;
  const atMs = dice.between(8_000, 20_000);
  const lost = { kind: 'fault', site: pair.primary, seenBy: null, forMs: 120_000 } as const;
  const events: Event[] = [
    { ...lost, nodes: [first], class: 'publish-stalled', atMs },
    { ...lost, nodes: others, class: 'hung', atMs: atMs + dice.between(0, 3_000) },
  ];
  return { events: others.length > 0 ? events : events.slice(0, 1), lengthMs: atMs + movesWithinMs };
}

/** One vote too few is given by who is gone since, and the last one only when the others say nothing any more; where no vote may be missing, the side is half hung. */
export function staleVotes(dice: Dice, config: Config): Story {
  const [pair] = config.pairs as [Pair];
  const names = vantageNames(pair);
  if (names.length < 3 || pair.failover.quorum !== 'majority') return halfHung(dice, config);
  const gone = names.slice(0, Math.floor(names.length / 2));
  const last = names[gone.length] ?? 'local';
  const nodes = pair.sites[pair.primary]?.nodes.map(({ name }) => name) ?? [];
  const cut = { kind: 'fault', site: pair.primary, nodes, class: 'unreachable', forMs: 200_000 } as const;
  const cutMs = dice.between(6_000, 12_000);
  const goneMs = cutMs + dice.between(10_000, 25_000);
  const lastMs = goneMs + 3 * pair.probe.everyMs + 6 * pair.probe.timeoutMs;
  const leaves = gone.map(
    (vantage): Event => ({ kind: 'killed', vantage, nth: null, phase: 'before', forMs: 200_000, atMs: goneMs }),
  );
  const events = [{ ...cut, seenBy: gone, atMs: cutMs }, ...leaves, { ...cut, seenBy: [last], atMs: lastMs }];
  return { events, lengthMs: lastMs + movesWithinMs };
}
