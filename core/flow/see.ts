import type { Pair } from '../model/config.ts';
import type { NodeProbe } from '../model/probe.ts';
import { type ScheduledProbe, scheduleProbes } from '../observe/schedule.ts';
import { isBlind, isHeldUp } from '../observe/selfTrust.ts';
import { siteHealth } from '../observe/siteHealth.ts';
import { emptyWindow, observe, observeHint, withoutAccusations } from '../observe/window.ts';
import type { Arrived, ProbeDesk } from './desk.ts';
import type { Standstill } from './heartbeat.ts';
import type { Memory } from './memory.ts';
import type { Clock, Watch } from './ports.ts';

/** No probe takes longer than its rungs' deadlines, unless this process was frozen meanwhile. */
const rungsMax = 8;

/**
 * Compares the clocks with what the last turn expected. A process that was frozen (paused virtual machine, SIGSTOP, a
 * starved host) finds every deadline passed at once, and would take its own absence for silence of the others; a suspended
 * host may only notice by its wall clock. Either way, what was observed before says nothing about now.
 * @param standstill the last one, in the middle of a turn or not
 * @returns whether that was so
 */
export function beginTurn({ pair }: Watch, memory: Memory, clock: Clock, standstill: Standstill | null): boolean {
  const [nowMs, monotonicMs] = [clock.nowMs(), clock.monotonicMs()];
  const { lastTurn } = memory;
  memory.began = { wallMs: nowMs, monotonicMs };
  const passedMs = lastTurn ? monotonicMs - lastTurn.monotonicMs : 0;
  memory.self = {
    lateByMs: Math.max(lastTurn ? passedMs - lastTurn.plannedMs : 0, unnoticedMs(memory, standstill)),
    clockJumpMs: lastTurn ? nowMs - lastTurn.wallMs - passedMs : 0,
  };
  const heldUp = isHeldUp(memory.self);
  if (heldUp) resetEvidence({ pair }, memory, monotonicMs);
  if (heldUp) memory.heldUpAtMs = monotonicMs;
  return heldUp;
}

function unnoticedMs({ heldUpAtMs }: Memory, standstill: Standstill | null): number {
  return standstill && standstill.sinceMs >= heldUpAtMs ? standstill.lateByMs : 0;
}

/** The host was suspended, or its clock was set, in the middle of this turn: the next one notices as well, and begins anew. */
export function isInterrupted({ began }: Memory, clock: Clock): boolean {
  const clockJumpMs = clock.nowMs() - began.wallMs - (clock.monotonicMs() - began.monotonicMs);
  return isHeldUp({ clockJumpMs, lateByMs: 0 });
}

/** What was observed until now does not count any more. */
export function resetEvidence({ pair }: Pick<Watch, 'pair'>, memory: Memory, nowMs: number): void {
  memory.window = emptyWindow(pair, memory.window.generation, nowMs);
  memory.inherited = {};
}

/**
 * Folds what arrived into the window and judges each site anew. Changes `memory`.
 * @returns whether the health of a site changed
 */
export function see({ pair }: Watch, memory: Memory, arrived: Arrived, nowMs: number): boolean {
  const generation = memory.state?.record.evidenceGeneration ?? memory.window.generation;
  const frozen = arrived.probes.some((probe) => durationMs(probe) > rungsMax * pair.probe.timeoutMs + 2_000);
  if (frozen || generation !== memory.window.generation) {
    // Conditions outlive a start, and nothing else that requires fresh evidence.
    memory.window = emptyWindow(pair, generation, nowMs, memory.inherited);
  }
  if (memory.state) memory.inherited = {};
  for (const hint of arrived.hints) memory.window = observeHint(memory.window, hint);
  for (const probe of arrived.probes) memory.window = observe(memory.window, probe, pair.probe);

  return judgeHealth(pair, memory, nowMs);
}

/** Judges each site by the window as it is. @returns whether the health of a site changed */
function judgeHealth(pair: Pair, memory: Memory, nowMs: number): boolean {
  let changed = false;
  for (const site of Object.keys(pair.sites)) {
    const before = memory.health[site] ?? null;
    const after = siteHealth(memory.window, site, pair.probe, nowMs, before ?? undefined);
    memory.health = { ...memory.health, [site]: after };
    changed ||= before?.state !== after.state || before.cause !== after.cause;
  }
  return changed;
}

/**
 * Takes over what the last look at the references said. Whoever could see nothing until now accuses nobody by what it saw then: its
 * own network may have come back whole, and the sides with it. Changes `memory`.
 * @returns whether the health of a site changed
 */
export function noteSight({ pair }: Watch, memory: Memory, { references }: ProbeDesk, nowMs: number): boolean {
  memory.referencesVisible = (references()?.seen ?? []).map(({ visible }) => visible);
  const wasBlind = memory.isBlind;
  memory.isBlind = isBlind(memory.health, memory.referencesVisible);
  if (!wasBlind || memory.isBlind) return false;
  memory.window = withoutAccusations(memory.window, nowMs);
  return judgeHealth(pair, memory, nowMs);
}

/** Every probe of the pair with the moment it is due. */
export function probesDue({ pair }: Watch, { lastStarted }: ProbeDesk, { window, state }: Memory): ScheduledProbe[] {
  return scheduleProbes(window, pair, lastStarted, state?.record.desired ?? null);
}

const durationMs = (probe: NodeProbe) => probe.finishedAtMs - probe.startedAtMs;
