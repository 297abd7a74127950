import { type ChangeOptions, changeAndPrint } from '../control.ts';
import type { ExitCode } from '../failure.ts';

/** `warren retry`: a stalled operation tries again, from the step that failed. */
export function retry(name: string, options: ChangeOptions): Promise<ExitCode> {
  return changeAndPrint(options, (control, caller, why) => control.retry(caller, name, why));
}
