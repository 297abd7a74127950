import type { Pair } from '../../core/model/config.ts';
import type { PairRecord } from '../../core/model/record.ts';
import type { Brokers } from './brokers.ts';

/** An automatic failover as the judge saw it. */
export interface Move {
  epoch: number;
  /** When the lost side was truly lost; null: at the claim it was not, to everybody. */
  lostAtMs: number | null;
  /**
   * What was true of the side that was left, when it was left: it was lost, to everybody; or it had been just before; or it served
   * whoever could reach it for as long as evidence reaches back, and only some vantages could not.
   */
  left: 'lost' | 'lost-lately' | 'serving' | null;
  /** Whether the policy asks for the votes of several vantages, or for that of one. */
  votes: 'one' | 'several';
  claimedAtMs: number;
  committedAtMs: number | null;
  finishedAtMs: number | null;
}

interface Facts {
  pair: Pair;
  brokers: Brokers;
  nowMs: number;
  allowanceMs(): number;
}

/** Writes down what one write of the record means for automatic failovers. Changes `moves`. */
export function noteMove(moves: Move[], before: PairRecord, after: PairRecord, facts: Facts): void {
  const { brokers, nowMs, pair } = facts;
  const { operation } = after;
  if (operation && operation.startedBy.kind === 'automatic' && before.operation?.id !== operation.id) {
    const { epoch, from } = operation;
    const lostAtMs = brokers.lostSinceMs(from, nowMs);
    const votes = pair.failover.quorum === 1 ? 'one' : 'several';
    moves.push({ epoch, lostAtMs, left: null, votes, claimedAtMs: nowMs, committedAtMs: null, finishedAtMs: null });
  }
  const move = moves.find(({ epoch }) => epoch === (operation ?? before.operation)?.epoch);
  if (!move) return;
  if (operation?.phase === 'committed') {
    move.committedAtMs ??= nowMs;
    move.left ??= truthOf(operation.from, facts);
  }
  if (operation === null && move.committedAtMs !== null) move.finishedAtMs ??= nowMs;
}

function truthOf(site: string, { pair, brokers, nowMs, allowanceMs }: Facts): Exclude<Move['left'], null> {
  if (brokers.lostSinceMs(site, nowMs) !== null) return 'lost';
  const { fall, recheckMs, timeoutMs, everyMs } = pair.probe;
  const sinceMs = nowMs - fall * (recheckMs + timeoutMs) - (3 * everyMs + 6 * timeoutMs) - allowanceMs();
  return brokers.wasDark(null, site, sinceMs, nowMs) ? 'lost-lately' : 'serving';
}
