import { clockOffSentence } from '../explain/clockOff.ts';
import type { Pair } from '../model/config.ts';
import type { Heard, Memory } from './memory.ts';
import type { Clock, Ports, Watch } from './ports.ts';
import { tell } from './turn.ts';
import { freshForMs } from './vantages.ts';

/** Less is left to whoever keeps clocks in time. */
const leastOffMs = 2_000;

/**
 * What time it is for pauses, cooldowns and whatever else people think of in wall-clock time: one wrong clock must not end them for
 * everybody. Where most of the vantages that were heard of lately have another time than this host, theirs counts. Two that differ
 * cannot tell which of them is wrong: each goes by its own.
 */
export function agreedMs({ clock }: Pick<Ports, 'clock'>, { pair }: Pick<Watch, 'pair'>, memory: Memory): number {
  return clock.nowMs() - clockOffMs(clock, pair, memory.heard);
}

/** The same, for what must not end too early: where no majority agrees, it is as late as half of the vantages have it. */
export function surelyMs({ clock }: Pick<Ports, 'clock'>, { pair }: Pick<Watch, 'pair'>, memory: Memory): number {
  return clock.nowMs() - clockOffMs(clock, pair, memory.heard, true);
}

/** Says when the clock of this host begins to be another than that of most vantages, and when it does not any more. */
export function tellClockOff(context: { ports: Ports; watch: Watch }, memory: Memory): void {
  const offMs = clockOffMs(context.ports.clock, context.watch.pair, memory.heard);
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
function clockOffMs(clock: Clock, pair: Pair, heard: Heard, orHalf = false): number {
  const [ownMs, nowMs] = [clock.nowMs(), clock.monotonicMs()];
  const oldestMs = nowMs - freshForMs(pair);
  const others = Object.values(heard).flatMap(({ clockMs, changed, atMs }) =>
    clockMs !== null && changed && atMs >= oldestMs ? [clockMs + nowMs - atMs] : [],
  );
  if (others.length === 0) return 0;
  const all = [ownMs, ...others].sort((one, other) => one - other);
  const [lowerMs = ownMs, upperMs = ownMs] = [all[Math.floor((all.length - 1) / 2)], all[Math.floor(all.length / 2)]];
  const offMs = ownMs - Math.min(Math.max(ownMs, lowerMs), orHalf ? lowerMs : upperMs);
  return Math.abs(offMs) > toleranceMs(pair) ? offMs : 0;
}
