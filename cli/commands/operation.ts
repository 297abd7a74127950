import { reportText } from '../../core/explain/report.ts';
import { withControl } from '../control.ts';
import { type ExitCode, exitCodes } from '../failure.ts';
import { print, printJson, wrap } from '../layout.ts';
import type { SourceOptions } from '../source.ts';

/** `warren operation`: where something that was asked for stands, as a report that can be pasted into a channel. */
export function operation(id: string, options: SourceOptions & { json?: boolean }): Promise<ExitCode> {
  return withControl(options, async ({ control }) => {
    const found = await control.operation(id);
    if (options.json) printJson(found);
    else print('operation' in found ? reportText(found.operation) : wrap(found.sentence, 0));
    return exitCodes.done;
  });
}
