import { setTimeout as sleepFor } from 'node:timers/promises';
import { LabError } from './errors.ts';

export interface WaitOptions {
  /** What is awaited, as it reads in "Gave up after 60 s waiting for …". */
  readonly what: string;
  readonly timeoutMs: number;
  readonly everyMs?: number;
  readonly signal?: AbortSignal | undefined;
  /** Called before each question; may help along, and throws when there is no point in waiting on. */
  readonly meanwhile?: (() => Promise<void>) | undefined;
}

/** Sleeps for `ms` milliseconds. Rejects with an AbortError when the signal fires. */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  await sleepFor(ms, undefined, signal === undefined ? {} : { signal });
}

/**
 * Asks again and again until `reasonToWait` answers undefined; any other answer is the reason why not yet.
 * Throws a LabError with the last reason after `timeoutMs`.
 */
export async function until(reasonToWait: () => Promise<string | undefined>, options: WaitOptions): Promise<void> {
  const deadlineAt = performance.now() + options.timeoutMs;
  for (;;) {
    options.signal?.throwIfAborted();
    await options.meanwhile?.();
    const reason = await reasonToWait();
    if (reason === undefined) return;
    if (performance.now() >= deadlineAt) {
      throw new LabError(`Gave up after ${options.timeoutMs / 1000} s waiting for ${options.what}: ${reason}.`);
    }
    await sleep(options.everyMs ?? 250, options.signal);
  }
}
