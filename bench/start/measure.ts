import { spawn } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { findRuntimeClient } from './runtimeClient.ts';

/** One start of a function. */
export interface Start {
  /** From the start of the process to the moment in which it asks for its first event, in milliseconds. */
  readyMs: number;
  /** Size of the files of its bundle that it had loaded by then. */
  loadedBytes: number;
}

const client = findRuntimeClient();
const runtime = fileURLToPath(new URL('runtime.cjs', import.meta.url));
const patienceMs = 30_000;

/**
 * Starts a bundle as Lambda does, by AWS's own runtime client for Node.js (npm `aws-lambda-ric`), in a process of its own.
 * @param folder with `index.js`, which exports `handler` @throws Error that has what the function said, when it does not start
 */
export async function startOnce(folder: string, signal: AbortSignal): Promise<Start> {
  const env = {
    PATH: process.env.PATH ?? '',
    AWS_LAMBDA_RUNTIME_API: '127.0.0.1:1',
    AWS_LAMBDA_FUNCTION_NAME: 'bench',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_REGION: 'eu-west-1',
    LAMBDA_TASK_ROOT: folder,
    _HANDLER: 'index.handler',
  };
  const child = spawn(process.execPath, ['--require', runtime, client], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    signal: AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]),
    killSignal: 'SIGKILL',
  });
  const ended = new Promise<string>((resolve, reject) => child.on('error', reject).once('close', () => resolve('')));
  const output = [child.stdio[3], child.stdout, child.stderr].map((stream) => text(stream as Readable));
  const [told = '', ...said] = await Promise.all([...output, ended]);
  if (told === '') throw new Error(`${folder} did not start: ${said.join('')}`);
  const { readyMs, files } = JSON.parse(told) as { readyMs: number; files: string[] };
  const loaded = files.filter((file) => file.startsWith(join(folder, '/')));
  return { readyMs, loadedBytes: bytesOf(loaded) };
}

/** All code in a folder, in bytes. */
export function codeBytes(folder: string): number {
  const names = readdirSync(folder).filter((name) => name.endsWith('.js'));
  return bytesOf(names.map((name) => join(folder, name)));
}

const bytesOf = (paths: string[]) => paths.reduce((bytes, path) => bytes + statSync(path).size, 0);
