import { span } from './words.ts';

/** @param offMs how far ahead of most vantages the clock of this host is; 0: not any more */
export function clockOffSentence(offMs: number): string {
  if (offMs === 0) return 'The clock of this host agrees with those of the other vantages again.';
  const direction = offMs > 0 ? 'ahead of' : 'behind';
  return `The clock of this host is ${span(Math.abs(offMs))} ${direction} those of most vantages: theirs counts for pauses and cooldowns.`;
}
