import { Worker } from 'node:worker_threads';
import type { Counted } from './statistics.ts';

/** Which traces of a seed: every `step`th from `from`, below `to`. */
export interface Stride {
  seed: number;
  from: number;
  to: number;
  step: number;
}

/** What a worker tells: a trace has begun, or what came of it. */
export type Told = { begun: number } | { counted: Counted };

/** Longer than any trace takes, on a busy machine as well. */
export const traceWithinMs = 60_000;

/** The promise that a trace breaks which never ends. */
export const endless = 'every-trace-ends';

/**
 * Plays traces in a thread of its own. One that does not end is given up: its outcome is that, and the others are played all the
 * same.
 */
export function startCrew(stride: Stride, onOutcome: (counted: Counted) => void, withinMs = traceWithinMs) {
  let worker: Worker;
  const play = (from: number): Promise<void> =>
    new Promise((resolve, reject) => {
      worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: { ...stride, from } });
      let timer: NodeJS.Timeout | undefined;
      let isGivenUp = false;
      const giveUp = async (number: number) => {
        isGivenUp = true;
        onOutcome(unending(stride.seed, number, withinMs));
        await worker.terminate();
        resolve(play(number + stride.step));
      };
      worker.on('message', (told: Told) => {
        clearTimeout(timer);
        if (isGivenUp) return;
        if ('begun' in told) timer = setTimeout(() => void giveUp(told.begun), withinMs);
        else onOutcome(told.counted);
      });
      worker.once('error', reject);
      worker.once('exit', () => {
        clearTimeout(timer);
        if (!isGivenUp) resolve();
      });
    });
  const ended = play(stride.from);
  return { ended, stop: () => worker.terminate() };
}

function unending(seed: number, number: number, withinMs: number): Counted {
  const detail = `seed ${seed}, trace ${number} has not ended after ${withinMs / 1_000} s`;
  const violations = [{ atMs: 0, invariant: endless, detail }];
  return { seed, number, violations, moves: [], outagesMs: [], virtualMs: 0, turns: 0 };
}
