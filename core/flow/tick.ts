import { decide } from '../decide/decide.ts';
import { explainDecision } from '../explain/decision.ts';
import type { PairRecord } from '../model/record.ts';
import type { Situation } from '../model/situation.ts';
import { scheduleProbes } from '../observe/schedule.ts';
import { filterByMode, planFor } from '../plan/plan.ts';
import { carryOut } from './carryOut.ts';
import type { ProbeDesk } from './desk.ts';
import type { Memory } from './memory.ts';
import { type Ports, VersionConflict, type Watch } from './ports.ts';
import { record, tellNews } from './record.ts';
import { see } from './see.ts';
import { situationOf } from './situation.ts';
import { readState, stateIsDue } from './state.ts';
import type { Turn } from './turn.ts';

/**
 * One turn of the loop: schedule, probe, observe, decide, plan, claim, act, record, notify. Probes run beside the loop:
 * those started here are observed in the turn in which they end. Changes `memory`; rejects for nothing that a port says
 * can happen.
 */
export async function tick(ports: Ports, watch: Watch, desk: ProbeDesk, memory: Memory): Promise<void> {
  const { probe: policy, failover } = watch.pair;
  const nowMs = ports.clock.monotonicMs();
  desk.start(scheduleProbes(memory.window, policy, desk.lastStarted), nowMs);

  const changes = see(watch, memory, desk.take(), nowMs);
  const due = stateIsDue(memory, policy.everyMs, changes.length > 0, nowMs);
  const state = due || !memory.state ? await readState(ports, watch, memory.state) : memory.state;
  memory.state = state;
  noteVersion(memory, state.record, nowMs);

  const situation = situationOf(ports, watch, desk, memory, state);
  const judgement = decide(situation);
  const decision = explainDecision(judgement, situation);
  const plan = filterByMode(planFor(judgement, situation), failover.mode, ports.observeOnly());

  tellNews({ ports, watch, memory }, changes, decision, plan);
  await carryOut(turnOf(ports, watch, desk, memory), situation, plan);
  await record(ports, watch, memory, changes, decision);
}

function noteVersion(memory: Memory, { version }: PairRecord, nowMs: number): void {
  if (memory.seenVersion.version !== version) memory.seenVersion = { version, sinceMs: nowMs };
}

function turnOf(ports: Ports, watch: Watch, desk: ProbeDesk, memory: Memory): Turn {
  return {
    ports,
    watch,
    memory,
    async freshSituation(current: PairRecord, destination: string): Promise<Situation> {
      await Promise.all([desk.probeNow(destination), desk.lookAtReferences()]);
      see(watch, memory, desk.take(), ports.clock.monotonicMs());
      const state = await readState(ports, watch, null);
      if (state.storeProblem === null && state.record.version !== current.version)
        throw new VersionConflict(`${watch.pair.name} was changed by someone else`);
      return situationOf(ports, watch, desk, memory, state, current);
    },
  };
}
