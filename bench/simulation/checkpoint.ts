import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Took, Totals } from './statistics.ts';

/** How far a long run has come. */
export interface Checkpoint {
  seed: number;
  /** The trace it began with. */
  from: number;
  /** The trace it goes on with. */
  next: number;
  took: Took;
  /** A digest of what is played and of who judges it. */
  sources: string;
  totals: Totals;
}

const root = join(import.meta.dirname, '..', '..');

/** Figures of different code are not to be added up. */
export function digestOfSources(): string {
  const hash = createHash('sha256');
  for (const file of globSync(['core/**/*.ts', 'adapters/memory/*.ts', 'bench/simulation/*.ts'], {
    cwd: root,
  }).toSorted())
    hash.update(file).update(readFileSync(join(root, file)));
  return hash.digest('hex').slice(0, 16);
}

/**
 * What a run that was interrupted left behind; null: there is none.
 * @param seed null: whichever it was
 * @throws Error where that was another run, or other code
 */
export function readCheckpoint(file: string, seed: number | null, from: number): Checkpoint | null {
  if (!existsSync(file)) return null;
  const found = JSON.parse(readFileSync(file, 'utf8')) as Checkpoint;
  const sources = digestOfSources();
  if (found.sources !== sources)
    throw new Error(
      `${file}: was written by other code (got ${found.sources}, expected ${sources}): remove it to begin anew`,
    );
  if (seed !== null && found.seed !== seed) throw new Error(`${file}: got seed ${found.seed}, expected ${seed}`);
  if (found.from !== from) throw new Error(`${file}: begins with trace ${found.from}, expected ${from}`);
  return found;
}

/** Whole or not at all. */
export function writeCheckpoint(file: string, checkpoint: Checkpoint): void {
  writeFileSync(`${file}.new`, JSON.stringify(checkpoint));
  renameSync(`${file}.new`, file);
}
