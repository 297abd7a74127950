import { readFileSync, writeFileSync } from 'node:fs';
import { configJsonSchema } from '../adapters/system/configSchema.ts';
import { rules } from '../core/decide/rules.ts';
import { guardNames } from '../core/model/decision.ts';
import { nodeStates } from '../core/model/health.ts';
import { failureClasses } from '../core/model/probe.ts';
import { apiDocument } from '../lambdas/api/openapi.ts';
import { problemKinds, problemNames } from '../lambdas/shared/problem.ts';

/** The generated pages of docs/, by file name. `npm run docs` writes them; a test checks that they are fresh. */
export function generatedPages(): Record<string, string> {
  const schema = configJsonSchema() as Schema;
  return {
    'states.md': statesPage(),
    'configuration.md': configurationPage(schema),
    'warren.schema.json': `${JSON.stringify(schema, null, 2)}\n`,
    'openapi.json': `${JSON.stringify(apiDocument(), null, 2)}\n`,
    'api.md': apiPage(),
  };
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
    'What comes of every combination: [full-table.txt](../test/core/decide/full-table.txt).',
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

/** The part of JSON Schema that the configuration's schema uses. */
interface Schema {
  type?: string;
  description?: string;
  default?: unknown;
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  additionalProperties?: Schema | false;
}

function configurationPage(schema: Schema): string {
  return [
    '# Configuration',
    '',
    '<!-- Generated from core/model/config.ts by `npm run docs`. Do not edit. -->',
    '',
    'One file, `warren.yaml` (or JSON). `npx warren init` writes one with comments, `npx warren validate` reports every problem',
    'at once. For completion in an editor: [warren.schema.json](warren.schema.json). Unknown keys are errors. Secrets are',
    'references (`env:NAME`, `file:PATH`), never values.',
    '',
    tableRow('key', 'type', 'default', 'meaning'),
    tableRow('---', '---', '---', '---'),
    ...keyRows(schema, ''),
    '',
  ].join('\n');
}

/** One row per key, depth first; `[]` is an item of a list, `NAME` a key that people choose. */
function keyRows(schema: Schema, path: string): string[] {
  if (schema.items) return keyRows(schema.items, `${path}[]`);
  if (schema.additionalProperties) return keyRows(schema.additionalProperties, `${path}.NAME`);
  return Object.entries(schema.properties ?? {}).flatMap(([key, value]) => {
    const full = path === '' ? key : `${path}.${key}`;
    const isLeaf = keyRows(value, full).length === 0;
    const row = tableRow(`\`${full}\``, typeOf(value), defaultOf(schema, key, value), value.description ?? '');
    return [...(isLeaf ? [row] : []), ...keyRows(value, full)];
  });
}

function typeOf(value: Schema): string {
  if (value.const !== undefined) return `\`${value.const}\``;
  if (value.enum) return value.enum.map((option) => `\`${option}\``).join(' or ');
  if (value.anyOf) return value.anyOf.map(typeOf).join(' or ');
  if (value.items) return `list of ${typeOf(value.items)}`;
  return value.type ?? '';
}

function defaultOf(parent: Schema, key: string, value: Schema): string {
  if (value.default !== undefined) return `\`${JSON.stringify(value.default).replaceAll('"', '')}\``;
  return parent.required?.includes(key) ? 'required' : '-';
}

/** Written by hand, but for the table of problems. */
function apiPage(): string {
  const page = readFileSync(new URL('api.md', import.meta.url), 'utf8');
  const statuses = [...new Set(Object.values(problemKinds).map(({ status }) => status))].sort();
  const rows = statuses.map((status) => {
    const names = problemNames(status).map((name) => `\`${name}\``);
    return tableRow(String(status), names.join(', '));
  });
  const table = ['', tableRow('status', 'problems'), tableRow('---', '---'), ...rows, ''].join('\n');
  return page.replace(/(?<=<!-- Generated by [^\n]* -->\n).*(?=<!-- end -->)/s, () => `${table}\n`);
}

const tableRow = (...cells: string[]) => `| ${cells.join(' | ')} |`;

if (import.meta.main) {
  // Not among the others: it takes a whole synthesis, and is checked by test/infra/permissions.test.ts.
  const { iamPage } = await import('../infra/iamPage.ts');
  const pages = { ...generatedPages(), 'iam.md': iamPage() };
  for (const [name, text] of Object.entries(pages)) writeFileSync(new URL(name, import.meta.url), text);
}
