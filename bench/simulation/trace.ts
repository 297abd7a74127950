import type { Config, Pair } from '../../core/model/config.ts';
import type { FailureClass } from '../../core/model/probe.ts';
import type { Event, Happening } from './events.ts';
import { happening, unlucky } from './happenings.ts';
import { lostMinority } from './minority.ts';
import { createConfig, sites, vantageNames } from './policy.ts';
import { createDice, type Dice } from './random.ts';
import { afterAMove, deadVantage, halfHung, type Story, staleVotes, withScheduleFaults } from './stories.ts';

/** One story: who watches what under which policy, and what happens when. Determined by the seed and its number. */
export interface Trace {
  seed: number;
  number: number;
  config: Config;
  events: Event[];
  /** Until then things happen; after it everything is healed, and everybody quiet. */
  lengthMs: number;
  /** `short`: every process lives for about a minute, and the next one begins while it still runs. */
  runs: 'short' | 'long';
  /** A vantage whose clock is wrong from the start; null: none is. */
  wrongClock: { vantage: string; byMs: number } | null;
  /** Whether all is watched for as long as settling may take at most, however soon it settles. */
  isWatchedLong: boolean;
}

/** @param number which trace of this seed */
export function createTrace(seed: number, number: number): Trace {
  const dice = createDice(seed, number);
  const config = createConfig(dice);
  const runs = dice.chance(0.3) ? 'short' : 'long';
  const wrongClock = dice.chance(0.15)
    ? { vantage: dice.pick(vantageNames(config.pairs[0] as Pair)), byMs: dice.pick([-1, 1]) * hoursOff(dice) }
    : null;
  const drawn = stories[dice.weighted(often)](dice, config, runs);
  const story = runs === 'short' ? withScheduleFaults(dice, config, drawn) : drawn;
  story.events.sort((one, other) => one.atMs - other.atMs);
  return { seed, number, config, ...story, runs, wrongClock, isWatchedLong: dice.chance(0.01 / watches(config)) };
}

/** Many short stories and a few long ones: what one can show in half a minute needs no more. The more watch, the dearer is a minute. */
function manyThings(dice: Dice, config: Config): Story {
  const longestShare = Math.max(4, 20 / watches(config));
  const lengthMs = Math.round(shortestMs * longestShare ** (dice.next() ** 5));
  const often = lengthMs / 60_000;
  const count = dice.between(1, Math.ceil((dice.chance(0.3) ? 6 : 2) * often + 2));
  const events = Array.from({ length: count }, () => ({
    ...happening(dice, config),
    atMs: dice.between(5_000, lengthMs),
  }));
  for (let left = dice.between(0, 2); left > 0; left -= 1)
    events.push(
      ...disasters[dice.weighted({ disaster: 8, extendedPause: 1, doubtful: 2, ownNetwork: 2 })](
        dice,
        config,
        lengthMs,
      ),
    );
  return { events, lengthMs };
}

const shortestMs = 12_000;

/** How many loops run at once. */
const watches = ({ pairs }: Config) => pairs.length * vantageNames(pairs[0] as Pair).length;

/** One side is lost, and at most a minority of the vantages with it: traffic has to move, however long the policy takes. */
function lonelyLoss(dice: Dice, config: Config, runs: Trace['runs']): Story {
  const [pair] = config.pairs as [Pair];
  const name = dice.weighted(losses as Record<FailureClass, number>);
  const { alarmsAfterMs, metadataStalledAfterMs, fullEveryMs, everyMs } = pair.probe;
  const maturesMs: Partial<Record<FailureClass, number>> = {
    alarm: alarmsAfterMs,
    'metadata-stalled': metadataStalledAfterMs,
  };
  const atMs = dice.between(8_000, runs === 'short' ? 60_000 : 20_000);
  const nodes = pair.sites[pair.primary]?.nodes.map((node) => node.name) ?? [];
  const lost = { kind: 'fault', site: pair.primary, nodes, class: name, seenBy: null, forMs: 600_000, atMs } as const;
  const soonMs = (runs === 'short' ? 60_000 : 30_000) + 10 * everyMs;
  const lateMs = name in maturesMs ? (maturesMs[name] ?? 0) + fullEveryMs : 0;
  const events = [{ ...lost, nodes }, ...(dice.chance(0.5) ? lostMinority(dice, pair, atMs) : [])];
  return { events, lengthMs: atMs + lateMs + soonMs };
}

/** Minutes to hours. */
const hoursOff = (dice: Dice) => Math.round(120_000 * 100 ** dice.next());

/** What a whole side is lost by. */
const losses: Partial<Record<FailureClass, number>> = {
  refused: 3,
  unreachable: 3,
  hung: 3,
  'publish-stalled': 3,
  'no-quorum': 1,
  alarm: 2,
  'metadata-stalled': 2,
};

