import { clockOffSentence } from '../explain/clockOff.ts';
import type { Pair } from '../model/config.ts';
import type { Memory } from './memory.ts';
import type { Clock, Ports, Watch } from './ports.ts';
import { tell } from './turn.ts';
import { freshForMs } from './vantages.ts';

/** Less is left to whoever keeps clocks in time. */
const leastOffMs = 2_000;

/** By then monotonic clocks have drifted by less than a second. */
const rememberedMs = 3_600_000;

/** Whoever watches a pair, and what it heard of the others. */
interface Watching {
  ports: Pick<Ports, 'clock'>;
  watch: Pick<Watch, 'pair'>;
  memory: Memory;
}

/**
 * What time it is for pauses, cooldowns and whatever else people think of in wall-clock time: one wrong clock must not end them for
 * everybody. Where most of the vantages that were heard of have another time than this host, theirs counts. Two that differ
 * cannot tell which of them is wrong: each goes by its own.
 */
export function agreedMs({ ports: { clock }, watch: { pair }, memory }: Watching): number {
  return clock.nowMs() - clockOffMs(clock, pair, memory);
}

/** The same, for what must not end too early: where no majority agrees, it is as late as half of the vantages have it. */
export function surelyMs({ ports: { clock }, watch: { pair }, memory }: Watching): number {
  return clock.nowMs() - clockOffMs(clock, pair, memory, true);
}

/** Says when the clock of this host begins to be another than that of most vantages, and when it does not any more. */
export function tellClockOff(context: { ports: Ports; watch: Watch }, memory: Memory): void {
  const { ports, watch } = context;
  // What may be an old answer of somebody who is gone is no reason to alarm anybody.
  if (isListening(ports.clock, watch.pair, memory)) return;
  if (othersMs(ports.clock, watch.pair, memory).length === 0) return;
  const offMs = clockOffMs(ports.clock, watch.pair, memory);
  if ((offMs !== 0) === memory.told.clockOff) return;
  memory.told.clockOff = offMs !== 0;
  tell(context, 'service', offMs === 0 ? 'info' : 'warning', clockOffSentence(offMs));
}

/** Clocks that differ by less agree: what another vantage wrote was already some time old when it was first seen. */
export const toleranceMs = (pair: Pair) => leastOffMs + freshForMs(pair);

/**
 * How far ahead of most vantages this host's wall clock is; 0 unless it is clear.
 * @param orHalf ahead of half of them is enough
 */
function clockOffMs(clock: Clock, pair: Pair, memory: Memory, orHalf = false): number {
  const others = othersMs(clock, pair, memory);
  if (others.length === 0) return 0;
  const ownMs = clock.nowMs();
  const all = [ownMs, ...others].sort((one, other) => one - other);
  const [lowerMs = ownMs, upperMs = ownMs] = [all[Math.floor((all.length - 1) / 2)], all[Math.floor(all.length / 2)]];
  const offMs = ownMs - Math.min(Math.max(ownMs, lowerMs), orHalf ? lowerMs : upperMs);
  return Math.abs(offMs) > toleranceMs(pair) ? offMs : 0;
}

/** A process may live for a minute only, and must end pauses all the same. */
const listensAtMostMs = 30_000;

/** Whether this process has just begun: whoever is alive may not have been heard yet. */
function isListening(clock: Clock, pair: Pair, { bornAtMs }: Memory): boolean {
  return pair.vantages.length > 1 && clock.monotonicMs() - bornAtMs <= Math.min(2 * freshForMs(pair), listensAtMostMs);
}

/**
 * What the clocks of the other vantages say now, each as it was last heard and aged since. That stays true when nobody can be heard
 * any more, unless this host was held up: its monotonic clock may have stood still, so that only what is fresh counts. Until those
 * who are alive must have been heard, whatever is there counts: a process that has just begun is not to go by a wrong clock either.
 */
function othersMs(clock: Clock, pair: Pair, memory: Memory): number[] {
  const { heard, heldUpAtMs } = memory;
  const nowMs = clock.monotonicMs();
  const believesAll = isListening(clock, pair, memory);
  const oldestMs = Math.min(nowMs - freshForMs(pair), Math.max(nowMs - rememberedMs, heldUpAtMs));
  return Object.values(heard).flatMap(({ clockMs, changed, atMs }) =>
    clockMs !== null && (changed || believesAll) && atMs >= oldestMs ? [clockMs + nowMs - atMs] : [],
  );
}
