import { decide } from '../decide/decide.ts';
import { explainDecision } from '../explain/decision.ts';
import type { ProbePolicy } from '../model/config.ts';
import type { Operation } from '../model/operation.ts';
import type { PairRecord } from '../model/record.ts';
import type { Situation } from '../model/situation.ts';
import { filterByMode, planFor } from '../plan/plan.ts';
import { tellClockOff } from './agreedClock.ts';
import { carryOut } from './carryOut.ts';
import type { ProbeDesk } from './desk.ts';
import type { Desks } from './desks.ts';
import { tendDrill } from './drill.ts';
import { keepEnded } from './ended.ts';
import { endExpired } from './expire.ts';
import { tendFences } from './fences.ts';
import { tellHeldUp } from './heldUp.ts';
import type { KnownState, Memory } from './memory.ts';
import { momentOf } from './moment.ts';
import { newsOf } from './news.ts';
import { type Ports, VersionConflict, type Watch } from './ports.ts';
import { record, tellNews } from './record.ts';
import { beginTurn, isInterrupted, noteSight, probesDue, resetEvidence, see } from './see.ts';
import { situationOf } from './situation.ts';
import { readState, stateIsDue } from './state.ts';
import { heldUp } from './steps/step.ts';
import type { Turn } from './turn.ts';
import { speak } from './vantages.ts';

/**
 * One turn of the loop: schedule, probe, observe, decide, plan, claim, act, record, notify. Probes and fences run beside the
 * loop: what was started here is observed in the turn in which it ends, and what arrived is observed first, because it may
 * call for probes now. Changes `memory`; rejects for nothing that a port says can happen.
 */
export async function tick(ports: Ports, watch: Watch, desks: Desks, memory: Memory): Promise<void> {
  const { probe: policy } = watch.pair;
  const { desk } = desks;
  const nowMs = ports.clock.monotonicMs();
  const wasHeldUp = beginTurn(watch, memory, ports.clock, desks.heartbeat.standstill());
  if (wasHeldUp) tellHeldUp({ ports, watch }, memory.self);
  const sawChange = see(watch, memory, desk.take(), nowMs);
  const healthChanged = noteSight(watch, memory, desk, nowMs) || sawChange;
  desk.start(probesDue(watch, desk, memory), nowMs);

  lookAround(desk, memory, policy, nowMs);
  const state = await knowState(ports, watch, desks, memory, healthChanged);
  tellClockOff({ ports, watch }, memory);
  noteVersion(memory, state.record, nowMs);
  if (state.record.evidenceGeneration !== memory.window.generation)
    see(watch, memory, nothingArrived, ports.clock.monotonicMs());

  const situation = situationOf(ports, watch, desks, memory, state);
  const judgement = decide(situation);
  const decision = explainDecision(judgement, situation);
  const plan = filterByMode(planFor(judgement, situation), situation, ports.observeOnly());

  await speak(ports, watch, memory, situation);
  const news = newsOf(memory, decision, situation.fences, policy, nowMs);
  tellNews({ ports, watch }, news, plan);
  await carryOut(turnOf(ports, watch, desks, memory), situation, plan);
  await record(ports, watch, memory, decision, news, situation.fences);
}

/** The outside state: read when it is due, with what is over ended, what fences need begun, and a drill taken further. */
async function knowState(
  ports: Ports,
  watch: Watch,
  desks: Desks,
  memory: Memory,
  healthChanged: boolean,
): Promise<KnownState> {
  const { state: known } = memory;
  const due = stateIsDue(ports, watch, memory, healthChanged);
  const read = due || !known ? await readState(ports, watch, memory, known, healthChanged) : known;
  if (known?.fleetPause && !read.fleetPause) resetEvidence(watch, memory, ports.clock.monotonicMs());
  await keepEnded({ ports, memory }, read.record);
  const fenced = await tendFences(ports, watch, desks.fences, memory, await endExpired(ports, watch, memory, read));
  memory.state = await tendDrill(ports, watch, memory, fenced);
  return memory.state;
}

/** The references are looked at beside the loop: more often when something is wrong, to know them before they matter. */
function lookAround(desk: ProbeDesk, memory: Memory, policy: ProbePolicy, nowMs: number): void {
  const allUp = Object.values(memory.health).every(({ state }) => state === 'up');
  if (nowMs - memory.referencesAtMs < (allUp ? policy.everyMs : policy.recheckMs)) return;
  memory.referencesAtMs = nowMs;
  void desk.lookAtReferences();
}

const nothingArrived = { probes: [], hints: [] };

function noteVersion(memory: Memory, { version }: PairRecord, nowMs: number): void {
  if (memory.seenVersion.version !== version) memory.seenVersion = { version, sinceMs: nowMs };
}

/** Versions begin anew in a store that was lost: one that is the same may be another's by chance. */
const isStill = (known: PairRecord, now: PairRecord) =>
  now.version === known.version && now.operation?.id === known.operation?.id;

function turnOf(ports: Ports, watch: Watch, desks: Desks, memory: Memory): Turn {
  const { desk, fences } = desks;
  return {
    ports,
    watch,
    memory,
    fences,
    async freshSituation(current: PairRecord, { from, to, verb }: Operation): Promise<Situation> {
      // By a monotonic clock that stood still with the host, old evidence looks fresh.
      if (isInterrupted(memory, ports.clock)) throw heldUp();
      const nowMs = ports.clock.monotonicMs();
      const failedAtMs = memory.health[from]?.lastFailureAtMs ?? Number.NEGATIVE_INFINITY;
      const lookedAtMs = desk.references()?.atMs ?? Number.NEGATIVE_INFINITY;
      // A side that has been down for a while is probed slowly, and may be back; one that is left by plan must still serve.
      const depth = verb === 'failover' ? 'full' : 'kept';
      const mayBeBack = nowMs - failedAtMs > watch.pair.probe.recheckMs;
      await Promise.all([
        desk.probeNow(to, 'kept'),
        depth === 'kept' || mayBeBack ? desk.probeNow(from, depth) : null,
        // Whoever accuses must have been able to see since.
        lookedAtMs <= Math.max(failedAtMs, nowMs - watch.pair.probe.recheckMs) ? desk.lookAtReferences() : null,
      ]);
      see(watch, memory, desk.take(), ports.clock.monotonicMs());
      noteSight(watch, memory, desk, ports.clock.monotonicMs());
      memory.seenAt = momentOf(ports.clock);
      const state = await readState(ports, watch, memory);
      if (state.storeProblem === null && !isStill(current, state.record))
        throw new VersionConflict(`${watch.pair.name} was changed by someone else`);
      return situationOf(ports, watch, desks, memory, state, current);
    },
  };
}
