import { parentPort, workerData } from 'node:worker_threads';
import type { Stride, Told } from './crew.ts';
import { runTrace } from './run.ts';
import { createTrace } from './trace.ts';

/** Plays every `step`th trace of a range, and tells what came of each. */
const { seed, from, to, step } = workerData as Stride;
const tell = (told: Told) => parentPort?.postMessage(told);

// Aborted signals are how the loop is woken, and each carries a stack that nobody reads.
Error.stackTraceLimit = 2;
for (let number = from; number < to; number += step) {
  tell({ begun: number });
  const { transcript: _, ...counted } = await runTrace(createTrace(seed, number));
  tell({ counted });
}
