import { acceptedSentence, surveyWords } from '../../core/explain/control.ts';
import { operationSentence } from '../../core/explain/operation.ts';
import type { Control, OperationWanted, Rehearsal } from '../../core/flow/control/control.ts';
import { duration } from '../../core/model/duration.ts';
import { type ChangeOptions, callerOf, withControl } from '../control.ts';
import { CommandError, type ExitCode, exitCodes } from '../failure.ts';
import { print, printJson, row } from '../layout.ts';
import { parseFutureMoment } from '../moment.ts';
import { follow } from './follow.ts';

interface MoveOptions extends ChangeOptions {
  override?: string[];
  to?: string;
  at?: string;
  hold?: string;
}

/** `warren failover`: a person says that the active side is lost. The running service does it, guards on, and reports. */
export const failover = (name: string, options: MoveOptions) => move('failover', name, options);

/** `warren switchover`: a planned move, from a side that serves. */
export const switchover = (name: string, options: MoveOptions) => move('switchover', name, options);

/** `warren drill`: a switchover to the other side and, after a hold, back. */
export const drill = (name: string, options: MoveOptions) => move('drill', name, options);

async function move(verb: OperationWanted['verb'], name: string, options: MoveOptions): Promise<ExitCode> {
  const { json = false, dryRun = false } = options;
  const wanted = wantedOf(verb, options);
  return await withControl(options, async ({ control, pollMs }) => {
    if (dryRun) return printRehearsal(await control.rehearse(name, wanted), json);
    if (verb === 'switchover' && process.stdout.isTTY && !json) await showStranded(control, name, wanted);
    const accepted = await control.operate(callerOf(options), name, wanted);
    const { id } = accepted;
    if (verb === 'drill' || wanted.atMs !== null) {
      if (json) printJson(accepted);
      else
        print(
          acceptedSentence(accepted, null),
          `\`warren operation ${id}\` shows it, \`warren cancel ${id}\` ends it.`,
        );
      return exitCodes.done;
    }
    const operation = await follow(control, name, id, pollMs);
    if (json) printJson(operation);
    else print(operationSentence(operation));
    return operation.phase === 'finished' ? exitCodes.done : exitCodes.refused;
  });
}

function wantedOf(verb: OperationWanted['verb'], options: MoveOptions): OperationWanted {
  const { reason, override, to, at, hold } = options;
  return {
    verb,
    reason,
    overrides: override ?? [],
    atMs: at === undefined ? null : parseFutureMoment(at, Date.now()),
    to: to ?? null,
    holdMs: hold === undefined ? null : parseHold(hold),
  };
}

function parseHold(text: string): number {
  const parsed = duration.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new CommandError(`--hold: got "${text}", expected a duration such as 30s or 2m.`, exitCodes.badInput);
}

/** Who goes back to the primary is shown first what was left there when traffic left it. */
async function showStranded(control: Control, name: string, wanted: OperationWanted): Promise<void> {
  const [status] = await control.status(name);
  const primary = status?.sites.find(({ role }) => role === 'primary')?.site;
  const { to, surveys } = await control.rehearse(name, wanted);
  const stranded = to === primary ? surveys.find(({ site }) => site === to) : undefined;
  if (stranded) print(`Left on ${surveyWords(stranded)}`);
}

/** What every guard says, what would be done, and what is on each side. */
function printRehearsal(rehearsal: Rehearsal, json: boolean): ExitCode {
  const { verb, from, to, allowed, guards, steps, surveys } = rehearsal;
  if (json) printJson(rehearsal);
  else {
    const title = `${verb.charAt(0).toUpperCase()}${verb.slice(1)} from ${from} to ${to}`;
    print(
      `${title}: ${allowed ? 'would go ahead' : 'would be refused'}. Nothing was changed.`,
      ...guards.map(({ guard, verdict, sentence, overridden }) =>
        row(`${overridden ? 'overridden' : verdict}`, `${guard}: ${sentence}`, 11),
      ),
      `  Steps: ${steps.join(', ')}.`,
      ...surveys.map((survey) => `  On ${surveyWords(survey)}`),
    );
  }
  return allowed ? exitCodes.done : exitCodes.refused;
}
