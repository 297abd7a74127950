import { abortedSentence, hookSentence } from '../../explain/operation.ts';
import type { Operation } from '../../model/operation.ts';
import type { PairRecord } from '../../model/record.ts';
import { type Turn, tell } from '../turn.ts';
import { abort } from './end.ts';
import { begin, ended, openSteps } from './step.ts';

/** A hook that refuses is not asked by the same disaster every second. */
const askAgainAfterMs = 60_000;

/** The hook before the point of no return may refuse. What its silence means for a failover is the policy's say. */
export async function ask(turn: Turn, record: PairRecord, operation: Operation): Promise<PairRecord> {
  const { hooks, store } = turn.ports;
  const intent = await begin(turn, record, openSteps(operation, 'ask'));
  if (intent.operation?.phase === 'stalled') return intent;
  const { answer, detail } = hooks.before
    ? await hooks.before(operation)
    : { answer: 'proceed' as const, detail: 'no hook is configured any more' };
  const mayGoOn = operation.verb === 'failover' && turn.watch.pair.hooks.before?.whenSilent !== 'refuse';
  if (answer === 'refuse' || (answer === 'silent' && !mayGoOn))
    return abort(turn, intent, abortedSentence(operation, hookSentence('before', answer, detail)), {
      coolDownMs: askAgainAfterMs,
    });
  const status = answer === 'proceed' ? 'done' : 'skipped';
  const after = await store.writePair(ended(turn, intent, 'ask', { status, detail }));
  tell(turn, 'step', answer === 'proceed' ? 'info' : 'warning', hookSentence('before', answer, detail));
  return after;
}
