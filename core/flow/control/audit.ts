import { refusalWords } from '../../explain/control.ts';
import type { Act, ActVerb, Caller } from '../../model/act.ts';
import { StoreUnavailable } from '../ports.ts';
import { type Answer, Refusal, type Why } from './control.ts';
import { type ControlOptions, pairNamed } from './options.ts';
import { refuse, requireReason } from './refuse.ts';

/** How long a key stands for the request that it came with first. */
const keyValidMs = 86_400_000;
const keyCharactersMax = 200;
/** A reason that is refused for its length is kept to this. */
const reasonCharactersMax = 500;

/** What a person asks for, as the audit keeps it. */
export interface Asked {
  /** Null: every pair. */
  pair: string | null;
  verb: ActVerb;
  details: Record<string, unknown>;
  reason: string;
  idempotencyKey?: string | undefined;
  /** It becomes an operation: its id is part of the audit, and the same when this is run again. */
  asOperation?: true;
}

/**
 * Makes a change that the audit knows of before it begins, and whose outcome it is told. What was done under the same key is
 * not done again; what was begun under it and never ended is, so a change must find what it did before.
 * @param change is given the id of the operation that is to come of it
 * @throws Refusal, which the audit keeps (but for an unknown pair and a bad key); StoreUnavailable
 */
export async function audited<T>(
  options: ControlOptions,
  caller: Caller,
  asked: Asked,
  change: (operationId: string) => Promise<{ answer: T; sentence: string }>,
): Promise<T> {
  if (asked.pair !== null) pairNamed(options, asked.pair);
  const act = await begin(options, caller, asked);
  if (act.outcome === 'done') return act.answer as T;
  try {
    const { answer, sentence } = await change(String(act.details.operation ?? ''));
    await finish(options, { ...act, outcome: 'done', sentence, answer });
    return answer;
  } catch (error) {
    if (error instanceof Refusal)
      await finish(options, {
        ...act,
        outcome: 'refused',
        sentence: error.message,
        answer: { refusal: error.refusal },
      });
    throw error;
  }
}

/** A change that is answered with a sentence, for a reason; or, in a dry run, what would be answered. */
export async function answered(
  options: ControlOptions,
  caller: Caller,
  asked: Omit<Asked, 'reason' | 'idempotencyKey'>,
  why: Why,
  change: (reason: string) => Promise<Answer>,
): Promise<Answer> {
  const { reason, dryRun, idempotencyKey } = why;
  if (dryRun) {
    if (asked.pair !== null) pairNamed(options, asked.pair);
    return { ...(await change(requireReason(reason))), changed: false };
  }
  return await audited(options, caller, { ...asked, reason, idempotencyKey }, async () => {
    const answer = await change(requireReason(reason));
    return { answer, sentence: answer.sentence };
  });
}

/** Stores that it begins. @returns that; or, under a key that is known, what was stored then */
async function begin(options: ControlOptions, caller: Caller, asked: Asked): Promise<Act> {
  const { store } = options;
  const { idempotencyKey: key } = asked;
  const act = newAct(options, caller, asked);
  if (key === undefined) return await keep(options, asked, act, act.id);
  if (key === '' || key.length > keyCharactersMax) refuse('bad-request', refusalWords.badKey(keyCharactersMax));
  const fingerprint = options.fingerprint(JSON.stringify([asked.pair, asked.verb, asked.reason, asked.details]));
  const id = `key:${encodeURIComponent(caller.who)}:${key}`;
  const known = await store.readAct(id);
  const isValid = known !== undefined && act.atMs - known.atMs < keyValidMs;
  if (isValid && known.fingerprint !== fingerprint) refuse('idempotency-key-reused', refusalWords.keyReused(key));
  if (isValid && known.outcome !== 'refused') return known;
  // What is about to be replaced stays in the audit.
  if (known) await store.recordAct({ ...known, id: act.id });
  return await keep(options, asked, { ...act, id, fingerprint }, `${id} ${fingerprint} ${known?.atMs}`);
}

function newAct({ newId, clock }: ControlOptions, caller: Caller, { pair, verb, reason, details }: Asked): Act {
  const { who, via, from } = caller;
  return {
    id: newId(),
    who,
    via,
    from,
    pair: pair ?? '',
    atMs: clock.nowMs(),
    verb,
    reason: reason.trim().slice(0, reasonCharactersMax),
    details,
    outcome: 'begun',
    sentence: '',
    answer: null,
    fingerprint: '',
  };
}

async function keep({ store, fingerprint }: ControlOptions, asked: Asked, act: Act, seed: string): Promise<Act> {
  const operation = `${act.pair}-${fingerprint(seed).slice(0, 8)}`;
  const begun = asked.asOperation ? { ...act, details: { ...act.details, operation } } : act;
  await store.recordAct(begun);
  return begun;
}

/** What was done must not be answered as if it had failed: the act stays `begun` then. */
async function finish({ store }: ControlOptions, act: Act): Promise<void> {
  try {
    // The same request, sent twice at once: what one of the two has done is not told as refused by the other.
    if (act.outcome === 'refused' && (await store.readAct(act.id))?.outcome === 'done') return;
    await store.recordAct(act);
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
  }
}
