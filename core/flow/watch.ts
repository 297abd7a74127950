import type { ProbeDesk } from './desk.ts';
import { openDesks } from './desks.ts';
import { inheritedConditions } from './inherit.ts';
import { emptyMemory, type Memory } from './memory.ts';
import type { Ports, Watch } from './ports.ts';
import { probesDue } from './see.ts';
import { tick } from './tick.ts';

/** A loop that finds itself without anything due still turns this often while an operation waits. */
const operationTurnMs = 500;

/**
 * Watches one pair until the signal aborts: turns the loop whenever a probe result or a hint arrives, a probe is due,
 * or `every` has passed. Closing the ports is the caller's.
 */
export async function watchPair(ports: Ports, watch: Watch, signal: AbortSignal): Promise<void> {
  const desks = openDesks(ports, watch, signal);
  const { desk } = desks;
  const inherited = await inheritedConditions(ports, watch);
  const memory = emptyMemory(watch.pair, ports.clock.monotonicMs(), inherited);
  while (!signal.aborted) {
    await tick(ports, watch, desks, memory);
    const plannedMs = untilNextTurnMs(ports, watch, desk, memory);
    const monotonicMs = ports.clock.monotonicMs();
    // Not as it is now: a host that was suspended in the middle of a turn is to be noticed by the next.
    const wallMs = memory.began.wallMs + monotonicMs - memory.began.monotonicMs;
    memory.lastTurn = { wallMs, monotonicMs, plannedMs };
    await desk.wait(plannedMs, signal);
  }
}

/** Milliseconds until the next probe is due or the state must be read again. */
function untilNextTurnMs(ports: Ports, watch: Watch, desk: ProbeDesk, memory: Memory): number {
  const { pair } = watch;
  const nowMs = ports.clock.monotonicMs();
  const due = probesDue(watch, desk, memory).map(({ dueAtMs }) => dueAtMs);
  const readAtMs = memory.state === null ? nowMs + operationTurnMs : memory.state.readAtMs + pair.probe.everyMs;
  // Probes that are due but already in flight must not make the loop spin: they wake it when they end.
  const soonest = Math.min(readAtMs, ...due.filter((dueAtMs) => dueAtMs > nowMs));
  return Math.max(0, Math.min(soonest - nowMs, pair.probe.recheckMs));
}
