import { checkCalm, checkEnd } from './checkCalm.ts';
import { happen, heal } from './happen.ts';
import type { Move, Violation } from './judge.ts';
import type { Trace } from './trace.ts';
import { createWorld, type Mutation, startProcess, type World } from './world.ts';

/** What became of one trace. */
export interface Outcome {
  seed: number;
  number: number;
  violations: Violation[];
  moves: Move[];
  virtualMs: number;
  transcript: string[];
}

const quietMs = 180_000;
const everyMs = 1_000;

/** Plays a trace against the real core. Deterministic: the same trace, the same outcome. */
export async function runTrace(trace: Trace, mutation: Mutation = {}): Promise<Outcome> {
  const world = createWorld(trace, mutation);
  for (const vantage of world.hosts.keys()) startProcess(world, vantage);
  await play(world);
  heal(world);
  await watch(world, trace.lengthMs + quietMs);
  if (world.judge.violations.length === 0) await checkEnd(world);
  for (const { process } of world.lives) process.kill();
  const { violations, moves } = world.judge;
  for (const { atMs, invariant, detail } of violations)
    world.told.push(`${(atMs / 1_000).toFixed(1).padStart(7)}  VIOLATION  ${invariant}: ${detail}`);
  return {
    seed: trace.seed,
    number: trace.number,
    violations,
    moves,
    virtualMs: world.clock.monotonicMs(),
    transcript: world.told,
  };
}

async function play(world: World): Promise<void> {
  const { trace } = world;
  for (const event of trace.events) {
    await watch(world, event.atMs);
    happen(world, event);
  }
  await watch(world, trace.lengthMs);
}

/** Lets time pass until then, and looks every second; once something is wrong there is nothing more to learn. */
async function watch(world: World, untilMs: number): Promise<void> {
  const { clock, judge } = world;
  while (clock.monotonicMs() < untilMs && judge.violations.length === 0) {
    await clock.advance(Math.min(everyMs, untilMs - clock.monotonicMs()));
    await checkCalm(world);
  }
}
