import { spawn } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { LabError } from './errors.ts';

/** The environment variable that marks every process of a lab; its value is the lab's directory. */
export const labMark = 'WARREN_LAB';

/** A process of the lab, as /proc shows it. */
export interface LabProcess {
  readonly pid: number;
  readonly command: string;
  readonly nodeName: string | undefined;
  readonly stopped: boolean;
}

/**
 * Every process that carries the lab's mark, found in /proc. Pid files are no help: a second start of a running node
 * deletes its pid file, and a crash of the parent loses what it remembered.
 */
export function labProcesses(directory: string): readonly LabProcess[] {
  return processIds().flatMap((pid) => readLabProcess(pid, directory) ?? []);
}

/** Sends a signal to each process that still exists. */
export function signalAll(processes: readonly LabProcess[], signal: NodeJS.Signals): void {
  for (const { pid } of processes) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if (!hasCode(error, 'ESRCH')) throw error;
    }
  }
}

/**
 * Starts a program that outlives this process, marked as part of the lab, its output going to a file.
 * Throws a LabError if the program cannot be started.
 */
export async function startDetached(
  directory: string,
  command: readonly [string, ...string[]],
  options: { readonly outputFile: string; readonly environment?: Readonly<Record<string, string>> },
): Promise<number> {
  const [program, ...programArguments] = command;
  const output = openSync(options.outputFile, 'a');
  try {
    const child = spawn(program, programArguments, {
      cwd: directory,
      detached: true,
      stdio: ['ignore', output, output],
      env: { PATH: searchPath(), LANG: 'C.UTF-8', ...options.environment, [labMark]: directory },
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', (error) => reject(new LabError(`Could not start ${program}: ${error.message}.`)));
    });
    child.unref();
    return child.pid ?? 0;
  } finally {
    closeSync(output);
  }
}

/** Ids of all processes that /proc lists. */
export function processIds(): readonly number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number);
}

/** PATH with the places where Debian keeps daemons, which a plain user's PATH lacks. */
export function searchPath(): string {
  return `${process.env.PATH ?? '/usr/bin:/bin'}:/usr/sbin:/sbin`;
}

function readLabProcess(pid: number, directory: string): LabProcess | undefined {
  if (pid === process.pid) return undefined;
  try {
    const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    if (!environment.includes(`${labMark}=${directory}`)) return undefined;
    // "pid (command) state …": the command may hold spaces and brackets, so cut at the last bracket.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const state = stat.charAt(stat.lastIndexOf(')') + 2);
    if (state === 'Z' || state === 'X') return undefined;
    const nodeVariable = environment.find((variable) => variable.startsWith('RABBITMQ_NODENAME='));
    return {
      pid,
      command: stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')')),
      nodeName: nodeVariable?.slice('RABBITMQ_NODENAME='.length),
      stopped: state === 'T',
    };
  } catch {
    return undefined; // gone meanwhile, or another user's
  }
}

export function hasCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}
