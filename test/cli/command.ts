import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';

const entry = new URL('../../bin/warren.mjs', import.meta.url).pathname;

/** How a command ended. */
export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A command that runs: what it printed so far, and its end. */
export interface Running {
  readonly child: ChildProcess;
  stdout(): string;
  ended: Promise<Ended>;
  /** Resolves once stdout holds the text. Rejects when the command ends before. */
  untilPrinted(text: string): Promise<void>;
}

/** A folder for the files of one test file. Nothing of the person who runs the tests reaches the commands run in it. */
export interface Place {
  readonly folder: string;
  path(name: string): string;
  write(name: string, text: string): string;
  start(words: string[], environment?: Record<string, string>): Running;
  run(words: string[], environment?: Record<string, string>): Promise<Ended>;
  remove(): void;
}

/** The real program, as people start it, in a folder of its own. `program`: another one than this clone's. */
export function createPlace(program = entry): Place {
  const folder = mkdtempSync(join(tmpdir(), 'warren-cli-'));
  const path = (name: string) => join(folder, name);
  const ownEnvironment = { PATH: process.env.PATH ?? '', HOME: folder, WARREN_LAB_DIR: path('no-lab') };
  const start = (words: string[], environment: Record<string, string> = {}): Running => {
    const env = { ...ownEnvironment, ...environment };
    // With a channel, as every launcher of ours opens one.
    const stdio = ['ignore' as const, 'pipe' as const, 'pipe' as const, 'ipc' as const];
    return follow(spawn(process.execPath, [program, ...words], { cwd: folder, env, stdio }));
  };
  return {
    folder,
    path,
    start,
    run: (words, environment) => start(words, environment).ended,
    write(name, text) {
      writeFileSync(path(name), text);
      return path(name);
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function follow(child: ChildProcess): Running {
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  // Not `close`: it does not come once the channel was closed from this end.
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', async (code) => {
      await Promise.all([stdout.whole, stderr.whole]);
      resolve({ code, stdout: stdout.text(), stderr: stderr.text() });
    });
  });
  return {
    child,
    ended,
    stdout: stdout.text,
    untilPrinted: (text) =>
      new Promise((resolve, reject) => {
        const look = () => stdout.text().includes(text) && resolve();
        look();
        child.stdout?.on('data', look);
        void ended.then((end) => reject(new Error(`ended before it said "${text}": ${end.stdout}${end.stderr}`)));
      }),
  };
}

function collect(stream: Readable | null): { text: () => string; whole: Promise<void> } {
  let text = '';
  stream?.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  return { text: () => text, whole: stream ? finished(stream) : Promise.resolve() };
}

/** Two one-node sites and a HAProxy, on addresses where nobody answers. */
export function unreachableConfig({ failover = '{ mode: automatic, quorum: 1 }', more = '' } = {}): string {
  const site = (address: string) =>
    `{ nodes: [{ name: rabbit@one, amqp: "amqp://${address}:1" }], probeCredentials: "env:PROBE" }`;
  return `version: 1
pairs:
  - name: demo
    primary: beijing
    standby: shanghai
    sites:
      beijing: ${site('127.0.77.1')}
      shanghai: ${site('127.0.77.2').replace('rabbit@one', 'rabbit@two')}
    failover: ${failover}
    ${more}
    targets: [{ haproxy: { address: "127.0.77.9:1", backend: amqp, servers: { beijing: [bj1], shanghai: [sh1] } } }]
`;
}

export const probeEnvironment = { PROBE: 'probe:a-secret-password' };
