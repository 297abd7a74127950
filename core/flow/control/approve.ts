import { answerWords, refusalWords } from '../../explain/control.ts';
import type { Caller } from '../../model/act.ts';
import type { Pair } from '../../model/config.ts';
import { quietLimitMs } from '../status.ts';
import { answered } from './audit.ts';
import { changePair } from './change.ts';
import type { Answer, Why } from './control.ts';
import { type ControlOptions, pairNamed } from './options.ts';
import { refuse } from './refuse.ts';

/** A yes that nothing came of must not move traffic an hour later. */
const validMs = 2 * 60_000;

/** Agrees to the move that waits for it. @throws Refusal */
export function approve(options: ControlOptions, caller: Caller, name: string, why: Why): Promise<Answer> {
  const asked = { pair: name, verb: 'approve', details: {} } as const;
  return answered(options, caller, asked, why, async (reason) => {
    const { from, to } = await waitingMove(options, pairNamed(options, name));
    const approval = { who: caller.who, reason, from, to, untilMs: options.clock.nowMs() + validMs };
    await changePair(options, name, (record) => ({ ...record, approval }), why.dryRun);
    return { changed: true, sentence: answerWords.approved(why.dryRun ? 'would' : 'done', from, to) };
  });
}

/** The move that the latest decision calls for. @throws Refusal when nothing waits for an approval */
async function waitingMove({ store, clock }: ControlOptions, pair: Pair): Promise<{ from: string; to: string }> {
  const { name, failover } = pair;
  if (failover.mode !== 'approve') refuse('nothing-to-approve', refusalWords.mode(name, failover.mode));
  const nowMs = clock.nowMs();
  const [row] = await store.listDecisions(name, { fromMs: 0, toMs: nowMs, limit: 1 });
  if (!row || nowMs - row.toMs > quietLimitMs(pair)) return refuse('not-watched', refusalWords.nobodyAsks(name));
  const { outcome, from, to, sentence } = row.decision;
  if (outcome === 'failover' && from && to) return { from, to };
  return refuse('nothing-to-approve', refusalWords.nothingWaits(sentence));
}
