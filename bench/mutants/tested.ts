import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Mutant } from './mutant.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Neither sources nor needed by them; node_modules are shared. */
const leftOut = ['node_modules', '.git', 'dist', 'cdk.out', 'coverage'];
/** What tests the core alone, and needs nothing else. */
const paths = ['test/core', 'test/scenarios'];
const withinMs = 300_000;

/** A copy of the sources in which mutants are put one after the other. */
export interface Copy {
  /** The first test that fails with the mutant, or, null: with none; null: none does. */
  test(mutant: Mutant | null): Promise<string | null>;
  remove(): void;
}

export function copySources(): Copy {
  const folder = mkdtempSync(join(tmpdir(), 'warren-mutant-'));
  cpSync(root, folder, { recursive: true, filter: (path) => !leftOut.includes(relative(root, path)) });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  return {
    async test(mutant) {
      if (mutant === null) return firstFailure(folder);
      const { file, from, to } = mutant;
      const path = join(folder, file);
      const source = readFileSync(path, 'utf8');
      writeFileSync(
        path,
        source.replace(from, () => to),
      );
      try {
        return await firstFailure(folder);
      } finally {
        writeFileSync(path, source);
      }
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** @returns its name; null: all pass */
async function firstFailure(folder: string): Promise<string | null> {
  const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  const options = ['--experimental-vm-modules', '--no-warnings', jest, ...paths, '--bail', '--runInBand'];
  const child = spawn(process.execPath, options, {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: withinMs,
  });
  let told = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    told += text;
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code === 0) return null;
  if (code === null) return 'tests that never end';
  // With `--bail` jest writes no report.
  return told.match(/^ {2}● (.+)$/m)?.[1] ?? 'a suite that cannot be loaded';
}
