import { longestPauseMs } from '../../core/flow/control/refuse.ts';
import { duration, formatDuration } from '../../core/model/duration.ts';
import { type ChangeOptions, changeAndPrint } from '../control.ts';
import { CommandError, type ExitCode, exitCodes } from '../failure.ts';

interface SubjectOptions extends ChangeOptions {
  all?: boolean;
}

/** `warren pause`: no automatic operation and no repair for a while, of a pair or of all. */
export async function pause(name: string | undefined, options: SubjectOptions & { for: string }): Promise<ExitCode> {
  const pair = requireSubject(name, options);
  const untilMs = endOf(options.for);
  return await changeAndPrint(options, (control, caller, why) => control.pause(caller, pair, { ...why, untilMs }));
}

/** `warren resume`: ends the pause of a pair, or that of all. */
export async function resume(name: string | undefined, options: SubjectOptions): Promise<ExitCode> {
  const pair = requireSubject(name, options);
  return await changeAndPrint(options, (control, caller, why) => control.resume(caller, pair, why));
}

interface MaintenanceOptions extends Omit<ChangeOptions, 'reason'> {
  reason?: string;
  for?: string;
  end?: boolean;
}

/** `warren maintenance`: for a while failures of a site move nothing, and it is no destination; `--end` ends that. */
export async function maintenance(name: string, site: string, options: MaintenanceOptions): Promise<ExitCode> {
  const { reason, for: length, end } = options;
  if (reason === undefined || (length === undefined) !== (end === true))
    throw new CommandError(
      'Maintenance needs --reason and --for, or --reason and --end to end it.',
      exitCodes.badInput,
    );
  const given = { ...options, reason };
  if (length === undefined)
    return await changeAndPrint(given, (control, caller, why) => control.endMaintenance(caller, name, site, why));
  const untilMs = endOf(length);
  return await changeAndPrint(given, (control, caller, why) =>
    control.maintain(caller, name, site, { ...why, untilMs }),
  );
}

/** @returns the name of a pair; null: all of them */
function requireSubject(name: string | undefined, { all = false }: SubjectOptions): string | null {
  if ((name === undefined) === all) return name ?? null;
  throw new CommandError('Name one pair, or say --all.', exitCodes.badInput);
}

function endOf(length: string): number {
  const parsed = duration.safeParse(length);
  if (parsed.success && parsed.data > 0 && parsed.data <= longestPauseMs) return Date.now() + parsed.data;
  const expected = `expected a duration such as 30m or 2h, at most ${formatDuration(longestPauseMs)}`;
  throw new CommandError(`--for: got "${length}", ${expected}.`, exitCodes.badInput);
}
