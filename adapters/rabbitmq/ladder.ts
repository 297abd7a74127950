import type { Clock } from '../../core/flow/ports.ts';
import type { CheckName, CheckResult, FailureClass, NodeProbe } from '../../core/model/probe.ts';
import { asFailure, type ProbeFailure } from './failure.ts';

/** What a rung's work may tell its ladder, and hear from it. */
export interface Rung {
  /** What it means to run out of time now; the work changes it as it gets further. */
  expiry: () => ProbeFailure;
  /** Whether the rung was left, by its end or by its deadline: nothing may go on after that. */
  over: boolean;
}

/** Runs the rungs one after another, each with the same deadline, and writes down what each of them found. */
export class Ladder {
  readonly checks: CheckResult[] = [];
  readonly timeoutMs: number;
  identity: NodeProbe['identity'] | null = null;
  certificateDaysLeft: number | null = null;
  readonly #clock: Clock;
  #lastFailure: ProbeFailure | null = null;

  constructor(clock: Clock, timeoutMs: number) {
    this.#clock = clock;
    this.timeoutMs = timeoutMs;
  }

  get failed(): boolean {
    return this.#lastFailure !== null;
  }

  /**
   * Climbs one rung: the work ends within the deadline or is left behind, and the result is written down.
   * @throws ProbeFailure when the rung was not passed.
   */
  async climb<T>(check: CheckName, expiry: ProbeFailure, work: (rung: Rung) => Promise<T>): Promise<T> {
    const startedAtMs = this.#clock.monotonicMs();
    const rung: Rung = { expiry: () => expiry, over: false };
    try {
      const result = await within(this.timeoutMs, work(rung), () => rung.expiry());
      this.pass(check, this.#clock.monotonicMs() - startedAtMs);
      return result;
    } catch (error) {
      const failure = asFailure(error);
      this.fail(check, failure, this.#clock.monotonicMs() - startedAtMs);
      throw failure;
    } finally {
      rung.over = true;
    }
  }

  pass(check: CheckName, latencyMs: number): void {
    this.checks.push({ check, status: 'pass', latencyMs: hundredths(latencyMs) });
  }

  fail(check: CheckName, failure: ProbeFailure, latencyMs = 0): void {
    this.#lastFailure = failure;
    const { failureClass, message: detail } = failure;
    this.checks.push({ check, status: 'fail', latencyMs: hundredths(latencyMs), class: failureClass, detail });
  }

  skip(check: CheckName, detail: string): void {
    this.checks.push({ check, status: 'skipped', detail });
  }

  /** Writes down those rungs that were not reached. */
  skipRest(names: CheckName[]): void {
    const reached = new Set(this.checks.map(({ check }) => check));
    for (const name of names) if (!reached.has(name)) this.skip(name, 'not reached');
  }

  /** Gives failures of one class another one, when something else has told what was behind them. */
  reclassify(from: FailureClass, to: FailureClass, because: string): void {
    for (const check of this.checks) {
      if (check.status !== 'fail' || check.class !== from) continue;
      check.class = to;
      check.detail = `${check.detail} (${because})`;
    }
  }
}

const hundredths = (ms: number) => Math.round(ms * 100) / 100;

/** The result of the work, or the failure made by `expired` after `ms` milliseconds, whichever comes first. */
export async function within<T>(ms: number, work: Promise<T>, expired: () => Error): Promise<T> {
  const deadline = Promise.withResolvers<never>();
  const timer = setTimeout(() => deadline.reject(expired()), ms);
  try {
    return await Promise.race([work, deadline.promise]);
  } finally {
    clearTimeout(timer);
  }
}
