import { readAll } from '../../core/flow/control/pages.ts';
import type { Act } from '../../core/model/act.ts';
import { withControl } from '../control.ts';
import { type ExitCode, exitCodes } from '../failure.ts';
import { oneLine, print, printJson, wrap } from '../layout.ts';
import { dateAndTime, parseMoment } from '../moment.ts';
import type { SourceOptions } from '../source.ts';

interface AuditOptions extends SourceOptions {
  since: string;
  json?: boolean;
}

/** More than this of one pair is not read; the newest are. */
const actsMax = 2_000;

/** `warren audit`: what people did, newest last; also what was refused. */
export function audit(name: string | undefined, options: AuditOptions): Promise<ExitCode> {
  const range = { fromMs: parseMoment(options.since, Date.now()), toMs: Date.now() };
  return withControl(options, async ({ control, pairNames }) => {
    const subjects = name === undefined ? [null, ...(await pairNames())] : [name];
    const ofSubjects = await Promise.all(
      subjects.map((subject) => readAll(range, actsMax, (query) => control.acts(subject, query))),
    );
    const acts = ofSubjects.flat().sort((left, right) => left.atMs - right.atMs);
    if (options.json) for (const act of acts) printJson(act);
    else if (acts.length === 0) print(`Nobody did anything since ${dateAndTime(range.fromMs)}.`);
    else print(...acts.map((act) => actLine(act, subjects.length > 2)));
    return exitCodes.done;
  });
}

/** On a terminal the sentence is wrapped; in a pipe each act stays one line. */
function actLine({ atMs, pair, who, verb, outcome, reason, sentence }: Act, withPair: boolean): string {
  const about = pair === '' ? 'all pairs  ' : withPair ? `${pair}  ` : '';
  const label = `${dateAndTime(atMs)} ${about}${who}  `;
  const words = `${verb} (${reason}): ${outcomeWords[outcome]}${sentence}`;
  if (!process.stdout.isTTY) return `${label}${oneLine(words)}`;
  return `${label}${wrap(words, 20, Math.max(80, process.stdout.columns))}`;
}

const outcomeWords: Record<Act['outcome'], string> = {
  begun: 'begun, and its outcome is not known.',
  done: '',
  refused: 'refused. ',
};
