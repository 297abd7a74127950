import { drillReport, drillSentence } from '../explain/drill.ts';
import type { HealthState, SiteHealth } from '../model/health.ts';
import type { Operation } from '../model/operation.ts';
import type { Drill, PairRecord } from '../model/record.ts';
import { type DrillStep, nextDrillStep } from '../plan/drill.ts';
import { emptyOperation, withEnded } from '../plan/request.ts';
import { agreedMs } from './agreedClock.ts';
import type { KnownState, Memory } from './memory.ts';
import { type Ports, StoreUnavailable, VersionConflict, type Watch } from './ports.ts';
import { tell } from './turn.ts';

/** Takes a drill further: from the way there to the hold, from the hold to the way back, and to its report. */
export async function tendDrill(ports: Ports, watch: Watch, memory: Memory, state: KnownState): Promise<KnownState> {
  const { record, storeProblem } = state;
  const { drill } = record;
  if (storeProblem !== null || !drill) return state;
  const step = nextDrillStep(record, knownHealth(memory.health[drill.away]), agreedMs({ ports, watch, memory }));
  if (step.step === 'wait') return state;
  try {
    const written = await take(ports, watch, record, drill, step);
    return { ...state, record: written };
  } catch (error) {
    if (error instanceof VersionConflict || error instanceof StoreUnavailable) return state;
    throw error;
  }
}

/** A side of which some nodes have not been heard of since the last move is not in trouble yet. */
function knownHealth(health: SiteHealth | undefined): HealthState {
  const seen = health?.nodes.every(({ state }) => state !== 'unseen');
  return health && seen ? health.state : 'unknown';
}

async function take(
  ports: Ports,
  watch: Watch,
  record: PairRecord,
  drill: Drill,
  step: Exclude<DrillStep, { step: 'wait' }>,
): Promise<PairRecord> {
  if (step.step === 'end') return end(ports, watch, record, drill, step.home);
  const next = advanced(record, drill, step);
  const written = await ports.store.writePair(next);
  if (next.drill) tell({ ports, watch }, 'operation', 'info', drillSentence(next.drill), { drill: next.drill });
  return written;
}

function advanced(record: PairRecord, drill: Drill, step: Exclude<DrillStep, { step: 'wait' | 'end' }>): PairRecord {
  if (step.step === 'hold') return { ...record, drill: { ...drill, phase: 'holding', holdUntilMs: step.untilMs } };
  const { request, cutShort } = step;
  const back: Drill = { ...drill, phase: 'back', cutShort, operations: [...drill.operations, request.id] };
  return { ...record, drill: back, request };
}

/** The report is part of the write that ends it. */
async function end(ports: Ports, watch: Watch, record: PairRecord, drill: Drill, home: boolean): Promise<PairRecord> {
  const nowMs = ports.clock.nowMs();
  const { id, who, reason, startedAtMs, away, operations } = drill;
  const recent = { fromMs: startedAtMs - 1, toMs: Number.MAX_SAFE_INTEGER, limit: 60 };
  const listed = await ports.store.listOperations(record.pair, recent);
  const legs = operations.flatMap((leg) => listed.find((operation) => operation.id === leg) ?? []);
  const went = legs.length > 1 && legs[0]?.phase === 'finished' && legs.at(-1)?.phase === 'finished' && home;
  const report: Operation = {
    ...emptyOperation(record.pair, record.epoch, { from: drill.home, to: away }),
    id,
    verb: 'drill',
    startedBy: { kind: 'person', who, reason },
    phase: went ? 'finished' : 'aborted',
    timeline: { ...noTimes, decidedAtMs: startedAtMs, claimedAtMs: startedAtMs, endedAtMs: nowMs },
    outcome: drillReport(drill, legs, home),
  };
  // Both sides are in use again, and each must be able to take over.
  const fences = Object.values(record.fences).map((fence) => [fence.site, { ...fence, untilMs: nowMs }]);
  const freed = went ? Object.fromEntries(fences) : record.fences;
  const written = await ports.store.writePair({ ...withEnded(record, report), drill: null, fences: freed });
  tell({ ports, watch }, 'report', home ? 'warning' : 'critical', report.outcome, { operation: report, legs });
  return written;
}

const noTimes = { firstFailureAtMs: null, committedAtMs: null, flippedAtMs: null };
