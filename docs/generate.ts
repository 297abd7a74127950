import { writeFileSync } from 'node:fs';
import { rules } from '../core/decide/rules.ts';
import { guardNames } from '../core/model/decision.ts';
import { nodeStates } from '../core/model/health.ts';
import { failureClasses } from '../core/model/probe.ts';

/** The generated pages of docs/, by file name. `npm run docs` writes them; a test checks that they are fresh. */
export function generatedPages(): Record<string, string> {
  return { 'states.md': statesPage() };
}

function statesPage(): string {
  const ruleRows = rules.map(({ reason, words, outcome, severity }, index) =>
    tableRow(String(index + 1), words, outcome, `\`${reason}\``, severity),
  );
  const classRows = Object.entries(failureClasses).map(([name, { weight, meaning }]) =>
    tableRow(`\`${name}\``, `the node ${meaning}`, weight),
  );
  return [
    '# States and rules',
    '',
    '<!-- Generated from core/ by `npm run docs`. Do not edit. -->',
    '',
    '## The rules table',
    '',
    'Read from the top; the first row whose condition holds decides. Below `foreign-edit`, traffic is where it should be.',
    '',
    tableRow('', 'when', 'outcome', 'reason', 'severity'),
    tableRow('---', '---', '---', '---', '---'),
    ...ruleRows,
    '',
    '## Guards',
    '',
    `Each is reported in every decision: ${guardNames.map((name) => `\`${name}\``).join(', ')}.`,
    '',
    '## Failure classes',
    '',
    '`votes`: counts towards `fall` at once. `votes-later`: after `alarmsAfter` or `metadataStalledAfter`.',
    '`alerts`: never votes, a person is told.',
    '',
    tableRow('class', 'meaning', 'weight'),
    tableRow('---', '---', '---'),
    ...classRows,
    '',
    '## Node states',
    '',
    `${nodeStates.map((state) => `\`${state}\``).join(' · ')}: see \`core/model/health.ts\`.`,
    '',
  ].join('\n');
}

const tableRow = (...cells: string[]) => `| ${cells.join(' | ')} |`;

if (import.meta.main) {
  for (const [name, text] of Object.entries(generatedPages())) writeFileSync(new URL(name, import.meta.url), text);
}
