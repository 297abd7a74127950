import { withheldSentence } from '../explain/decision.ts';
import { fenceabilitySentence, shutOutSentence } from '../explain/fence.ts';
import { alertOverSentence, alertSentence, healthSentence } from '../explain/health.ts';
import type { Decision } from '../model/decision.ts';
import { isFenceable } from '../model/fence.ts';
import type { Situation } from '../model/situation.ts';
import type { Plan } from '../plan/plan.ts';
import type { Memory } from './memory.ts';
import type { News } from './news.ts';
import { type Ports, StoreUnavailable, type Watch } from './ports.ts';
import { tell } from './turn.ts';

const unchangedEveryMs = 60_000;
/** Kept back while the store is away; of a pair that flaps all the time the oldest are lost. */
const unrecordedMax = 100;

/** Tells what is new: changes of health, alerts that began or ended, a decision unlike the last one. */
export function tellNews(context: { ports: Ports; watch: Watch }, news: News, plan: Plan): void {
  for (const { after } of news.health) {
    const severity = after.state === 'down' ? 'critical' : after.state === 'up' ? 'info' : 'warning';
    tell(context, 'health', severity, healthSentence(after), { health: after });
  }
  for (const { site, class: name, nodes, detail } of news.alertsBegun)
    tell(context, 'alert', 'warning', alertSentence(site, name, nodes, detail), { site, class: name, nodes });
  for (const { reading, shut } of news.shutOut)
    tell(context, 'fence', shut ? 'critical' : 'info', shutOutSentence(reading, shut), { reading });
  for (const reading of news.fenceability)
    tell(context, 'fence', isFenceable(reading) ? 'info' : 'warning', fenceabilitySentence(reading), { reading });
  for (const { site, class: name } of news.alertsEnded)
    tell(context, 'alert', 'info', alertOverSentence(site, name), { site, class: name, nodes: [] });
  const { decision } = news;
  if (decision) {
    const withheld =
      plan.act === 'nothing' && plan.withheld ? ` ${withheldSentence(plan.withheld, context.watch.pair.name)}` : '';
    tell(context, 'decision', decision.severity, `${decision.sentence}${withheld}`, { decision, plan });
  }
}

/**
 * Keeps the turn in history: transitions and a changed decision at once, an unchanged one every `every`. What cannot be written
 * is written once it can, in its order; the next turn finds the store unavailable, and says so.
 */
export async function record(
  ports: Ports,
  { pair, vantage }: Watch,
  memory: Memory,
  decision: Decision,
  news: News,
  fences: Situation['fences'],
): Promise<void> {
  const nowMs = ports.clock.monotonicMs();
  const atMs = ports.clock.nowMs();
  for (const { before, after } of news.health.filter((change) => change.before?.state !== change.after.state)) {
    const [from, to] = [before?.state ?? null, after.state];
    const transition = { pair: pair.name, vantage, site: after.site, atMs, from, to, sentence: healthSentence(after) };
    memory.unrecorded.transitions = [...memory.unrecorded.transitions, transition].slice(-unrecordedMax);
  }
  // Several vantages show that they are alive by their observations.
  const everyMs = pair.vantages.length > 1 ? unchangedEveryMs : pair.probe.everyMs;
  const isDue = nowMs - memory.recordedAtMs >= everyMs && memory.unrecorded.decisions.length === 0;
  if (news.decision || isDue) {
    const health = Object.values(memory.health);
    const row = { pair: pair.name, vantage, atMs, decision, health, fences: Object.values(fences) };
    memory.unrecorded.decisions = [...memory.unrecorded.decisions, row].slice(-unrecordedMax);
    memory.recordedAtMs = nowMs;
  }
  await writeDown(ports, memory.unrecorded);
}

/** Takes out what is written. */
async function writeDown({ store }: Ports, unrecorded: Memory['unrecorded']): Promise<void> {
  try {
    for (const transition of unrecorded.transitions) {
      await store.recordTransition(transition);
      unrecorded.transitions = unrecorded.transitions.filter((each) => each !== transition);
    }
    for (const row of unrecorded.decisions) {
      await store.recordDecision(row);
      unrecorded.decisions = unrecorded.decisions.filter((each) => each !== row);
    }
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
  }
}
