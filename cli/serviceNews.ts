import { systemClock } from '../adapters/system/clock.ts';
import { killSwitchSentence, watchingSentence } from '../core/explain/status.ts';
import type { Notifier, Watch } from '../core/flow/ports.ts';
import type { Severity } from '../core/model/decision.ts';
import type { KillSwitch } from './killSwitch.ts';

/** Says what is watched, and in which mode: one event per pair. */
export function announceStart(notifier: Notifier, watches: Watch[], store: string): void {
  for (const { pair, vantage } of watches) {
    const { mode, quorum } = pair.failover;
    const data = { state: 'started', vantage, mode, quorum, store };
    tellService(notifier, 'info', watchingSentence(pair, vantage, store), data, pair.name);
  }
}

export function announceEnd(notifier: Notifier, { aborted }: AbortSignal): void {
  if (aborted) tellService(notifier, 'info', 'Stopped. Traffic stays where it is.', { state: 'stopped' });
}

/** The kill switch as a port, which tells when it is on at the start and whenever it changes. */
export function toldKillSwitch(killSwitch: KillSwitch, notifier: Notifier): () => boolean {
  let last = false;
  const look = () => {
    const on = killSwitch.isOn();
    if (on !== last) tellService(notifier, on ? 'warning' : 'info', killSwitchSentence(on), { killSwitch: on });
    last = on;
    return on;
  };
  look();
  return look;
}

/** What concerns no single pair has an empty `pair`. */
function tellService(
  notifier: Notifier,
  severity: Severity,
  sentence: string,
  data: Record<string, unknown>,
  pair = '',
): void {
  notifier.notify({ atMs: systemClock.nowMs(), pair, kind: 'service', severity, sentence, data });
}
