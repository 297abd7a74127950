import { CommanderError } from 'commander';
import { ConfigError } from '../adapters/system/loadConfig.ts';
import { SecretError } from '../adapters/system/secret.ts';
import { Refusal } from '../core/flow/control/control.ts';
import { StoreUnavailable } from '../core/flow/ports.ts';
import { LabError } from '../lab/errors.ts';

/** What the exit code of every command says; `warren --help` lists them. */
export const exitCodes = { done: 0, failed: 1, badInput: 2, refused: 3, interrupted: 130 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** A command ends with this sentence on stderr, and this exit code. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** How a command that threw ends: what it says, and its exit code. */
export function explainFailure(error: unknown): { message: string; exitCode: ExitCode } {
  if (error instanceof CommandError) return { message: error.message, exitCode: error.exitCode };
  if (error instanceof Refusal) return { message: error.message, exitCode: refusalExitCodes[error.kind] };
  if (error instanceof CommanderError) return { message: '', exitCode: commanderExitCode(error) };
  if (error instanceof ConfigError || error instanceof SecretError)
    return { message: error.message, exitCode: exitCodes.badInput };
  if (error instanceof StoreUnavailable || error instanceof LabError)
    return { message: error.message, exitCode: exitCodes.failed };
  if (error instanceof Error && error.name === 'AbortError')
    return { message: 'Interrupted.', exitCode: exitCodes.interrupted };
  const message = `Unexpected error: ${messageOf(error)} (WARREN_DEBUG=1 shows where)`;
  return { message, exitCode: exitCodes.failed };
}

const refusalExitCodes = {
  'bad-input': exitCodes.badInput,
  'not-found': exitCodes.badInput,
  refused: exitCodes.refused,
} as const;

/** Commander has said what is wrong; asking for help or the version is no mistake. */
function commanderExitCode({ exitCode }: CommanderError): ExitCode {
  return exitCode === 0 ? exitCodes.done : exitCodes.badInput;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
