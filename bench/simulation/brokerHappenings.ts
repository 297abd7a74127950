import type { Pair } from '../../core/model/config.ts';
import type { FailureClass } from '../../core/model/probe.ts';
import type { Happening, Way } from './events.ts';
import { vantageNames } from './policy.ts';
import type { Dice } from './random.ts';

const classes: Partial<Record<FailureClass, number>> = {
  refused: 8,
  unreachable: 6,
  hung: 5,
  'publish-stalled': 3,
  'no-quorum': 2,
  alarm: 3,
  'metadata-stalled': 2,
  auth: 2,
  tls: 1,
  'not-allowed': 1,
  draining: 1,
  'management-only': 1,
  partitioned: 1,
  'wrong-identity': 1,
  'probe-error': 1,
};

/** Something is wrong with a node or a whole site, truly or only as some vantages see it. */
export function fault(dice: Dice, pair: Pair, site: string): Happening {
  const nodes = nodesOf(pair, site);
  const vantages = vantageNames(pair);
  const isCut = dice.chance(0.3);
  const seenBy = isCut ? vantages.filter(() => dice.chance(0.5)) : null;
  return {
    kind: 'fault',
    site,
    nodes: dice.chance(0.6) ? nodes : [dice.pick(nodes)],
    class: isCut
      ? dice.pick(['unreachable', 'refused', 'hung'])
      : dice.weighted(classes as Record<FailureClass, number>),
    seenBy: seenBy?.length === 0 ? [dice.pick(vantages)] : seenBy,
    forMs: lasting(dice),
  };
}

/** The first nodes, so many that the others have no majority left. */
export function majority(nodes: string[]): { crashed: string[]; left: string[] } {
  const crashed = nodes.slice(0, Math.ceil((nodes.length + 1) / 2));
  return { crashed, left: nodes.slice(crashed.length) };
}

/** One node hangs; where it is the only one, the side does. */
export function hungNode(dice: Dice, site: string, nodes: string[]): Happening {
  const node = dice.pick(nodes);
  const forMs = dice.chance(0.3) ? dice.between(60_000, 180_000) : lasting(dice);
  if (nodes.length === 1) return { kind: 'fault', site, nodes, class: 'hung', seenBy: null, forMs };
  const peers = nodes.filter((each) => each !== node);
  const splitMs = dice.chance(0.5) ? 0 : dice.between(5_000, 60_000);
  return { kind: 'hung-node', site, node, peers, landsLater: dice.chance(0.5), splitMs, forMs };
}

/** Most nodes are cut off from everybody, or each vantage from some of them; and one that is left without its peers may pause. */
export function cut(dice: Dice, pair: Pair, site: string): Happening {
  const nodes = nodesOf(pair, site);
  const { crashed, left } = majority(nodes);
  const paused = dice.chance(0.5) ? left.slice(0, 1) : [];
  const froms = dice.chance(0.3) ? [null] : vantageNames(pair).filter(() => dice.chance(0.7));
  const ways = froms.flatMap((vantage): Way[] => {
    const lost = vantage === null || dice.chance(0.6) ? crashed : nodes.filter(() => dice.chance(0.5));
    return lost.map((node) => ({ vantage, node }));
  });
  if (ways.length + paused.length === 0) ways.push({ vantage: dice.pick(vantageNames(pair)), node: dice.pick(nodes) });
  return { kind: 'cut', site, ways, paused, forMs: lasting(dice) };
}

/** Mostly short, sometimes long. */
export const lasting = (dice: Dice) => Math.round(300 * 1_000 ** dice.next());

const nodesOf = ({ sites }: Pair, site: string) => sites[site]?.nodes.map(({ name }) => name) ?? [];
