import fc from 'fast-check';

/**
 * How properties are run: the same examples every time, so that a failure is seen again. A failure names its seed and path, which
 * `SEED=… RUNS=…` brings back; other seeds look elsewhere.
 */
const parameters = { seed: Number(process.env.SEED ?? 20_181_021), numRuns: Number(process.env.RUNS ?? 300) };

/** Asserts that it holds for many values. @throws with the smallest counterexample that was found, its seed and its path */
export function holdsFor<Values extends [unknown, ...unknown[]]>(
  arbitraries: { [Index in keyof Values]: fc.Arbitrary<Values[Index]> },
  check: (...values: Values) => void,
): void {
  fc.assert(fc.property(...arbitraries, check), parameters);
}

/** The same for what takes its time. */
export function holdsForAll<Values extends [unknown, ...unknown[]]>(
  arbitraries: { [Index in keyof Values]: fc.Arbitrary<Values[Index]> },
  check: (...values: Values) => Promise<void>,
): Promise<void> {
  return fc.assert(fc.asyncProperty(...arbitraries, check), parameters);
}
