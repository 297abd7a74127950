import { type ChangeOptions, changeAndPrint } from '../control.ts';
import type { ExitCode } from '../failure.ts';

interface AckOptions extends ChangeOptions {
  adopt?: boolean;
  restore?: boolean;
}

/** `warren ack`: a person has seen what happened. Releases the latch and the cooldown, or answers a foreign edit. */
export function ack(name: string, options: AckOptions): Promise<ExitCode> {
  const drift = options.adopt ? 'adopt' : options.restore ? 'restore' : undefined;
  return changeAndPrint(options, (control, caller, why) => control.ack(caller, name, { ...why, drift }));
}
