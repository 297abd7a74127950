import type { NodeProbe } from '../model/probe.ts';
import { siteHealth } from '../observe/siteHealth.ts';
import { emptyWindow, observe, observeHint } from '../observe/window.ts';
import type { Arrived } from './desk.ts';
import type { Memory } from './memory.ts';
import type { Watch } from './ports.ts';

/** No probe takes longer than its rungs' deadlines, unless this process was frozen meanwhile. */
const rungsMax = 8;
const lateLimitMs = 2_000;

/**
 * Folds what arrived into the window and judges each site anew. Changes `memory`.
 * @returns whether the health of a site changed
 */
export function see({ pair }: Watch, memory: Memory, arrived: Arrived, nowMs: number): boolean {
  const generation = memory.state?.record.evidenceGeneration ?? memory.window.generation;
  memory.lateByMs = lateByMs(memory, nowMs);
  const heldUp = wasHeldUp(memory, arrived.probes, pair.probe.timeoutMs);
  if (heldUp || generation !== memory.window.generation) memory.window = emptyWindow(pair, generation, nowMs);
  for (const hint of arrived.hints) memory.window = observeHint(memory.window, hint);
  for (const probe of arrived.probes) memory.window = observe(memory.window, probe, pair.probe);

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
 * A process that was frozen (paused virtual machine, SIGSTOP, a starved host) finds every deadline passed at once, and
 * would take its own absence for silence of the others. What was in flight then says nothing.
 */
function wasHeldUp(memory: Memory, probes: NodeProbe[], timeoutMs: number): boolean {
  return memory.lateByMs > lateLimitMs || probes.some((probe) => durationMs(probe) > rungsMax * timeoutMs + 2_000);
}

const durationMs = (probe: NodeProbe) => probe.finishedAtMs - probe.startedAtMs;

/** How much later than planned this turn begins. */
function lateByMs({ lastTurn }: Memory, nowMs: number): number {
  return lastTurn === null ? 0 : nowMs - lastTurn.monotonicMs - lastTurn.plannedMs;
}
