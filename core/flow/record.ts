import { withheldSentence } from '../explain/decision.ts';
import { alertOverSentence, alertSentence, healthSentence } from '../explain/health.ts';
import type { Decision } from '../model/decision.ts';
import { alertsOf } from '../observe/siteHealth.ts';
import type { Plan } from '../plan/plan.ts';
import type { Memory } from './memory.ts';
import { type Ports, StoreUnavailable, type Watch } from './ports.ts';
import type { HealthChange } from './see.ts';
import { tell } from './turn.ts';

/** Tells what is new in this turn: changes of health, alerts that began or ended, a decision unlike the last one. */
export function tellNews(
  context: { ports: Ports; watch: Watch; memory: Memory },
  changes: HealthChange[],
  decision: Decision,
  plan: Plan,
): void {
  for (const { after } of changes) {
    const severity = after.state === 'down' ? 'critical' : after.state === 'up' ? 'info' : 'warning';
    tell(context, 'health', severity, healthSentence(after), { health: after });
  }
  tellAlerts(context);
  const { decision: last } = context.memory;
  if (isNews(last, decision)) {
    const withheld = plan.act === 'nothing' && plan.withheld ? ` ${withheldSentence(plan.withheld)}` : '';
    tell(context, 'decision', decision.severity, `${decision.sentence}${withheld}`, { decision, plan });
  }
}

const isNews = (last: Decision | null, decision: Decision) =>
  last?.reason !== decision.reason || last.from !== decision.from || last.sentence !== decision.sentence;

function tellAlerts(context: { ports: Ports; watch: Watch; memory: Memory }): void {
  const { memory } = context;
  const now = Object.values(memory.health).flatMap(alertsOf);
  const next = Object.fromEntries(now.map((alert) => [`${alert.site} ${alert.class}`, alert]));
  for (const [key, { site, class: name, nodes, detail }] of Object.entries(next)) {
    if (!memory.alerts[key])
      tell(context, 'alert', 'warning', alertSentence(site, name, nodes, detail), { site, class: name, nodes });
  }
  for (const [key, { site, class: name }] of Object.entries(memory.alerts)) {
    if (!next[key]) tell(context, 'alert', 'info', alertOverSentence(site, name), { site, class: name, nodes: [] });
  }
  memory.alerts = next;
}

/**
 * Keeps the turn in history: transitions and a changed decision at once, an unchanged one every `every`. History that
 * cannot be written is told by the decision of the next turn, which finds the store unavailable.
 */
export async function record(
  ports: Ports,
  { pair, vantage }: Watch,
  memory: Memory,
  changes: HealthChange[],
  decision: Decision,
): Promise<void> {
  const nowMs = ports.clock.monotonicMs();
  const atMs = ports.clock.nowMs();
  const due = isNews(memory.decision, decision) || nowMs - memory.recordedAtMs >= pair.probe.everyMs;
  memory.decision = decision;
  try {
    for (const { before, after } of changes.filter((change) => change.before?.state !== change.after.state)) {
      const sentence = healthSentence(after);
      const [from, to] = [before?.state ?? null, after.state];
      await ports.store.recordTransition({ pair: pair.name, vantage, site: after.site, atMs, from, to, sentence });
    }
    if (!due) return;
    memory.recordedAtMs = nowMs;
    await ports.store.recordDecision({
      pair: pair.name,
      vantage,
      atMs,
      decision,
      health: Object.values(memory.health),
    });
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
  }
}
