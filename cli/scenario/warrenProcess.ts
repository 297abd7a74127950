import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { WarrenEvent } from '../../core/model/event.ts';

/** Where a process is made to end itself as by kill -9; see crashingRun.ts. */
export type CrashPoint = 'after-claim' | 'after-commit' | 'after-flip';

export interface WarrenProcessOptions {
  configPath: string;
  environment: Record<string, string>;
  /** Called with every event, as it arrives. */
  onEvent: (event: WarrenEvent) => void;
  crashAt?: CrashPoint;
}

/** A running `warren run --json`, with what it said. */
export interface WarrenProcess {
  readonly events: readonly WarrenEvent[];
  /** The first event from `since` (an index into `events`) that matches, once it is there. Rejects after `timeoutMs`. */
  until(matches: (event: WarrenEvent) => boolean, options: UntilOptions): Promise<WarrenEvent>;
  /** Resolves when the process has ended, whatever ended it. */
  readonly ended: Promise<void>;
  /** Ends it in order (SIGTERM), or at once after two seconds. */
  stop(): Promise<void>;
  /** kill -9. */
  kill(): Promise<void>;
}

export interface UntilOptions {
  what: string;
  timeoutMs: number;
  since?: number;
}

/** Starts the same service that people run, as a process of its own. */
export function startWarren(options: WarrenProcessOptions): WarrenProcess {
  const { configPath, environment, crashAt } = options;
  const entry = crashAt
    ? [new URL('crashingRun.ts', import.meta.url).pathname, crashAt, configPath]
    : [new URL('../main.ts', import.meta.url).pathname, 'run', '--config', configPath, '--json'];
  const child = spawn(process.execPath, entry, {
    env: { ...process.env, ...environment },
    // The channel lets it notice when this process is killed.
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  return follow(child, options.onEvent);
}

function follow(child: ChildProcess, onEvent: (event: WarrenEvent) => void): WarrenProcess {
  const events: WarrenEvent[] = [];
  const waiters = new Set<() => void>();
  const wake = () => {
    for (const check of [...waiters]) check();
  };
  let complaint = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-2_000);
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  void ended.then(wake);
  if (child.stdout) {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const event = parseEvent(line);
      if (!event) return;
      events.push(event);
      onEvent(event);
      wake();
    });
  }
  const isOver = () => child.exitCode !== null || child.signalCode !== null;

  return {
    events,
    ended,
    until: (matches, { what, timeoutMs, since = 0 }) =>
      new Promise((resolve, reject) => {
        const finish = (act: () => void) => {
          waiters.delete(check);
          clearTimeout(timer);
          act();
        };
        const check = () => {
          const found = events.slice(since).find(matches);
          if (found) finish(() => resolve(found));
          else if (isOver())
            finish(() => reject(new Error(`warren ended while waiting for ${what}. ${complaint.trim()}`)));
        };
        const timer = setTimeout(
          () => finish(() => reject(new Error(`not seen within ${Math.round(timeoutMs / 1_000)} s: ${what}`))),
          timeoutMs,
        );
        waiters.add(check);
        check();
      }),
    async stop() {
      if (isOver()) return;
      child.kill('SIGTERM');
      const hard = setTimeout(() => child.kill('SIGKILL'), 2_000);
      await ended;
      clearTimeout(hard);
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

function parseEvent(line: string): WarrenEvent | undefined {
  try {
    return JSON.parse(line) as WarrenEvent;
  } catch {
    return undefined;
  }
}
