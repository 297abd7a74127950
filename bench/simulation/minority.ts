import type { Pair } from '../../core/model/config.ts';
import type { Event } from './events.ts';
import { vantageNames } from './policy.ts';
import type { Dice } from './random.ts';

/** Fewer vantages than a majority can spare are lost at about that time, and stay so. None where all are needed. */
export function lostMinority(dice: Dice, pair: Pair, aroundMs: number): Event[] {
  const names = vantageNames(pair);
  const spared = Math.floor((names.length - 1) / 2);
  if (pair.failover.quorum !== 'majority' || spared === 0) return [];
  const first = dice.between(0, names.length - 1);
  const lost = [...names.slice(first), ...names.slice(0, first)].slice(0, dice.between(1, spared));
  return lost.map((vantage) => loss(dice, pair, { vantage, atMs: aroundMs + dice.between(-7_000, 10_000), forMs }));
}

/** Longer than any trace in which it happens. */
const forMs = 600_000;

function loss(dice: Dice, pair: Pair, lasting: { vantage: string; atMs: number; forMs: number }): Event {
  const kind = dice.pick(['killed', 'frozen', 'references-dark', 'store-gone', 'cut-off'] as const);
  if (kind === 'killed') return { kind, nth: null, phase: 'before', ...lasting };
  if (kind === 'frozen') return { kind, nth: null, phase: 'before', suspended: dice.chance(0.3), ...lasting };
  if (kind !== 'cut-off') return { kind, ...lasting };
  const { vantage, ...when } = lasting;
  const nodes = pair.sites[pair.standby]?.nodes.map(({ name }) => name) ?? [];
  return { kind: 'fault', site: pair.standby, nodes, class: 'unreachable', seenBy: [vantage], ...when };
}
