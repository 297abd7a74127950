import type * as z from 'zod';
import type { ConfigProblem } from '../../core/model/configRules.ts';
import { closest } from './closest.ts';
import { configJsonSchema, type JsonSchema, schemaAt } from './configSchema.ts';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** What the schema has against a file, in the words of the people who write it. No secret is repeated. */
export function schemaProblems(issues: readonly Issue[], input: unknown): ConfigProblem[] {
  const schema = configJsonSchema();
  return issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => unknownKey([...issue.path, key], schemaAt(schema, issue.path)));
    if (issue.code === 'invalid_key') {
      const value = `the name ${shown(issue.path.at(-1))}`;
      return [{ path: formatPath(issue.path), value, expected: expectation(issue.issues[0]) }];
    }
    const value = valueAt(input, issue.path);
    return [
      {
        path: formatPath(issue.path),
        value: value !== undefined && isSecret(schema, issue.path) ? hidden : shown(value),
        expected: expectation(issue, schemaAt(schema, issue.path)),
      },
    ];
  });
}

/** `pairs[0].probe.every`; the whole file is `(file)`. */
export function formatPath(path: Path): string {
  const text = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  return text.replace(/^\./, '') || '(file)';
}

function unknownKey(path: Path, parent: JsonSchema | undefined): ConfigProblem {
  const known = Object.keys(parent?.properties ?? {});
  const similar = closest(String(path.at(-1)), known);
  const hint = similar ? `; did you mean ${similar}?` : '';
  return { path: formatPath(path), value: 'an unknown key', expected: `one of ${known.join(', ')}${hint}` };
}

const hidden = '(hidden)';

function isSecret(schema: JsonSchema, path: Path): boolean {
  const named = path.some((key) => typeof key === 'string' && /credential|passw|secret|token/i.test(key));
  return named || schemaAt(schema, path)?.secret === true;
}

/** What is meant for two tables of a Region (core/model/storeConfig.ts): neither a user nor a password is before its `@`. */
const likeTables = /^dynamodb:[^:/@]*@[^:/@]*$/;

/** Text with `user:password@` in it is hidden wherever it stands. */
function shown(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return 'a mapping';
  if (typeof value !== 'string') return String(value);
  if (/:\S*@/.test(value) && !likeTables.test(value)) return hidden;
  return JSON.stringify(value.length > 80 ? `${value.slice(0, 79)}…` : value);
}

const typeNames: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
};

function expectation(issue: Issue | undefined, schema?: JsonSchema): string {
  // The schema's own messages are whole sentences that start like this.
  const own = issue?.message.match(/^expected (.*)$/s)?.[1];
  if (own) return own;
  switch (issue?.code) {
    case 'invalid_type':
      return `${typeNames[issue.expected] ?? issue.expected}${schema?.description ? ` (${schema.description})` : ''}`;
    case 'invalid_value':
      return issue.values.map(String).join(' or ');
    case 'invalid_union':
      return issue.errors.map(([first]) => expectation(first)).join(' or ');
    case 'too_small':
      return issue.origin === 'string' ? 'text that is not empty' : `at least ${issue.minimum}`;
    case 'too_big':
      return `at most ${issue.maximum}`;
    default:
      return issue?.message ?? 'something else';
  }
}

function valueAt(input: unknown, path: Path): unknown {
  return path.reduce((at: unknown, key) => (at as Record<PropertyKey, unknown> | null | undefined)?.[key], input);
}
