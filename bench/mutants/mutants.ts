import { acting } from './acting.ts';
import { deciding } from './deciding.ts';
import type { Mutant } from './mutant.ts';
import { observing } from './observing.ts';

/** Faults that somebody might make, in what observes, decides, claims and acts. Each must be noticed. */
export const mutants: Mutant[] = [...observing, ...deciding, ...acting];
