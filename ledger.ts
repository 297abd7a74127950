/** How often confirmed messages reached the consumer, once the run is over and both sites were drained. */
export interface Account {
  readonly confirmed: number;
  /** Confirmed, consumed exactly once and found nowhere else. */
  readonly exactlyOnce: number;
  /** Confirmed and seen more than once, counting what was drained from the sites. */
  readonly duplicated: number;
  /** Confirmed, never consumed, still lying on a site: recoverable. By site. */
  readonly stranded: Readonly<Record<string, number>>;
  /** Confirmed and nowhere to be found. */
  readonly lost: number;
  /** The first few sequence numbers that were lost. */
  readonly lostSequences: readonly number[];
}

/** What became of each message of a run, by sequence number, in one byte for each fact: memory is fixed at the start. */
export class Ledger {
  readonly capacity: number;
  readonly #confirmed: Uint8Array;
  readonly #consumed: Uint8Array;
  readonly #drained: Uint8Array;
  readonly #strandedOn = new Map<string, Set<number>>();
  confirmedCount = 0;
  consumedCount = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.#confirmed = new Uint8Array(capacity);
    this.#consumed = new Uint8Array(capacity);
    this.#drained = new Uint8Array(capacity);
  }

  confirm(sequence: number): void {
    if (this.#confirmed[sequence] === 0) this.confirmedCount += 1;
    this.#confirmed[sequence] = 1;
  }

  consume(sequence: number): void {
    if (sequence >= this.capacity) return;
    this.consumedCount += 1;
    increment(this.#consumed, sequence);
  }

  drain(sequence: number, site: string): void {
    if (sequence >= this.capacity) return;
    increment(this.#drained, sequence);
    const found = this.#strandedOn.get(site) ?? new Set();
    this.#strandedOn.set(site, found.add(sequence));
  }

  account(): Account {
    const totals = { exactlyOnce: 0, duplicated: 0, lost: 0 };
    const lostSequences: number[] = [];
    for (let sequence = 0; sequence < this.capacity; sequence += 1) {
      if (this.#confirmed[sequence] !== 1) continue;
      const consumed = this.#consumed[sequence] ?? 0;
      const copies = consumed + (this.#drained[sequence] ?? 0);
      if (copies > 1) totals.duplicated += 1;
      else if (consumed === 1) totals.exactlyOnce += 1;
      else if (copies === 0) {
        totals.lost += 1;
        if (lostSequences.length < 20) lostSequences.push(sequence);
      }
    }
    return { confirmed: this.confirmedCount, ...totals, stranded: this.#stranded(), lostSequences };
  }

  #stranded(): Record<string, number> {
    const isStranded = (sequence: number) =>
      this.#confirmed[sequence] === 1 && this.#consumed[sequence] === 0 && this.#drained[sequence] === 1;
    return Object.fromEntries(
      [...this.#strandedOn].map(([site, sequences]) => [site, [...sequences].filter(isStranded).length]),
    );
  }
}

function increment(counts: Uint8Array, sequence: number): void {
  const before = counts[sequence] ?? 0;
  if (before < 255) counts[sequence] = before + 1;
}
