import { writeFileSync } from 'node:fs';
import { exampleConfig } from '../../adapters/system/exampleConfig.ts';
import { CommandError, type ExitCode, exitCodes, messageOf } from '../failure.ts';
import { print } from '../layout.ts';

/** `warren init`: writes the commented example. A file that is there is somebody's work. */
export async function init(path: string, { force = false }: { force?: boolean }): Promise<ExitCode> {
  try {
    writeFileSync(path, exampleConfig(), { flag: force ? 'w' : 'wx' });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST')
      throw new CommandError(`${path} is there already; --force replaces it.`, exitCodes.refused);
    throw new CommandError(`${path} cannot be written: ${messageOf(error)}.`, exitCodes.failed);
  }
  print(
    `Wrote ${path}. Put in your sites and nodes, then check it with: warren validate --config ${path}`,
    'Its mode is observe: Warren says what it would do, and moves nothing.',
  );
  return exitCodes.done;
}
