/** A deliberate fault: one place of a file, and what it is replaced by. */
export interface Mutant {
  /** What is wrong with it, in words. */
  what: string;
  /** From the root of the repository. */
  file: string;
  /** Occurs there exactly once. */
  from: string;
  to: string;
}

/** Faults of one file. */
export function faultsOf(
  file: string,
  faults: readonly (readonly [what: string, from: string, to: string])[],
): Mutant[] {
  return faults.map(([what, from, to]) => ({ file, what, from, to }));
}
