import * as z from 'zod';

/** The name of a pair or of a site. */
export const nameSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'expected 1 to 63 lower-case letters, digits and hyphens')
  .describe('lower-case letters, digits and hyphens');

/** Notes a problem at a path relative to the part that is being checked: what is there, and what belongs there. */
export type Report = (path: string, value: string, expected: string) => void;

/** What the configuration needs to know of one kind of target. */
export interface TargetKind<Schema extends z.ZodType> {
  schema: Schema;
  /** The rules that look at several keys at once. */
  check(config: z.output<Schema>, sites: string[], report: Report): void;
  /** What it steers, in one spelling: no two targets may steer the same thing. */
  steers(config: z.output<Schema>): string;
}

/** Every site of the pair, and no other, must have an entry. */
export function checkSites(key: string, entries: Record<string, unknown>, sites: string[], report: Report): void {
  for (const site of sites)
    if (!Object.hasOwn(entries, site)) report(key, `no ${key} of ${site}`, `${key} of both sites`);
  for (const site of Object.keys(entries))
    if (!sites.includes(site)) report(`${key}.${site}`, 'a site this pair does not have', sites.join(' or '));
}

/** Each value may be there once; the second place is reported, and names the first. */
export function reportRepeated(seen: Map<string, string>, value: string, path: string, report: Report): void {
  const first = seen.get(value);
  if (first === undefined) seen.set(value, path);
  else report(path, quote(value), `another value than that of ${first}`);
}

export function quote(text: string): string {
  return JSON.stringify(text);
}
