import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { specifiersOf } from '../support/imports.ts';
import { manifestOf } from './install.ts';

/** Tests of what an installed package has and declares. */
export function describeContents(installed: () => string): void {
  const filesOf = (ending: RegExp) =>
    readdirSync(installed(), { recursive: true, encoding: 'utf8' }).filter((name) => ending.test(name));
  const read = (file: string) => readFileSync(join(installed(), file), 'utf8');
  const isThere = (path: string) => existsSync(join(installed(), path));
  const code = /\.(m?js|d\.ts)$/;

  /** The packages that files import. */
  function packagesIn(files: string[]): string[] {
    const specifiers = files.flatMap((file) => specifiersOf(read(file)));
    const bare = specifiers.filter((specifier) => !specifier.startsWith('.') && !isBuiltin(specifier));
    return [...new Set(bare.map((specifier) => /^(@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? ''))].sort();
  }

  describe('the packed package', () => {
    test('holds what was built, its types and pages for who uses it, and nothing that only this repository needs', () => {
      const own = ['CHANGELOG.md', 'LICENSE', 'README.md', 'bin', 'dist', 'docs', 'package.json'];
      expect(readdirSync(installed()).sort()).toEqual(own);
      const built = ['adapters', 'cli', 'core', 'docs', 'infra', 'lab', 'lambdas', 'package.json'];
      expect(readdirSync(join(installed(), 'dist', 'package')).sort()).toEqual(built);
      expect(filesOf(/(?<!\.d)\.ts$/)).toEqual([]);
    });

    test('has every file that its package.json offers', () => {
      const offered = read('package.json').match(/(?<=": ")(\.\/|bin\/)[^"]+/g) ?? [];
      expect(offered).toEqual(expect.arrayContaining(['bin/warren.mjs', './package.json']));
      expect(offered.filter((path) => !isThere(path))).toEqual([]);
    });

    test('has every file that one of its files imports, reads or starts', () => {
      const missing = filesOf(code).flatMap((file) => neededBy(file, read(file)).filter((path) => !isThere(path)));
      expect(missing).toEqual([]);
    });

    test('has every page that its sentences and comments name', () => {
      const named = filesOf(code).flatMap((file) => read(file).match(/\bdocs\/[\w/-]+\.md\b/g) ?? []);
      expect(new Set(named)).toContain('docs/runbook.md');
      expect(named.filter((page) => !isThere(page))).toEqual([]);
    });

    test('declares every package that it imports, and no other', () => {
      const { dependencies, peerDependencies } = manifestOf(installed());
      expect(Object.keys({ ...dependencies, ...peerDependencies }).sort()).toEqual(packagesIn(filesOf(code)));
    });

    test('asks nobody for the CDK who only wants the command', () => {
      const { peerDependencies, peerDependenciesMeta } = manifestOf(installed());
      const peers = Object.keys(peerDependencies);
      expect(peers.filter((name) => peerDependenciesMeta[name]?.optional !== true)).toEqual([]);
      const forCommand = filesOf(/\.m?js$/).filter((file) => !file.startsWith(join('dist', 'package', 'infra')));
      expect(packagesIn(forCommand).filter((name) => peers.includes(name))).toEqual([]);
    });

    test('brings no Node.js that would take the place of the one that is there', () => {
      expect(manifestOf(installed())).not.toHaveProperty('optionalDependencies');
    });
  });
}

/** The files beside a file that it names, relative to the package. */
function neededBy(file: string, text: string): string[] {
  const imported = specifiersOf(text).filter((specifier) => specifier.startsWith('.'));
  const read = [...text.matchAll(/new URL\('(\.[^']*)', import\.meta\.url\)/g)].map(([, path = '']) => path);
  const started = [...text.matchAll(/moduleFile\('([^']+)', import\.meta\.url\)/g)].map(([, name]) => `${name}.js`);
  // TypeScript looks for the types of `./x.ts` in `./x.d.ts`.
  const typed = imported.map((path) => (file.endsWith('.d.ts') ? path.replace(/(?<!\.d)\.ts$/, '.d.ts') : path));
  return [...typed, ...read, ...started].map((path) => join(file, '..', path));
}
