import { execFile } from 'node:child_process';
import { searchPath } from './processes.ts';

export interface CommandResult {
  readonly ok: boolean;
  readonly output: string;
}

export interface CommandOptions {
  readonly timeoutMs: number;
  readonly input?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Runs a program to its end, at most `timeoutMs`, and returns what it printed. Never throws. */
export async function run(command: readonly [string, ...string[]], options: CommandOptions): Promise<CommandResult> {
  const [program, ...programArguments] = command;
  return await new Promise((resolve) => {
    const child = execFile(
      program,
      programArguments,
      {
        timeout: options.timeoutMs,
        killSignal: 'SIGKILL',
        env: { PATH: searchPath(), LANG: 'C.UTF-8', ...options.environment },
      },
      (error, stdout, stderr) => {
        const printed = `${stdout}${stderr}`.trim();
        resolve({ ok: error === null, output: printed === '' && error !== null ? error.message : printed });
      },
    );
    child.stdin?.on('error', () => undefined); // it ended without reading
    child.stdin?.end(options.input ?? '');
  });
}
