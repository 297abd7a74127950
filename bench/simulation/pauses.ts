import type { VirtualClock } from '../../adapters/memory/clock.ts';
import type { Pause } from '../../core/model/record.ts';
import type { Broken } from './checkRecord.ts';
import type { Host } from './process.ts';

/** By what is paused: what people said, whatever the store says now. */
type Paused = Readonly<Record<string, Pause>>;

/** What people paused or put into maintenance, and until when by the true clock. */
export interface PauseLedger {
  /** What is paused changed from one to the other. @param byPerson they may end a pause whenever they like */
  change(before: Paused, after: Paused, byPerson: boolean): Broken[];
  /** Since when this is paused without a break, by the true clock, for monotonic `nowMs`; null: it is not. */
  sinceMs(what: string): number | null;
  /** The store is lost, and all that was said with it. */
  forget(): void;
}

/**
 * @param skewMs clocks that differ by less agree: with the truth, and each with those that do
 */
export function createPauseLedger(clock: VirtualClock, hosts: ReadonlyMap<string, Host>, skewMs: number): PauseLedger {
  const ledger = new Map<string, { untilMs: number; sinceMs: number }>();

  /**
   * Whoever is heard of by nobody has nothing to compare its clock with, and a majority that is wrong together cannot be told from
   * the truth.
   */
  function hasTrueTime(): boolean {
    const isHeard = ({ spokeAtMs }: Host) => spokeAtMs !== null && clock.monotonicMs() - spokeAtMs <= skewMs / 2;
    const heard = [...hosts.values()].filter(isHeard);
    const isWrong = ({ wallOffsetMs }: Host) => Math.abs(wallOffsetMs) > skewMs;
    const wrong = heard.filter(isWrong).length;
    return ![...hosts.values()].some(isWrong) || (heard.length > 1 && (wrong < 2 || wrong < heard.length / 2));
  }

  function end(what: string, byPerson: boolean): Broken[] {
    const held = ledger.get(what);
    ledger.delete(what);
    const earlyMs = (held?.untilMs ?? 0) - clock.nowMs();
    if (byPerson || earlyMs <= 2 * skewMs || !hasTrueTime()) return [];
    return [{ invariant: 'pauses-last', detail: `the pause of ${what} ended ${earlyMs} ms before its time` }];
  }

  return {
    change(before, after, byPerson) {
      const broken: Broken[] = [];
      for (const what of Object.keys(before)) if (!after[what]) broken.push(...end(what, byPerson));
      for (const [what, { untilMs }] of Object.entries(after)) {
        if (before[what]?.untilMs === untilMs) continue;
        ledger.set(what, { untilMs, sinceMs: ledger.get(what)?.sinceMs ?? clock.monotonicMs() });
      }
      return broken;
    },
    sinceMs(what) {
      const held = ledger.get(what);
      return held && held.untilMs > clock.nowMs() + 2 * skewMs && hasTrueTime() ? held.sinceMs : null;
    },
    forget: () => ledger.clear(),
  };
}