/** A side is lost, or a person moves traffic, in a moment in which something else is going on as well. */
function disaster(dice: Dice, config: Config, lengthMs: number): Event[] {
  const pair = dice.pick(config.pairs);
  const site = dice.pick(sites);
  const nodes = pair.sites[site]?.nodes.map(({ name }) => name) ?? [];
  const atMs = dice.between(7_000, Math.max(10_000, lengthMs - 30_000));
  const lost: Happening = {
    kind: 'fault',
    site,
    nodes,
    class: dice.weighted(losses as Record<FailureClass, number>),
    seenBy: null,
    forMs: dice.chance(0.3) ? dice.between(1_000, 20_000) : dice.between(60_000, 300_000),
  };
  const act = dice.pick(['switchover', 'failover-overridden', 'drill'] as const);
  const moved: Happening = { kind: 'person', act, pair: pair.name, site, forMs: 30_000 };
  const events: Event[] = [{ ...(dice.chance(0.7) ? lost : moved), atMs }];
  for (let extras = dice.between(0, 4); extras > 0; extras -= 1)
    events.push({ ...happening(dice, config, unlucky), atMs: atMs + dice.between(-8_000, 20_000) });
  return events;
}

/** A side is lost while everything is paused, and somebody wants the pause to go on just as it ends. */
function extendedPause(dice: Dice, config: Config, lengthMs: number): Event[] {
  const pair = dice.pick(config.pairs);
  const [from] = sites;
  const nodes = pair.sites[from]?.nodes.map(({ name }) => name) ?? [];
  const atMs = dice.between(5_000, Math.max(6_000, lengthMs - 60_000));
  const forMs = dice.between(15_000, 40_000);
  const paused = { kind: 'person', act: 'pause-all', pair: pair.name, site: from, forMs } as const;
  const lost = { kind: 'fault', site: from, nodes, class: 'refused', seenBy: null, forMs: 120_000 } as const;
  return [
    { ...paused, atMs },
    { ...lost, atMs: atMs + 2_000 },
    { ...paused, atMs: atMs + forMs + dice.between(-200, 100) },
  ];
}

/** A side is lost while whoever sees it has reason to doubt itself. */
function doubtful(dice: Dice, config: Config, lengthMs: number): Event[] {
  const [pair] = config.pairs as [Pair];
  const site = pair.primary;
  const nodes = pair.sites[site]?.nodes.map(({ name }) => name) ?? [];
  const atMs = dice.between(7_000, Math.max(10_000, lengthMs - 30_000));
  const lost = {
    kind: 'fault',
    site,
    nodes,
    class: dice.pick(['refused', 'hung'] as const),
    seenBy: null,
    forMs: 120_000,
  } as const;
  const kind = dice.pick(['references-dark', 'clock-jumps', 'frozen'] as const);
  const doubts = vantageNames(pair).map((vantage): Event => {
    // While the failures are being counted.
    const soonMs = atMs + dice.between(0, pair.probe.fall * (pair.probe.recheckMs + pair.probe.timeoutMs));
    if (kind === 'references-dark') return { kind, vantage, forMs: 120_000, atMs: atMs - 5_000 };
    if (kind === 'clock-jumps') return { kind, vantage, byMs: dice.pick([-5_000, 5_000, 600_000]), atMs: soonMs };
    return {
      kind,
      vantage,
      nth: null,
      phase: 'before',
      suspended: false,
      forMs: dice.between(3_000, 15_000),
      atMs: soonMs,
    };
  });
  return [{ ...lost, nodes, atMs }, ...doubts];
}

/** The network of one vantage fails, and is back as a whole: the sides were well throughout. */
function ownNetwork(dice: Dice, config: Config, lengthMs: number): Event[] {
  const [pair] = config.pairs as [Pair];
  const vantage = dice.pick(vantageNames(pair));
  const atMs = dice.between(7_000, Math.max(10_000, lengthMs - 30_000));
  const forMs = dice.between(2_000, 40_000);
  const cut = dice.pick([[pair.primary], [pair.primary], [pair.primary, pair.standby]]).map((site): Happening => {
    const nodes = pair.sites[site]?.nodes.map(({ name }) => name) ?? [];
    return { kind: 'fault', site, nodes, class: 'unreachable', seenBy: [vantage], forMs };
  });
  const dark: Happening[] = [{ kind: 'references-dark', vantage, forMs }, ...cut];
  if (dice.chance(0.5)) dark.push({ kind: 'store-gone', vantage, forMs: Math.min(forMs, 30_000) });
  return dark.map((each) => ({ ...each, atMs }));
}

const disasters = { disaster, extendedPause, doubtful, ownNetwork };

const stories = { manyThings, lonelyLoss, afterAMove, halfHung, staleVotes, deadVantage };

const often = { manyThings: 86, lonelyLoss: 5, afterAMove: 5, halfHung: 3, staleVotes: 2, deadVantage: 2 };
