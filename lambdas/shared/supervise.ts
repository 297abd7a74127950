import { span } from '../../core/explain/words.ts';
import type { Ports, Watch } from '../../core/flow/ports.ts';
import { watchPair } from '../../core/flow/watch.ts';
import { errorAlert } from './errorAlert.ts';

const firstDelayMs = 1_000;
const longestDelayMs = 60_000;
/** A watch that lasted this long was well: the next failure is a first one again. */
const wellAfterMs = 300_000;

/**
 * Watches one pair until the signal aborts. An error that nobody expected ends the watch of this pair alone: it is told,
 * and the watch starts again, from fresh evidence, after a delay that grows with each failure in a row.
 */
export async function superviseWatch(ports: Ports, watch: Watch, signal: AbortSignal): Promise<void> {
  for (let failures = 0; !signal.aborted; ) {
    const startedAtMs = ports.clock.monotonicMs();
    try {
      await watchPair(ports, watch, signal);
    } catch (error) {
      const wasWell = ports.clock.monotonicMs() - startedAtMs > wellAfterMs;
      failures = wasWell ? 1 : failures + 1;
      const delayMs = restartDelayMs(failures, ports.random());
      tellFailure(ports, watch, error, delayMs);
      await ports.clock.sleep(delayMs, signal);
    }
  }
}

/** Between half of and the whole delay, so that pairs which fail together do not start together. */
export function restartDelayMs(failures: number, random: number): number {
  const delayMs = Math.min(longestDelayMs, firstDelayMs * 2 ** (failures - 1));
  return Math.round(delayMs * (0.5 + random / 2));
}

function tellFailure({ clock, notifier }: Ports, { pair }: Watch, error: unknown, delayMs: number): void {
  const next = `Nothing is moved; it starts again in ${span(delayMs)}.`;
  notifier.notify(
    errorAlert(
      error,
      { atMs: clock.nowMs(), pair: pair.name },
      (kind) => `The watch of ${pair.name} failed because of an error in Warren (${kind}). ${next}`,
    ),
  );
}
