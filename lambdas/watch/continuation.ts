import { type Clock, type Ports, type Store, StoreUnavailable } from '../../core/flow/ports.ts';
import type { ProbePolicy } from '../../core/model/config.ts';
import type { Decision, DecisionRow } from '../../core/model/decision.ts';
import type { HealthState, SiteHealth } from '../../core/model/health.ts';

/** Where a run begins: where the one before it, of the same vantage, ended. */
export interface Beginning {
  vantage: string;
  /** What was decided last, lately; undefined: nothing, or the store does not answer. */
  last: DecisionRow | undefined;
  startedAtMs: number;
  /** So long after its start a run may still be without evidence of its own. */
  gatheringMs: number;
  /** Passes in a row before a destination is trusted. */
  rise: number;
}

/** A decision that is older says nothing of how things stand. */
const rememberedMs = 180_000;
const rowsMax = 20;
const transitionsMax = 50;
const leastGatheringMs = 15_000;
/** A pair of which nothing is written for longer would be taken for one that nobody watches. */
const silentMs = 10_000;

/** Reads how the run before ended. */
export async function beginningOf(
  store: Store,
  clock: Clock,
  { name, probe }: { name: string; probe: ProbePolicy },
  vantage: string,
): Promise<Beginning> {
  const toMs = clock.nowMs();
  const rows = await store.listDecisions(name, { fromMs: toMs - rememberedMs, toMs, limit: rowsMax }).catch((error) => {
    // The watch tells people of a store that does not answer.
    if (error instanceof StoreUnavailable) return [];
    throw error;
  });
  const last = rows.find((row) => row.vantage === vantage);
  const gatheringMs = Math.max(leastGatheringMs, probe.fall * (probe.everyMs + probe.timeoutMs));
  return { vantage, last, startedAtMs: clock.monotonicMs(), gatheringMs, rise: probe.rise };
}

/** What may be decided only because evidence is still missing: to do nothing, or that the other side is not ready. */
export function isProvisional({ outcome, reason }: Decision): boolean {
  return outcome === 'hold' || reason === 'blocked-standby-ready';
}

/** A side that was down is as down as before, only not yet `fall` times. */
function isConfirmed({ last }: Beginning, site: string, state: HealthState): boolean {
  return state !== 'suspect' || last?.health.find((health) => health.site === site)?.state !== 'down';
}

type NewRow = Parameters<Store['recordDecision']>[0];

/**
 * While a run gathers its own evidence it writes no decision to do nothing, and a side that is as it was has not changed. So
 * history reads as if one process had watched all the time.
 */
export function continued(ports: Ports, beginning: Beginning): Ports {
  const { store, clock } = ports;
  const written = new Map<string, HealthState | null>();
  const isWithin = (ms: number) => clock.monotonicMs() - beginning.startedAtMs < ms;
  const isKnown = ({ site, state, nodes }: SiteHealth) =>
    isConfirmed(beginning, site, state) && nodes.every((node) => isComplete(node, beginning.rise));
  const says = ({ decision, health }: NewRow) => !isProvisional(decision) || health.every(isKnown);
  return {
    ...ports,
    store: {
      ...store,
      recordDecision: async (row) => {
        if (isWithin(silentMs) && !says(row)) return;
        await store.recordDecision(row);
      },
      async recordTransition(transition) {
        const { pair, site, to, atMs } = transition;
        if (!written.has(site)) {
          const known = await store.listTransitions(pair, { fromMs: 0, toMs: atMs, limit: transitionsMax });
          const newest = known.find((each) => each.site === site && each.vantage === beginning.vantage);
          written.set(site, newest?.to ?? null);
        }
        const from = written.get(site) ?? null;
        if (from === to || (isWithin(beginning.gatheringMs) && !isConfirmed(beginning, site, to))) return;
        await store.recordTransition({ ...transition, from });
        written.set(site, to);
      },
    },
  };
}

function isComplete({ state, passes }: SiteHealth['nodes'][number], rise: number): boolean {
  return state !== 'unseen' && (state !== 'passing' || passes >= rise);
}
