import { systemClock } from '../../adapters/system/clock.ts';
import type { Target } from '../../core/flow/ports.ts';

/** A record, an object or a listener is never restarted, and the contract asks what a restart does: one is told in its place. */
export function restartableTarget(target: Target): { target: Target; restart(): void } {
  let restartedAtMs: number | null = null;
  async function read() {
    const reading = await target.read();
    if (restartedAtMs === null || reading.status !== 'read') return reading;
    return { ...reading, instance: 'restarted', uptimeMs: systemClock.monotonicMs() - restartedAtMs };
  }
  return {
    target: { ...target, read },
    restart() {
      restartedAtMs = systemClock.monotonicMs();
    },
  };
}
