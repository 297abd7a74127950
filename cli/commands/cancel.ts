import { type ChangeOptions, changeAndPrint } from '../control.ts';
import type { ExitCode } from '../failure.ts';

/** `warren cancel`: calls off what is asked for, scheduled or about to happen; ends the hold of a drill. */
export function cancel(id: string, options: ChangeOptions): Promise<ExitCode> {
  return changeAndPrint(options, (control, caller, why) => control.cancel(caller, id, why));
}
