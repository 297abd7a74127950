import { Worker } from 'node:worker_threads';
import { traceWithinMs } from '../simulation/crew.ts';
import type { Violation } from '../simulation/judge.ts';
import type { Mutant } from './mutant.ts';

/** What the simulator said of a mutant: the promise it broke and in which trace, or null: nothing was noticed. */
export interface Caught {
  by: string;
  trace: number;
}

/** It does nothing wrong, it cannot run: code that nobody would have kept. */
export class BrokenMutant extends Error {}

/** What the engine says of code that is none. */
const noCode = /\b(TypeError|ReferenceError|SyntaxError)\b/;

/** Plays traces with the mutant until one breaks a promise, at most so many. @throws BrokenMutant */
export async function simulateMutant(mutant: Mutant, seed: number, traces: number): Promise<Caught | null> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: { mutant, seed, traces } });
  let trace = 0;
  try {
    return await new Promise((resolve, reject) => {
      const stuck = () => resolve({ by: 'a turn that never ends', trace });
      let timer = setTimeout(stuck, traceWithinMs);
      worker.on('message', ({ number, broken }: { number: number; broken: Violation | null }) => {
        clearTimeout(timer);
        timer = setTimeout(stuck, traceWithinMs);
        trace = number + 1;
        if (broken === null) return;
        if (broken.invariant === 'never-rejects' && noCode.test(broken.detail)) reject(new BrokenMutant(broken.detail));
        else resolve({ by: broken.invariant, trace: number });
      });
      worker.once('error', reject);
      worker.once('exit', () => {
        clearTimeout(timer);
        resolve(null);
      });
    });
  } finally {
    await worker.terminate();
  }
}
