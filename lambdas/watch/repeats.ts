import { fenceabilitySentence, shutOutSentence } from '../../core/explain/fence.ts';
import type { Clock, Notifier } from '../../core/flow/ports.ts';
import type { Decision, DecisionRow } from '../../core/model/decision.ts';
import type { WarrenEvent } from '../../core/model/event.ts';
import { alertsOf } from '../../core/observe/siteHealth.ts';
import { type Beginning, isProvisional } from './continuation.ts';

/**
 * While a run gathers its own evidence, people are not told again what the run before told them, and what may be decided only
 * because evidence is missing is kept back: the last of it is told when that time is over.
 * @param over ends the run, and that time at the latest
 */
export function unlessTold(notifier: Notifier, clock: Clock, beginning: Beginning, over: AbortSignal): Notifier {
  const { last, gatheringMs } = beginning;
  if (!last) return notifier;
  const told = toldBy(last);
  let keptBack: WarrenEvent | null = null;
  let gathering = true;
  const tell = (event: WarrenEvent) => {
    if (!told.delete(keyOf(event))) notifier.notify(event);
  };
  void clock.sleep(gatheringMs, over).then(() => {
    if (keptBack) tell(keptBack);
    gathering = false;
  });
  return {
    notify(event) {
      if (!gathering) return notifier.notify(event);
      if (event.kind !== 'decision') return tell(event);
      const isKept = isProvisional(event.data.decision as Decision);
      keptBack = isKept ? event : null;
      if (!isKept) tell(event);
    },
  };
}

function toldBy({ decision, health, fences }: DecisionRow): Set<string> {
  return new Set([
    decisionKey(decision),
    ...health.flatMap(alertsOf).map(alertKey),
    ...fences.flatMap((reading) => [fenceabilitySentence(reading), shutOutSentence(reading, true)]),
  ]);
}

function keyOf({ kind, sentence, data }: WarrenEvent): string {
  if (kind === 'decision') return decisionKey(data.decision as Decision);
  const { nodes, ...alert } = data as { site: string; class: string; nodes?: string[] };
  return kind === 'alert' && nodes?.length ? alertKey(alert) : sentence;
}

const decisionKey = ({ reason, from, sentence }: Decision) => JSON.stringify([reason, from, sentence]);
const alertKey = (alert: { site: string; class: string }) => JSON.stringify([alert.site, alert.class]);
