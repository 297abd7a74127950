import { requestGuards } from '../../decide/decide.ts';
import { guardSentence } from '../../explain/guard.ts';
import type { Pair } from '../../model/config.ts';
import type { DecisionRow, GuardName, GuardResult } from '../../model/decision.ts';
import type { SiteSurvey, Step } from '../../model/operation.ts';
import { activeSide, type Situation } from '../../model/situation.ts';
import { plannedSteps } from '../../plan/steps.ts';
import { readSituation } from '../status.ts';
import type { OperationWanted, Rehearsal } from './control.ts';
import { requireWatched } from './operate.ts';
import { type ControlOptions, pairNamed, sourceOf } from './options.ts';
import { type NewRequest, newRequest } from './request.ts';
import { checkWanted } from './wanted.ts';

const surveyBudgetMs = 2_000;

/** What would come of asking for it now: refused as that would be, or every guard and every step. Changes nothing. */
export async function rehearse(options: ControlOptions, name: string, wanted: OperationWanted): Promise<Rehearsal> {
  const pair = pairNamed(options, name);
  const { clock } = options;
  const checked = checkWanted(pair, wanted, clock.nowMs());
  const known = await readSituation(sourceOf(options, pair));
  requireWatched(known, pair);
  const { situation, decision } = known;
  const active = activeSide(situation.readings);
  const standing = { pair, record: situation.record, active, nowMs: clock.nowMs() };
  const made = newRequest(standing, checked, { id: '', who: '' });
  const { from, to } = made.request;
  const guards = guardsOf(situation, decision, made, checked.overrides);
  return {
    verb: checked.verb,
    from,
    to,
    allowed: guards.every(({ verdict, overridden }) => overridden || verdict === 'pass'),
    guards,
    steps: stepsOf(situation, made).map(({ name: step, target }) =>
      target === undefined ? step : `${step} ${target}`,
    ),
    surveys: await surveysOf(options, pair, [from, to]),
  };
}

/** What the service would ask, as if the request were written; overridden guards included. */
function guardsOf(
  situation: Situation,
  decision: DecisionRow | null,
  { request, drill }: NewRequest,
  overrides: GuardName[],
): Rehearsal['guards'] {
  const asked = { ...situation, record: { ...situation.record, drill } };
  // Only the prober knows whether it trusts itself.
  const doubt = decision?.decision.guards.find(({ guard }) => guard === 'self-trust');
  return requestGuards(asked, { ...request, overrides: [] }).map(({ guard, verdict }) => {
    const own: GuardResult = { guard, verdict, sentence: guardSentence(guard, verdict, asked, request.to) };
    const said = guard === 'self-trust' && doubt ? doubt : own;
    return { ...said, overridden: overrides.includes(guard) };
  });
}

function stepsOf(situation: Situation, { request }: NewRequest): Step[] {
  const targets = situation.readings.map(({ target }) => target);
  const { from, to } = request;
  return plannedSteps({ pair: situation.pair, record: situation.record, from, to, targets });
}

async function surveysOf({ fencer, clock }: ControlOptions, pair: Pair, sites: string[]): Promise<SiteSurvey[]> {
  const counter = fencer?.(pair) ?? null;
  if (!counter) return [];
  return await Promise.all(
    sites.map(async (site) => ({
      ...(await counter.survey(site, pair.sites[site]?.fenceUsers ?? [], surveyBudgetMs)),
      atMs: clock.nowMs(),
    })),
  );
}
