import { withControl } from '../control.ts';
import { type ExitCode, exitCodes } from '../failure.ts';
import { print, printJson, wrap } from '../layout.ts';
import type { SourceOptions } from '../source.ts';
import { operationPage } from './history.ts';

/** `warren operation`: where something that was asked for stands, with its steps. */
export function operation(id: string, options: SourceOptions & { json?: boolean }): Promise<ExitCode> {
  return withControl(options, async ({ control }) => {
    const found = await control.operation(id);
    if (options.json) printJson(found);
    else print('operation' in found ? operationPage(found.operation) : wrap(found.sentence, 0));
    return exitCodes.done;
  });
}
