import { span } from './words.ts';

/** This prober, or its clock, stood still or jumped: said when it goes on, because a late move is explained by it. */
export function heldUpSentence({ lateByMs, clockJumpMs }: { lateByMs: number; clockJumpMs: number }): string {
  const jumpMs = Math.abs(clockJumpMs);
  const what =
    lateByMs >= jumpMs
      ? `This prober was held up for ${span(lateByMs)}`
      : `The clock of this host jumped by ${span(jumpMs)}`;
  return `${what}: what it saw before does not count any more.`;
}
