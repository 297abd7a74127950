import { checkCalm, unsettled } from './checkCalm.ts';
import { checkFleet } from './checkFleet.ts';
import { happen, heal } from './happen.ts';
import type { Violation } from './judge.ts';
import type { Move } from './moves.ts';
import type { Trace } from './trace.ts';
import { startVantages } from './vantages.ts';
import { createWorld, type Mutation, type World } from './world.ts';

/** What became of one trace. */
export interface Outcome {
  seed: number;
  number: number;
  violations: Violation[];
  moves: Move[];
  /** How long no client was served, each time that traffic moved by itself meanwhile. */
  outagesMs: number[];
  virtualMs: number;
  /** Of the loop, all processes and pairs together. */
  turns: number;
  transcript: string[];
}

/** After this long nothing may be left half done: an operation tries twenty times before it asks for a person. */
const quietMs = 240_000;
/** What has settled is watched for this long all the same. */
const settledMs = 6_000;
const everyMs = 1_000;

/** Plays a trace against the real core. Deterministic: the same trace, the same outcome. */
export async function runTrace(trace: Trace, mutation: Mutation = {}): Promise<Outcome> {
  const world = createWorld(trace, mutation);
  startVantages(world);
  await play(world);
  await finish(world);
  return {
    seed: trace.seed,
    number: trace.number,
    violations: world.violations,
    moves: world.watched.flatMap(({ judge }) => judge.moves),
    outagesMs: world.watched.flatMap(({ clients }) => clients.outagesMs),
    virtualMs: world.clock.monotonicMs(),
    turns: world.turns,
    transcript: world.told,
  };
}

/** Heals everything, waits until nothing is left half done, and ends every process. What is wrong stands last in the transcript. */
export async function finish(world: World): Promise<void> {
  heal(world);
  await settle(world);
  const { violations, clock, lives, told } = world;
  const endMs = clock.monotonicMs();
  violations.push(...checkFleet(world).map((each) => ({ ...each, atMs: endMs })));
  for (const { process } of lives) process.kill();
  for (const { atMs, invariant, detail } of violations)
    told.push(`${(atMs / 1_000).toFixed(1).padStart(7)}  VIOLATION  ${invariant}: ${detail}`);
}

async function play(world: World): Promise<void> {
  const { trace } = world;
  for (const event of trace.events) {
    await watch(world, event.atMs);
    if (world.violations.length > 0) return;
    happen(world, event);
  }
  await watch(world, trace.lengthMs);
}

/** Lets time pass until then, and looks every second; once something is wrong there is nothing more to learn. */
export async function watch(world: World, untilMs: number): Promise<void> {
  const { clock, violations } = world;
  while (clock.monotonicMs() < untilMs && violations.length === 0) {
    await clock.advance(Math.min(everyMs, untilMs - clock.monotonicMs()));
    await checkCalm(world);
  }
}

/** Waits until nothing is left half done, and stays so for a while. */
async function settle(world: World): Promise<void> {
  const { clock, trace, violations } = world;
  const atLatestMs = clock.monotonicMs() + quietMs;
  if (trace.isWatchedLong) await watch(world, atLatestMs);
  let sinceMs: number | null = null;
  while (violations.length === 0) {
    const nowMs = clock.monotonicMs();
    const left = await unsettled(world);
    if (left.length > 0) sinceMs = null;
    else sinceMs ??= nowMs;
    if (sinceMs !== null && nowMs - sinceMs >= settledMs) return;
    if (left.length > 0 && nowMs >= atLatestMs) violations.push(...left.map((each) => ({ ...each, atMs: nowMs })));
    await watch(world, nowMs + settledMs / 4);
  }
}
