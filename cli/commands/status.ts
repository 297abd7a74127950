import { requestSentence } from '../../core/explain/control.ts';
import { drillSentence } from '../../core/explain/drill.ts';
import { fenceSentence } from '../../core/explain/fence.ts';
import { latchedSince } from '../../core/explain/latch.ts';
import { operationSentence } from '../../core/explain/operation.ts';
import { type PairStatus, type SiteStatus, trafficSentence } from '../../core/explain/status.ts';
import { span } from '../../core/explain/words.ts';
import { withControl } from '../control.ts';
import { type ExitCode, exitCodes } from '../failure.ts';
import { bold, colourBySeverity, colourByState, print, printJson, row, wrap } from '../layout.ts';
import { dateAndTime } from '../moment.ts';
import type { SourceOptions } from '../source.ts';

type StatusOptions = SourceOptions & { json?: boolean };

/** `warren status`: read from the store and, live, from the targets. Exit code 3 unless every pair is protected. */
export async function status(name: string | undefined, options: StatusOptions): Promise<ExitCode> {
  const statuses = await readStatuses(name, options);
  if (options.json) printJson({ pairs: statuses });
  else print(statuses.map(statusPage).join('\n\n'));
  return exitCodeOf(statuses);
}

/** `warren readiness`: could traffic move right now? One line for each pair; exit code 3 unless it could for every one. */
export async function readiness(name: string | undefined, options: StatusOptions): Promise<ExitCode> {
  const statuses = await readStatuses(name, options);
  if (options.json) printJson({ pairs: statuses.map(({ pair, protection }) => ({ pair, ...protection })) });
  else print(...statuses.map(({ pair, protection }) => `${pair}: ${protection.sentence}`));
  return exitCodeOf(statuses);
}

function readStatuses(name: string | undefined, options: StatusOptions): Promise<PairStatus[]> {
  return withControl(options, ({ control }) => control.status(name));
}

const exitCodeOf = (statuses: PairStatus[]) =>
  statuses.every(({ protection }) => protection.protected) ? exitCodes.done : exitCodes.refused;

const labelColumns = 10;
const line = (label: string, text: string) => row(label, text, labelColumns);

/** One pair as a small page of labelled lines. */
export function statusPage(status: PairStatus): string {
  const { pair, protection, active, record, sites, decision } = status;
  return [
    bold(pair),
    `  ${colourBySeverity(protection.protected ? 'info' : 'warning', wrap(protection.sentence, 2))}`,
    '',
    line('traffic', `${trafficSentence(active, record.desired)} Epoch ${record.epoch}, mode ${status.mode}.`),
    ...sites.map((site) => siteLine(site, status.atMs)),
    ...(decision ? [line('decision', decision.decision.sentence)] : []),
    ...conditions(status),
    ...status.readings.map(({ target, detail }) => line('target', `${target}: ${detail}`)),
    line('last tick', lastTick(status)),
  ].join('\n');
}

function siteLine({ role, state, sinceMs, sentence }: SiteStatus, nowMs: number): string {
  const since = sinceMs === null ? '' : ` Since ${dateAndTime(sinceMs)} (${span(nowMs - sinceMs)}).`;
  const text = line(role, `${sentence}${since}`);
  return text.replace(` ${state}`, ` ${colourByState(state, state)}`);
}

/** What holds automatic moves back, and what is under way. */
function conditions({ record, atMs }: PairStatus): string[] {
  const { operation, request, drill, fences, latch, cooldownUntilMs, pause, driftAnswer, pair } = record;
  const lines: string[] = [];
  if (operation) lines.push(line('operation', operationSentence(operation)));
  if (request) lines.push(line('asked for', requestSentence(request)));
  if (drill) lines.push(line('drill', drillSentence(drill)));
  for (const fence of Object.values(fences)) lines.push(line('fence', fenceSentence(fence)));
  if (latch)
    lines.push(
      line(
        'latch',
        `Since ${latchedSince(latch)}, ${dateAndTime(latch.sinceMs)}: ` +
          `${latch.reason}. \`warren ack ${pair}\` releases it.`,
      ),
    );
  if (cooldownUntilMs !== null && cooldownUntilMs > atMs)
    lines.push(line('cooldown', `Another ${span(cooldownUntilMs - atMs)}.`));
  if (pause && pause.untilMs > atMs) lines.push(line('paused', `By ${pause.owner}, ${pause.reason}.`));
  for (const [site, { owner, reason, untilMs }] of Object.entries(record.maintenance))
    if (untilMs > atMs) lines.push(line('mainten.', `${site}, by ${owner}: ${reason}.`));
  if (driftAnswer) lines.push(line('answer', `${driftAnswer.who}: ${driftAnswer.choice} (${driftAnswer.reason}).`));
  return lines;
}

function lastTick({ lastTickAtMs, atMs, decision }: PairStatus): string {
  if (lastTickAtMs === null) return 'None is recorded.';
  return `${span(atMs - lastTickAtMs)} ago, by ${decision?.vantage}.`;
}
