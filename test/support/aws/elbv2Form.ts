import { Refusal } from './refusal.ts';

/** What Elastic Load Balancing refuses. */
export class Elbv2Refusal extends Refusal {}

export function validationError(message: string): Elbv2Refusal {
  return new Elbv2Refusal(400, 'ValidationError', message);
}

/** A request's parameters, and an answer's elements: the query protocol has texts, structures and lists of them. */
export type Value = string | Value[] | { [name: string]: Value };
export type Fields = { [name: string]: Value };

/** `A.member.1.B=c` is the first of a list A, with the field B ("Making query requests"). */
export function fieldsOf(form: URLSearchParams): Fields {
  const root: Fields = {};
  for (const [key, text] of form) {
    const path = key.split('.');
    let at = root;
    for (const name of path.slice(0, -1)) {
      at[name] ??= {};
      at = at[name] as Fields;
    }
    at[path.at(-1) as string] = text;
  }
  return withLists(root) as Fields;
}

function withLists(value: Value): Value {
  if (typeof value === 'string' || Array.isArray(value)) return value;
  const { member } = value;
  if (member !== undefined) return Object.values(member).map(withLists);
  return Object.fromEntries(Object.entries(value).map(([name, below]) => [name, withLists(below)]));
}

export function xmlOf(value: Value): string {
  if (typeof value === 'string') return escapeXml(value);
  if (Array.isArray(value)) return value.map((each) => `<member>${xmlOf(each)}</member>`).join('');
  return Object.entries(value)
    .map(([name, below]) => `<${name}>${xmlOf(below)}</${name}>`)
    .join('');
}

export function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** What a list of texts holds; empty where there is none. */
export function textsOf(value: Value | undefined): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

/** A structure; empty where there is none. */
export function structureOf(value: Value | undefined): Fields {
  return typeof value === 'object' && !Array.isArray(value) ? value : {};
}

/** A list of structures; empty where there is none. */
export function structuresOf(value: Value | undefined): Fields[] {
  return Array.isArray(value) ? value.map(structureOf) : [];
}

/** Whatever the stand-in does not know, it does not take in silence. */
export function checkKnown(fields: Fields, known: readonly string[], what: string): void {
  const unknown = Object.keys(fields).find((name) => !known.includes(name));
  if (unknown) throw new Elbv2Refusal(501, 'NotImplemented', `The stand-in does not know ${unknown} of ${what}.`);
}
