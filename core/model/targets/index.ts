import type * as z from 'zod';
import { oneKeyOf } from '../oneKey.ts';
import { haproxy } from './haproxy.ts';
import type { Report } from './target.ts';

/** One target: a key that says which kind it is, and what that kind needs. */
export const targetSchema = oneKeyOf({ haproxy: haproxy.schema });

export type TargetConfig = z.output<typeof targetSchema>;

/** Checks one target. `report` takes paths relative to it. @returns what it steers, to be compared with the others */
export function checkTarget(target: TargetConfig, sites: string[], report: Report): string {
  const below =
    (kind: string): Report =>
    (path, ...rest) =>
      report(`${kind}.${path}`, ...rest);
  if (target.haproxy) {
    haproxy.check(target.haproxy, sites, below('haproxy'));
    return haproxy.steers(target.haproxy);
  }
  return '';
}

/** The kind of a target, the key it is configured under. */
export function kindOf(target: TargetConfig): string {
  return Object.keys(target)[0] ?? '';
}
