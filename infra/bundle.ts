import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BuildOptions, Metafile } from 'esbuild';
import { parse } from 'yaml';
import { loadConfig } from '../adapters/system/loadConfig.ts';
import { documentFile } from '../lambdas/api/contract.ts';
import { configFile } from '../lambdas/shared/contract.ts';
import { loadEsbuild } from './esbuild.ts';
import { lessSdk } from './lessSdk.ts';

export const functionNames = ['watch', 'api', 'alarm'] as const;
export type FunctionName = (typeof functionNames)[number];

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Makes what is deployed: a folder per function, each with `index.js`, which exports `handler`, with the parts that it loads, and
 * with the configuration as it was written, checked and turned into JSON. What these folders held before is removed.
 * @returns the folder of each function @throws ConfigError
 */
export async function bundleFunctions(outDir: string, configPath: string): Promise<Record<FunctionName, string>> {
  loadConfig(configPath);
  const config = `${JSON.stringify(parse(readFileSync(configPath, 'utf8')), null, 2)}\n`;
  const folders = Object.fromEntries(functionNames.map((name) => [name, resolve(outDir, name)]));
  for (const folder of Object.values(folders)) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, configFile), config);
  }
  // As this module itself: TypeScript in a clone, JavaScript in an installed package.
  const handlerOf = (name: string) => join(root, 'lambdas', name, `handler${extname(import.meta.url)}`);
  await Promise.all(Object.entries(folders).map(([name, folder]) => bundle(handlerOf(name), folder)));
  cpSync(join(root, 'docs', documentFile), join(folders.api ?? '', documentFile));
  return folders as Record<FunctionName, string>;
}

const settings = {
  minify: true,
  platform: 'node',
  target: 'node24',
  logLevel: 'warning',
} as const satisfies BuildOptions;

/**
 * Writes `index.js`, which is what a function needs at once, and beside it what it may load later. esbuild takes only modules
 * apart; they become CommonJS afterwards, because that starts faster.
 */
export async function bundle(entryPoint: string, folder: string): Promise<void> {
  const { build, transform } = await loadEsbuild();
  const { outputFiles, metafile } = await build({
    ...settings,
    entryPoints: { index: entryPoint },
    outdir: folder,
    bundle: true,
    format: 'esm',
    splitting: true,
    // Of packages that have both forms, the one that only contains what is used.
    mainFields: ['module', 'main'],
    plugins: [lessSdk],
    metafile: true,
    write: false,
  });
  const needed = filesNeeded(metafile);
  mkdirSync(folder, { recursive: true });
  for (const { path, text } of outputFiles) {
    if (!needed.has(basename(path))) continue;
    const { code } = await transform(text, { ...settings, format: 'cjs', supported: { 'dynamic-import': false } });
    writeFileSync(path, code);
  }
}

/** Names of the files that `index.js` leads to: esbuild also writes what only unused code would load. */
function filesNeeded({ outputs }: Metafile): Set<string> {
  const importsOf = new Map(
    Object.entries(outputs).map(([path, { imports }]) => [basename(path), imports.map((each) => basename(each.path))]),
  );
  const needed = new Set(['index.js']);
  // A set goes on with what is added meanwhile.
  for (const name of needed) for (const each of importsOf.get(name) ?? []) needed.add(each);
  return needed;
}

// In a function: what awaits at its top level cannot be required by an app in CommonJS.
async function main([configPath = 'warren.yaml', outDir = 'dist/functions']: string[]): Promise<void> {
  for (const folder of Object.values(await bundleFunctions(outDir, configPath))) console.log(folder);
}

if (import.meta.main) void main(process.argv.slice(2));
