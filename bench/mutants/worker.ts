import { registerHooks } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import type { Mutant } from './mutant.ts';

/** Loads the core with one fault in it, and plays traces until one of them breaks a promise. */
const { mutant, seed, traces } = workerData as { mutant: Mutant; seed: number; traces: number };

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (!url.endsWith(`/${mutant.file}`)) return loaded;
    const source = String(loaded.source);
    if (!source.includes(mutant.from)) throw new Error(`${mutant.file} has no ${JSON.stringify(mutant.from)}`);
    return { ...loaded, source: source.replace(mutant.from, () => mutant.to) };
  },
});

// Only now, so that the hook sees them.
const { createTrace } = await import('../simulation/trace.ts');
const { runTrace } = await import('../simulation/run.ts');

Error.stackTraceLimit = 2;
for (let number = 0; number < traces; number += 1) {
  const [violation] = (await runTrace(createTrace(seed, number))).violations;
  parentPort?.postMessage({ number, broken: violation ?? null });
  if (violation) break;
}
