import type { PairRecord } from '../../core/model/record.ts';
import type { Brokers } from './brokers.ts';

/** An automatic failover as the judge saw it. */
export interface Move {
  epoch: number;
  /** When the lost side was truly lost; null: it was not, to everybody. */
  lostAtMs: number | null;
  claimedAtMs: number;
  committedAtMs: number | null;
  finishedAtMs: number | null;
}

/** Writes down what one write of the record means for automatic failovers. Changes `moves`. */
export function noteMove(moves: Move[], before: PairRecord, after: PairRecord, brokers: Brokers, nowMs: number): void {
  const { operation } = after;
  if (operation && operation.startedBy.kind === 'automatic' && before.operation?.id !== operation.id) {
    const lostAtMs = brokers.lostSinceMs(operation.from, nowMs);
    moves.push({ epoch: operation.epoch, lostAtMs, claimedAtMs: nowMs, committedAtMs: null, finishedAtMs: null });
  }
  const move = moves.find(({ epoch }) => epoch === (operation ?? before.operation)?.epoch);
  if (!move) return;
  if (operation?.phase === 'committed') move.committedAtMs ??= nowMs;
  if (operation === null && move.committedAtMs !== null) move.finishedAtMs ??= nowMs;
}
