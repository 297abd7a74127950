import type { Control } from '../../core/flow/control/control.ts';
import type { Act } from '../../core/model/act.ts';
import { withControl } from '../control.ts';
import { entryLine, type HistoryEntry, unreadOf } from '../entries.ts';
import { type ExitCode, exitCodes } from '../failure.ts';
import { oneLine, print, printJson, wrap } from '../layout.ts';
import { dateAndTime, parseMoment } from '../moment.ts';
import { readNewest } from '../newest.ts';
import type { SourceOptions } from '../source.ts';

interface AuditOptions extends SourceOptions {
  since: string;
  json?: boolean;
}

/** `warren audit`: what people did, newest last; also what was refused. First of all, what was not read because there was too much. */
export function audit(name: string | undefined, options: AuditOptions): Promise<ExitCode> {
  const range = { fromMs: parseMoment(options.since, Date.now()), toMs: Date.now() };
  return withControl(options, async ({ control, pairNames }) => {
    const subjects = name === undefined ? [null, ...(await pairNames())] : [name];
    const ofSubjects = await Promise.all(subjects.map((subject) => readActs(control, subject, range)));
    const unread = ofSubjects.flatMap((each) => each.unread);
    const acts = ofSubjects.flatMap((each) => each.acts).sort((left, right) => left.atMs - right.atMs);
    if (options.json) for (const each of [...unread, ...acts]) printJson(each);
    else if (acts.length === 0) print(`Nobody did anything since ${dateAndTime(range.fromMs)}.`);
    else
      print(...unread.map((entry) => entryLine(entry, false)), ...acts.map((act) => actLine(act, subjects.length > 2)));
    return exitCodes.done;
  });
}

async function readActs(
  control: Control,
  subject: string | null,
  range: { fromMs: number; toMs: number },
): Promise<{ acts: Act[]; unread: HistoryEntry[] }> {
  const newest = await readNewest(
    range,
    (query) => control.acts(subject, query),
    ({ atMs }) => atMs,
  );
  return { acts: newest.rows, unread: unreadOf(subject ?? '', 'requests', newest) };
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
