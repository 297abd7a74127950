import { type ChildProcess, spawn } from 'node:child_process';
import type { WarrenEvent } from '../core/model/event.ts';
import { moduleFile } from './moduleFile.ts';

const entry = moduleFile('main', import.meta.url);

/** `warren run` as a process of its own, as a user would start it. */
export interface ServiceProcess {
  readonly pid: number;
  /** Resolves when it ended, with what it said on stderr. Never rejects. */
  readonly ended: Promise<string>;
  /** Asks it to stop, insists after a while, and waits for the end. */
  stop(): Promise<void>;
}

export interface ServiceProcessOptions {
  configPath: string;
  onEvent: (event: WarrenEvent) => void;
  /** Beside this process's own environment. */
  environment?: Record<string, string>;
  /** What Node is to run instead of `warren run`. */
  words?: readonly string[];
}

const patienceMs = 8_000;

/**
 * Starts `warren run`. In a process group of its own, so that Ctrl-C on the terminal does not reach it before it is asked to
 * stop; over the channel it notices when this process dies.
 */
export function startService({ configPath, onEvent, environment, words }: ServiceProcessOptions): ServiceProcess {
  const child = spawn(process.execPath, words ?? [entry, 'run', '--config', configPath, '--json'], {
    detached: true,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  onLines(child, onEvent);
  let complaint = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-4_000);
  });
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', () => resolve(complaint.trim()));
  });
  return { pid: child.pid ?? 0, ended, stop: () => stop(child, ended) };
}

async function stop(child: ChildProcess, ended: Promise<string>): Promise<void> {
  child.kill('SIGTERM');
  const insist = setTimeout(() => child.kill('SIGKILL'), patienceMs);
  await ended;
  clearTimeout(insist);
}

function onLines({ stdout }: ChildProcess, onEvent: (event: WarrenEvent) => void): void {
  let rest = '';
  stdout?.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onEvent(JSON.parse(line) as WarrenEvent);
  });
}
