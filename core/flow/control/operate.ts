import { acceptedSentence, endedWords, refusalWords } from '../../explain/control.ts';
import type { Caller } from '../../model/act.ts';
import type { Pair } from '../../model/config.ts';
import type { PairRecord } from '../../model/record.ts';
import { activeSide } from '../../model/situation.ts';
import { quietLimitMs, readSituation, type StoredSituation } from '../status.ts';
import { audited } from './audit.ts';
import { changePair } from './change.ts';
import type { OperationAccepted, OperationWanted } from './control.ts';
import { copyEnded, withWithdrawn } from './ended.ts';
import { type Located, locateIn } from './locate.ts';
import { type ControlOptions, pairNamed, sourceOf } from './options.ts';
import { refuse } from './refuse.ts';
import { type NewRequest, newRequest } from './request.ts';
import { checkWanted } from './wanted.ts';

/** Writes a request to the pair's record; the running service carries it out, or says why not. @throws Refusal */
export function operate(
  options: ControlOptions,
  caller: Caller,
  name: string,
  wanted: OperationWanted,
): Promise<OperationAccepted> {
  const { verb, reason, overrides, atMs, to, holdMs, idempotencyKey } = wanted;
  const details = { overrides: [...overrides], atMs, to, holdMs };
  const asked = { pair: name, verb, details, reason, idempotencyKey, asOperation: true } as const;
  return audited(options, caller, asked, async (id) => {
    const pair = pairNamed(options, name);
    const earlier = await locateIn(options, pair, id);
    const made = earlier ? null : await ask(options, pair, wanted, { id, who: caller.who });
    const { from, to, notBeforeMs } = made?.request ?? acceptedOf(earlier ?? (await locateIn(options, pair, id)));
    const replaced = made?.replaced.drill?.id ?? made?.replaced.request?.id ?? null;
    const answer = { id, verb, from, to, notBeforeMs };
    return { answer, sentence: acceptedSentence(answer, replaced) };
  });
}

/** @returns null: it is there already */
async function ask(
  options: ControlOptions,
  pair: Pair,
  wanted: OperationWanted,
  by: { id: string; who: string },
): Promise<NewRequest | null> {
  const { clock } = options;
  const checked = checkWanted(pair, wanted, clock.nowMs());
  if (options.killSwitch()) refuse('kill-switch', refusalWords.killSwitch());
  const known = await readSituation(sourceOf(options, pair));
  requireWatched(known, pair);
  const active = activeSide(known.situation.readings);
  let made: NewRequest | undefined;
  const written = await changePair(options, pair.name, (record) => {
    // The same request, sent twice at once, or written before although nobody heard so: it is in the record by now.
    if (isThere(record, by.id)) return undefined;
    const nowMs = clock.nowMs();
    const request = newRequest({ pair, record, active, nowMs }, checked, by);
    made = request;
    const instead = { verb: checked.verb, who: by.who, reason: checked.reason };
    const after = withWithdrawn(record, request.replaced, nowMs, (what) => endedWords.replaced(what, instead));
    return { ...after, request: request.request, drill: request.drill };
  });
  if (written) await copyEnded(options, written);
  return made ?? null;
}

function isThere({ request, operation, drill, ended }: PairRecord, id: string): boolean {
  return [request, operation, drill, ...ended].some((each) => each?.id === id);
}

/** Somebody must be there to do what is asked for. @throws Refusal `not-watched` */
export function requireWatched({ situation, decision, lastTickAtMs }: StoredSituation, pair: Pair): void {
  if (!decision || situation.nowMs - (lastTickAtMs ?? 0) > quietLimitMs(pair))
    refuse('not-watched', refusalWords.notWatched(pair.name));
}

/** What was asked for before under the same id. */
function acceptedOf(located: Located | undefined): { from: string; to: string; notBeforeMs: number } {
  if (!located) throw new Error('a request that was written is missing');
  switch (located.at) {
    case 'request':
      return located.request;
    case 'drill':
      return { from: located.drill.home, to: located.drill.away, notBeforeMs: located.drill.startedAtMs };
    case 'under-way':
    case 'ended':
      return { ...located.operation, notBeforeMs: located.operation.timeline.decidedAtMs };
  }
}
