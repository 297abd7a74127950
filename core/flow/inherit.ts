import type { Conditions } from '../model/health.ts';
import type { Inherited } from '../observe/window.ts';
import { type Ports, StoreUnavailable, type Watch } from './ports.ts';

/** What was decided longer ago says nothing of how things stand. */
const rememberedMs = 90_000;
const rowsMax = 20;

/**
 * What votes only when it lasts (an alarm, stalled metadata) must not begin anew with every process: a function lives for about a
 * minute. So the last decision of this vantage says for how long each condition had lasted, and that goes on where the first probe
 * of this process finds it too. Everything else is observed anew.
 */
export async function inheritedConditions({ store, clock }: Ports, { pair, vantage }: Watch): Promise<Inherited> {
  const toMs = clock.nowMs();
  try {
    const rows = await store.listDecisions(pair.name, { fromMs: toMs - rememberedMs, toMs, limit: rowsMax });
    const last = rows.find((row) => row.vantage === vantage);
    if (!last) return {};
    const untilMs = clock.monotonicMs() - Math.min(Math.max(0, toMs - last.toMs), rememberedMs);
    return Object.fromEntries(
      last.health.map(({ site, nodes }) => [
        site,
        Object.fromEntries(nodes.map(({ node, lastingMs = {} }) => [node, sinceMs(lastingMs, untilMs)])),
      ]),
    );
  } catch (error) {
    // The first turn finds the store unavailable, and says so.
    if (error instanceof StoreUnavailable) return {};
    throw error;
  }
}

function sinceMs(lastingMs: Conditions, untilMs: number): Conditions {
  return Object.fromEntries(Object.entries(lastingMs).map(([name, forMs]) => [name, untilMs - forMs]));
}
