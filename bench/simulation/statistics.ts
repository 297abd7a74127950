import type { Move } from './moves.ts';
import type { Outcome } from './run.ts';

/** What many traces came to. */
export interface Totals {
  traces: number;
  virtualMs: number;
  turns: number;
  /** Of each trace. */
  turnsOfTraces: number[];
  /** Automatic failovers that passed their point of no return. */
  moved: number;
  /** Those of traces in which the judge found nothing wrong: there were votes, nothing held, and the other side was ready. */
  movedRight: number;
  /** By how many votes the policy asks for, and by what was true of the side that was left. */
  left: Record<Move['votes'], Record<Exclude<Move['left'], null>, number>>;
  /** Automatic failovers that were claimed and given up. */
  givenUp: number;
  /** Traces in which nothing moved by itself. */
  held: number;
  /** Those in which nothing should have moved either: no side was lost for longer than its policy says, or something held. */
  heldRight: number;
  violations: { number: number; invariant: string; detail: string }[];
  /** From the true loss of a side to the claim, where it was lost to everybody. */
  detectMs: number[];
  /** From the claim to the end of the operation. */
  actMs: number[];
  /** How long no client was served, where traffic moved by itself. */
  outagesMs: number[];
}

/** How long a run took: by the clock on the wall, and of the time of all cores together. */
export interface Took {
  wallMs: number;
  processorMs: number;
}

export function newTotals(): Totals {
  return {
    traces: 0,
    virtualMs: 0,
    turns: 0,
    turnsOfTraces: [],
    moved: 0,
    movedRight: 0,
    left: { one: { lost: 0, 'lost-lately': 0, serving: 0 }, several: { lost: 0, 'lost-lately': 0, serving: 0 } },
    givenUp: 0,
    held: 0,
    heldRight: 0,
    violations: [],
    detectMs: [],
    actMs: [],
    outagesMs: [],
  };
}

/** Changes `totals`. */
export function addOutcome(totals: Totals, { number, virtualMs, turns, moves, outagesMs, violations }: Counted): void {
  const moved = moves.filter(({ committedAtMs }) => committedAtMs !== null);
  const isRight = violations.length === 0;
  totals.traces += 1;
  totals.virtualMs += virtualMs;
  totals.turns += turns;
  totals.turnsOfTraces.push(turns);
  totals.outagesMs.push(...outagesMs);
  totals.moved += moved.length;
  totals.movedRight += isRight ? moved.length : 0;
  totals.givenUp += moves.length - moved.length;
  totals.held += moved.length === 0 ? 1 : 0;
  totals.heldRight += moved.length === 0 && isRight ? 1 : 0;
  for (const { invariant, detail } of violations.slice(0, 1)) totals.violations.push({ number, invariant, detail });
  for (const { lostAtMs, left, votes, claimedAtMs, finishedAtMs } of moved) {
    if (left !== null) totals.left[votes][left] += 1;
    if (lostAtMs !== null) totals.detectMs.push(claimedAtMs - lostAtMs);
    if (finishedAtMs !== null) totals.actMs.push(finishedAtMs - claimedAtMs);
  }
}

/** What of an outcome is counted; the transcript stays where it is. */
export type Counted = Omit<Outcome, 'transcript'>;

/** The value below which this share of them is; null: there are none. */
export function quantile(values: readonly number[], share: number): number | null {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? null;
}

/** The totals in words, one line each. */
export function totalsLines(totals: Totals, { wallMs, processorMs }: Took): string[] {
  const { traces, virtualMs, turns, turnsOfTraces, moved, movedRight, left, givenUp, held, heldRight } = totals;
  const { violations, detectMs, actMs, outagesMs } = totals;
  const { one, several } = left;
  const per = (ms: number, count: number) => (count / Math.max(0.001, ms / 1_000)).toFixed(1);
  return [
    `traces: ${traces} (${per(wallMs, traces)} per second, ${per(processorMs, traces)} per second of one core)`,
    `turns of the loop: ${turns} (${Math.round(Number(per(processorMs, turns)))} per second of one core; a trace ${Math.round(turns / Math.max(1, traces))} in the mean, ${quantile(turnsOfTraces, 0.5) ?? 0} in the median, ${quantile(turnsOfTraces, 1) ?? 0} at most)`,
    `virtual time: ${(virtualMs / 3_600_000).toFixed(1)} hours`,
    `automatic failovers: ${moved}, of which ${movedRight} broke no promise; claimed and given up: ${givenUp}`,
    `automatic failovers of a side that was truly lost: ${one.lost + several.lost}`,
    `automatic failovers of a side that had faults only some vantages saw, or that had just ended: ${mistaken(one) + mistaken(several)}`,
    `false failovers, of a side that served whoever could reach it all the time: ${share(one.serving + several.serving, moved)}; ${share(one.serving, sum(one))} where the vote of one vantage is enough, ${share(several.serving, sum(several))} where it takes several`,
    `traces in which it was right that nothing moved by itself: ${heldRight} of ${held}`,
    `from the loss of a side to the claim: ${spread(detectMs)}`,
    `from the claim to the report: ${spread(actMs)}`,
    `no client was served for: ${spread(outagesMs)}`,
    `violations: ${violations.length}`,
  ];
}

type Left = Totals['left']['one'];

const mistaken = (left: Left) => left.serving + left['lost-lately'];

const sum = (left: Left) => left.lost + mistaken(left);

const share = (part: number, of: number) => `${part} of ${of} (${((100 * part) / Math.max(1, of)).toFixed(2)} %)`;

function spread(values: readonly number[]): string {
  const at = (share: number) => `${((quantile(values, share) ?? 0) / 1_000).toFixed(1)} s`;
  if (values.length === 0) return 'none';
  return `median ${at(0.5)}, 90 % ${at(0.9)}, 99 % ${at(0.99)}, most ${at(1)} (${values.length})`;
}
