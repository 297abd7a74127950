import type { Broken } from './checkRecord.ts';

/** What is still known of a pair after its store was lost: by whom, and by which targets. */
export interface LostStoreLedger {
  /** A process has read the pair. */
  onRead(holder: string, epoch: number, nowMs: number): void;
  /** @param hasMarker whether a target keeps the marker of an epoch */
  onLost(hasMarker: boolean): void;
  /** A person has looked, or moved traffic. */
  onAnswered(): void;
  /** Whether what is left forbids that anything moves by itself. */
  check(isAlive: (holder: string) => boolean, turnMs: number, nowMs: number): Broken[];
}

export function createLostStoreLedger(): LostStoreLedger {
  /** Whoever has seen that something was decided since the first look: what was adopted then is adopted again. */
  const knew = new Set<string>();
  /** Of those that knew when the store was lost: when they first read it again. */
  let readAgainMs: Map<string, number | null> | null = null;
  let hadMarker = false;

  return {
    onRead(holder, epoch, nowMs) {
      if (readAgainMs?.has(holder)) readAgainMs.set(holder, readAgainMs.get(holder) ?? nowMs);
      if (epoch > 1) knew.add(holder);
    },
    onLost(hasMarker) {
      hadMarker ||= hasMarker;
      readAgainMs = new Map([...knew].map((holder) => [holder, null]));
    },
    onAnswered() {
      readAgainMs = null;
      hadMarker = false;
    },
    check(isAlive, turnMs, nowMs) {
      const told = [...(readAgainMs ?? [])].find(
        ([holder, atMs]) => isAlive(holder) && atMs !== null && nowMs - atMs > turnMs,
      );
      if (!told && !hadMarker) return [];
      const who = hadMarker ? 'a target' : told?.[0];
      return [{ invariant: 'a-lost-store-waits', detail: `${who} knew that there had been more, and nobody looked` }];
    },
  };
}
