import { type ChangeOptions, changeAndPrint } from '../control.ts';
import type { ExitCode } from '../failure.ts';

/** `warren approve`: a person agrees to the move that Warren is waiting to make. All guards are asked again. */
export function approve(name: string, options: ChangeOptions): Promise<ExitCode> {
  return changeAndPrint(options, (control, caller, why) => control.approve(caller, name, why));
}
