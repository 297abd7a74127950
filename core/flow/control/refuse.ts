import { refusalWords } from '../../explain/control.ts';
import type { Pair } from '../../model/config.ts';
import { type GuardName, guardNames } from '../../model/decision.ts';
import { Refusal, type RefusalName } from './control.ts';

/** A pause that nobody remembers protects nobody: it ends by itself, three days later at most. */
export const longestPauseMs = 72 * 3_600_000;
const reasonCharactersMax = 500;

/** @throws Refusal, always */
export function refuse(name: RefusalName, sentence: string): never {
  throw new Refusal(name, sentence);
}

/** A reason that says something, without its full stop: it becomes part of sentences. @throws Refusal */
export function requireReason(reason: string): string {
  const text = reason.trim().replace(/\.$/, '').trim();
  if (text === '') refuse('empty-reason', refusalWords.emptyReason());
  if (text.length > reasonCharactersMax) refuse('bad-request', refusalWords.longReason(reasonCharactersMax));
  return text;
}

/** The end of a pause. @throws Refusal */
export function requireUntil(untilMs: number, nowMs: number): number {
  if (untilMs > nowMs && untilMs <= nowMs + longestPauseMs) return untilMs;
  return refuse('bad-time', refusalWords.badUntil(longestPauseMs));
}

/** A site of the pair. @throws Refusal */
export function requireSite({ name, sites }: Pair, site: string): string {
  if (Object.hasOwn(sites, site)) return site;
  return refuse('unknown-site', refusalWords.unknownSite(name, site, Object.keys(sites)));
}

/** @throws Refusal that lists the guards there are */
export function requireGuard(name: string): GuardName {
  return guardNames.find((known) => known === name) ?? refuse('unknown-guard', refusalWords.unknownGuard(name));
}
