import type * as z from 'zod';
import { type InputError, ProblemError } from '../shared/problem.ts';

/** Where in a request the values come from; how its errors are told apart. */
type Part = 'query' | 'header' | 'body';

/** What a schema makes of a part of a request. @throws ProblemError `bad-request` that lists everything that is wrong */
export function validate<T>(schema: z.ZodType<T>, input: unknown, part: Part): T {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const errors = result.error.issues.flatMap((issue) => inputErrors(issue, input, part));
  const [first] = errors;
  const detail = first ? `${first.path}: got ${first.value}, expected ${first.expected}.` : 'The request is wrong.';
  throw new ProblemError('bad-request', detail, { errors });
}

function inputErrors(issue: z.core.$ZodIssue, input: unknown, part: Part): InputError[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      path: place([...issue.path, shortened(key)], part),
      value: 'a key that is not known',
      expected: 'none of that name',
    }));
  return [{ path: place(issue.path, part), value: shown(valueAt(input, issue.path)), expected: expectation(issue) }];
}

/** `overrides[0]`; `(query) limit`. */
function place(path: readonly PropertyKey[], part: Part): string {
  const text = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  const inside = text.replace(/^\./, '');
  if (part === 'body') return inside || '(body)';
  return inside === '' ? `(${part})` : `(${part}) ${inside}`;
}

const typeNames: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a JSON object',
};

function expectation(issue: z.core.$ZodIssue): string {
  // The schemas' own messages are sentences that start like this.
  const own = issue.message.match(/^expected (.*)$/s)?.[1];
  if (own) return own;
  switch (issue.code) {
    case 'invalid_type':
      return typeNames[issue.expected] ?? issue.expected;
    case 'invalid_value':
      return issue.values.map(String).join(' or ');
    case 'too_small':
      return `at least ${issue.minimum}${issue.origin === 'string' ? ' characters' : ''}`;
    case 'too_big':
      return `at most ${issue.maximum}${issue.origin === 'string' ? ' characters' : ''}`;
    default:
      return 'something else';
  }
}

function shown(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return 'an object';
  return typeof value === 'string' ? JSON.stringify(shortened(value)) : String(value);
}

const shortened = (text: string) => (text.length > 80 ? `${text.slice(0, 79)}…` : text);

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce((at: unknown, key) => (at as Record<PropertyKey, unknown> | null | undefined)?.[key], input);
}
