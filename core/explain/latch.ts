import type { Latch } from '../model/record.ts';

/** Since when nothing moves by itself, in words that follow `since`. */
export function latchedSince({ because, epoch }: Pick<Latch, 'because' | 'epoch'>): string {
  if (because === 'store-lost') return 'the store was lost';
  return `failover ${epoch}${because === 'unfenced' ? ' was given up' : ''}`;
}
