import type { Clock } from '../../core/flow/ports.ts';

/** The time that is left for something, in whole milliseconds. */
export class Budget {
  readonly #clock: Clock;
  readonly #untilMs: number;

  constructor(clock: Clock, budgetMs: number) {
    this.#clock = clock;
    this.#untilMs = clock.monotonicMs() + budgetMs;
  }

  get leftMs(): number {
    return Math.max(0, Math.ceil(this.#untilMs - this.#clock.monotonicMs()));
  }

  /** A part of what is left, for something that must leave time for what comes after it. */
  part(fraction: number, longestMs = Number.POSITIVE_INFINITY): Budget {
    return new Budget(this.#clock, Math.min(this.leftMs * fraction, longestMs));
  }
}
