import { heldUpSentence } from '../explain/heldUp.ts';
import type { Memory } from './memory.ts';
import { type Turn, tell } from './turn.ts';

/** Shorter ones happen to busy hosts, and delay nothing that a person would ask about. */
const worthAWarningMs = 10_000;

/** A late move is explained by what held the prober up; otherwise nobody would know that nobody was watching. */
export function tellHeldUp(context: Pick<Turn, 'ports' | 'watch'>, self: Memory['self']): void {
  const forMs = Math.max(self.lateByMs, Math.abs(self.clockJumpMs));
  tell(context, 'service', forMs >= worthAWarningMs ? 'warning' : 'info', heldUpSentence(self));
}
