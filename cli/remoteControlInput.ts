import { refusalWords } from '../core/explain/control.ts';
import type { PageQuery, RefusalName } from '../core/flow/control/control.ts';
import { refuse, requireReason } from '../core/flow/control/refuse.ts';
import { formatDuration } from '../core/model/duration.ts';
import { idempotencyKey, type ParameterName, pageQuery, parameters } from '../lambdas/api/schemas.ts';

/**
 * What is asked for, as the HTTP API takes it. What the API would not take as it is, although Control does, is refused here
 * as Control refuses it, or brought within its limits where that means the same.
 */

/** The address of a pair. @throws Refusal `unknown-pair` */
export const pairPath = (pair: string) => `/v1/pairs/${segment('pair', pair, 'unknown-pair')}`;

/** The address of a site. @throws Refusal `unknown-pair`, `unknown-site` */
export const sitePath = (pair: string, site: string) =>
  `${pairPath(pair)}/sites/${segment('site', site, 'unknown-site')}`;

/** The address of an operation. @throws Refusal `unknown-operation` */
export const operationPath = (id: string) => `/v1/operations/${segment('id', id, 'unknown-operation')}`;

/** The name of a site. @throws Refusal `unknown-site` */
export const siteName = (site: string) => segment('site', site, 'unknown-site');

/** A name that is no name must never become an address: `..` leads to another one, such as that of all pairs. */
function segment(kind: ParameterName, name: string, unknown: RefusalName): string {
  if (/^\.*$/.test(name) || !parameters[kind].safeParse(name).success)
    refuse(unknown, kind === 'id' ? refusalWords.unknownOperation(name) : `There is no ${kind} "${name}".`);
  return encodeURIComponent(name);
}

/** The key that a change was given. @throws Refusal `bad-request` */
export function keyOf(key: string): string {
  return idempotencyKey.safeParse(key).success ? key : refuse('bad-request', refusalWords.badKey(keyCharactersMax));
}

const keyCharactersMax = 200;
const reasonCharactersMax = 500;
const lastMs = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
const longestMs = 3_650 * 86_400_000;
const rowsMax = 500;

/** A reason. @throws Refusal `bad-request` when it is too long */
export function reasonOf(reason: string): string {
  return reason.length > reasonCharactersMax ? requireReason(reason) : reason;
}

/** A moment in ISO 8601. @throws Refusal `bad-time` */
export function momentOf(atMs: number): string {
  if (Number.isNaN(atMs)) refuse('bad-time', 'A moment is missing.');
  return new Date(Math.min(lastMs, Math.max(0, atMs))).toISOString();
}

/** A duration. @throws Refusal `bad-time` */
export function durationOf(ms: number): string {
  if (Number.isNaN(ms)) refuse('bad-time', 'A duration is missing.');
  return formatDuration(Math.floor(Math.min(longestMs, Math.max(0, ms))));
}

/** One page of a history. @throws Refusal `bad-time`, `bad-cursor` */
export function pageParameters({ fromMs, toMs, limit, cursor }: PageQuery): URLSearchParams {
  if (!pageQuery.shape.cursor.safeParse(cursor).success) refuse('bad-cursor', refusalWords.badCursor());
  const rows = Math.min(rowsMax, Math.max(1, Math.floor(limit)));
  const range = { from: momentOf(fromMs), to: momentOf(toMs), limit: String(rows) };
  return new URLSearchParams(cursor === undefined ? range : { ...range, cursor });
}
