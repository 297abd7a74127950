import type { Clock } from '../../core/flow/ports.ts';

/** The longest delay a timer takes; a longer one would fire at once (Node.js documentation, `setTimeout`). */
const longestTimerMs = 2 ** 31 - 1;

/** The clocks of this machine. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  async sleep(ms, signal) {
    for (let leftMs = ms; leftMs > 0 && !signal?.aborted; leftMs -= longestTimerMs)
      await sleepOnce(Math.min(leftMs, longestTimerMs), signal);
  },
};

function sleepOnce(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', wake);
      resolve();
    };
    const timer = setTimeout(wake, ms);
    signal?.addEventListener('abort', wake);
  });
}
