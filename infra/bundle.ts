import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'esbuild';
import { parse } from 'yaml';
import { loadConfig } from '../adapters/system/loadConfig.ts';
import { documentFile } from '../lambdas/api/contract.ts';
import { configFile } from '../lambdas/shared/contract.ts';
import { loadEsbuild } from './esbuild.ts';

export const functionNames = ['watch', 'api', 'alarm'] as const;
export type FunctionName = (typeof functionNames)[number];

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Makes what is deployed: a folder per function, each with `index.js`, which exports `handler`, and with the configuration as it
 * was written, checked and turned into JSON. What these folders held before is removed.
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
  await Promise.all(functionNames.map((name) => bundle(name, join(folders[name] ?? '', 'index.js'))));
  cpSync(join(root, 'docs', documentFile), join(folders.api ?? '', documentFile));
  return folders as Record<FunctionName, string>;
}

/** CommonJS, because it starts faster than a module, and what many packages are written in anyway. */
async function bundle(name: FunctionName, outfile: string): Promise<void> {
  const { build } = await loadEsbuild();
  await build({
    // As this module itself: TypeScript in a clone, JavaScript in an installed package.
    entryPoints: [join(root, 'lambdas', name, `handler${extname(import.meta.url)}`)],
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    // Of packages that have both forms, the one that only contains what is used.
    mainFields: ['module', 'main'],
    // As undici's own build for Node sets it: without a second HTTP parser that is off unless it is asked for.
    define: { esbuildDetection: '1' },
    plugins: [lessUndici],
    logLevel: 'warning',
  });
}

/** Of undici what our adapters import from it, and not what its index loads beside it: a quarter of a bundle, and of its start. */
const lessUndici: Plugin = {
  name: 'less-undici',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^undici$/ }, () => ({ path: 'undici', namespace: 'less-undici' }));
    onLoad({ filter: /^undici$/, namespace: 'less-undici' }, () => ({ contents: undiciRequest, resolveDir: root }));
  },
};

/** `request` as undici's index makes it, for callers that name a dispatcher. */
const undiciRequest = `
const request = require('undici/lib/api/api-request');
const { parseURL } = require('undici/lib/core/util');
exports.Agent = require('undici/lib/dispatcher/agent');
exports.request = (url, { dispatcher, ...options }) => {
  const { origin, pathname, search } = parseURL(url);
  return request.call(dispatcher, { ...options, origin, path: pathname + search, method: options.method ?? 'GET' });
};
`;

// In a function: what awaits at its top level cannot be required by an app in CommonJS.
async function main([configPath = 'warren.yaml', outDir = 'dist/functions']: string[]): Promise<void> {
  for (const folder of Object.values(await bundleFunctions(outDir, configPath))) console.log(folder);
}

if (import.meta.main) void main(process.argv.slice(2));
