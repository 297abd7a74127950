import type { VirtualClock } from '../../adapters/memory/clock.ts';
import type { PairRecord } from '../../core/model/record.ts';
import type { Broken } from './checkRecord.ts';
import type { Host } from './process.ts';

/** How long nothing may move by itself, whatever the record says. */
export interface CooldownLedger {
  /** One write of the pair's record. */
  onRecord(before: PairRecord, after: PairRecord, byPerson: boolean): void;
  /** A person has looked, or the store that knew is lost. */
  forget(): void;
  /** Of a move that nobody asked for, now. */
  check(): Broken[];
}

/** What an operation that ends reads of a clock, and stores, takes its time. */
const marginMs = 2_000;

/** A cooldown of this length after every operation that ended on the other side, by whatever clock makes it shortest. */
export function createCooldownLedger(
  cooldownMs: number,
  clock: VirtualClock,
  hosts: ReadonlyMap<string, Host>,
): CooldownLedger {
  let untilMs = 0;
  /** Somebody may still remember a clock as it was before it jumped. */
  const timesMs = () =>
    [...hosts.values()].flatMap(({ wallOffsetMs, lastJump }) => [
      clock.nowMs() + wallOffsetMs,
      clock.nowMs() + wallOffsetMs - (lastJump?.byMs ?? 0),
    ]);
  return {
    onRecord(before, after, byPerson) {
      const { operation } = before;
      const isEnd = after.ended.some(({ id, phase }) => id === operation?.id && phase === 'finished');
      if (operation && after.operation?.id !== operation.id && isEnd)
        untilMs = Math.min(clock.nowMs(), ...timesMs()) + cooldownMs - marginMs;
      if (byPerson && before.cooldownUntilMs !== null && after.cooldownUntilMs === null) untilMs = 0;
    },
    forget() {
      untilMs = 0;
    },
    check() {
      const earlyMs = untilMs - Math.max(clock.nowMs(), ...timesMs());
      return earlyMs > 0 ? [{ invariant: 'cooldown', detail: `moved by itself ${earlyMs} ms too early` }] : [];
    },
  };
}
