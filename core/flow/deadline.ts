import type { Clock } from './ports.ts';

/**
 * The work's result, or a rejection once the signal aborts: not everything that is awaited listens to a signal.
 * @param late what it is rejected with then
 */
export async function within<T>(
  signal: AbortSignal,
  work: Promise<T>,
  late = (): Error => new Error('no answer in time'),
): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(late());
  signal.addEventListener('abort', abort);
  if (signal.aborted) abort();
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** Does some work under a signal that aborts after this long on the clock, or once the work is done. */
export async function withDeadline<T>(clock: Clock, ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const done = new AbortController();
  const over = new AbortController();
  void clock.sleep(ms, done.signal).then(() => over.abort());
  try {
    return await work(over.signal);
  } finally {
    done.abort();
  }
}
