import { surveySentence, verifySentence } from '../../explain/operation.ts';
import type { Operation, SiteSurvey } from '../../model/operation.ts';
import type { PairRecord } from '../../model/record.ts';
import { withOperation } from '../../plan/steps.ts';
import { verify } from '../act.ts';
import { type Turn, tell } from '../turn.ts';
import { begin, ended, openSteps } from './step.ts';

/** RabbitMQ's statistics are emitted every 5 s: what is counted once more after that is not a leftover of before. */
export const surveyEveryMs = 5_000;
const surveysWanted = 2;
/** Well below the lease. */
const surveyBudgetMs = 2_000;

/** Proof from outside. */
export async function verifyStep(turn: Turn, record: PairRecord, operation: Operation): Promise<PairRecord> {
  const intent = await begin(turn, record, openSteps(operation, 'verify'));
  if (intent.operation?.phase === 'stalled') return intent;
  const { proven, detail } = await verify(turn, operation.to);
  const stored = await turn.ports.store.writePair(
    ended(turn, intent, 'verify', { status: proven ? 'done' : 'failed', detail }),
  );
  tell(turn, 'step', proven ? 'info' : 'warning', verifySentence(proven, detail));
  return stored;
}

/** Counts connections and messages on both sides, twice. It tells; it holds nothing up and cannot fail. */
export async function settle(turn: Turn, record: PairRecord, operation: Operation): Promise<PairRecord> {
  const { surveys, from, to } = operation;
  const nowMs = turn.ports.clock.nowMs();
  const last = surveys.at(-1);
  if (last && nowMs - last.atMs < surveyEveryMs && nowMs >= last.atMs) return record;
  const intent = await begin(turn, record, openSteps(operation, 'settle'));
  if (intent.operation?.phase === 'stalled') return intent;
  const counted = await Promise.all([from, to].map((site) => survey(turn, site)));
  const all = [...surveys, ...counted];
  const surveyed = withOperation(intent, { surveys: all });
  if (all.length < 2 * surveysWanted) return turn.ports.store.writePair(surveyed);
  const detail = surveySentence(operation, counted);
  const stored = await turn.ports.store.writePair(ended(turn, surveyed, 'settle', { status: 'done', detail }));
  tell(turn, 'step', 'info', detail, { surveys: counted });
  return stored;
}

async function survey({ ports, watch }: Turn, site: string): Promise<SiteSurvey> {
  const users = watch.pair.sites[site]?.fenceUsers ?? [];
  const counted = await ports.fencer.survey(site, users, Math.min(watch.pair.probe.timeoutMs, surveyBudgetMs));
  return { ...counted, atMs: ports.clock.nowMs() };
}
