import { healthSentence } from '../../core/explain/health.ts';
import type { Control } from '../../core/flow/control/control.ts';
import type { DecisionRow, GuardResult } from '../../core/model/decision.ts';
import type { SiteHealth } from '../../core/model/health.ts';
import { withControl } from '../control.ts';
import { CommandError, type ExitCode, exitCodes } from '../failure.ts';
import { bold, colourByState, dim, print, printJson, row, wrap } from '../layout.ts';
import { dateAndTime, parseMoment } from '../moment.ts';
import type { SourceOptions } from '../source.ts';
import { blocked } from './blocked.ts';

interface WhyOptions extends SourceOptions {
  at?: string;
  blocked?: boolean;
  since: string;
  json?: boolean;
}

/** `warren why`: the decision of a moment, with every guard and what was seen. */
export function why(name: string | undefined, options: WhyOptions): Promise<ExitCode> {
  if (options.blocked) return blocked(name, options);
  const atMs = options.at === undefined ? Date.now() : parseMoment(options.at, Date.now());
  return withControl(options, async ({ control, pairNames }) => {
    const names = name === undefined ? await pairNames() : [name];
    const rows = await Promise.all(names.map((pair) => decisionAt(control, pair, atMs)));
    if (options.json) printJson({ decisions: rows });
    else print(rows.map((found) => whyPage(found, atMs)).join('\n\n'));
    return exitCodes.done;
  });
}

/** The newest decision that had been made by then. */
async function decisionAt(control: Control, pair: string, atMs: number): Promise<DecisionRow> {
  const { items } = await control.decisions(pair, { fromMs: 0, toMs: atMs, limit: 1 });
  const [found] = items;
  if (found) return found;
  throw new CommandError(
    `No decision about ${pair} is recorded up to ${dateAndTime(atMs)}. Is \`warren run\` running?`,
    exitCodes.refused,
  );
}

/** A decision as a page: the sentence, the guards, the observations. */
export function whyPage(found: DecisionRow, atMs: number): string {
  const { pair, vantage, decision, health, fromMs, toMs, count } = found;
  const times = count === 1 ? 'once' : `${count} times`;
  const period = toMs === fromMs ? dateAndTime(fromMs) : `${dateAndTime(fromMs)} to ${dateAndTime(toMs)}`;
  const gap = atMs - toMs > 60_000 ? [dim('Nothing newer is recorded up to the moment you asked for.')] : [];
  return [
    `${bold(pair)}  ${period}, recorded ${times} by ${vantage}`,
    ...gap,
    '',
    wrap(decision.sentence, 0),
    dim(`(${decision.outcome}: ${decision.reason})`),
    ...guardLines(decision.guards, decision.from, decision.to),
    '',
    'What was seen:',
    ...health.flatMap(siteLines),
  ].join('\n');
}

function guardLines(guards: GuardResult[], from: string | null, to: string | null): string[] {
  if (guards.length === 0) return [];
  const lines = guards.map(({ guard, verdict, sentence }) => row(`${verdict.padEnd(8)}${guard}`, sentence, 27));
  return ['', `May traffic move from ${from} to ${to}?`, ...lines];
}

function siteLines(health: SiteHealth): string[] {
  const { state, nodes } = health;
  const sentence = wrap(healthSentence(health), 2);
  return [
    `  ${sentence.replace(` ${state}`, ` ${colourByState(state, state)}`)}`,
    ...nodes.map(({ node, state: nodeState, findings }) => {
      const found = findings.map((finding) => `${finding.class}: ${finding.detail}`).join('; ');
      return row(`${node.padEnd(20)} ${nodeState}`, found === '' ? '-' : found, 32, 4);
    }),
  ];
}
