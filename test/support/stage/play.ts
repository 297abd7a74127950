import { finish } from '../../../bench/simulation/run.ts';
import { createWorld, type Mutation } from '../../../bench/simulation/world.ts';
import { deviationsFrom, type ExpectedCourse } from '../../../cli/scenario/course.ts';
import { type Scenario, Unexpected } from '../../../cli/scenario/scenario.ts';
import { openStage } from './stage.ts';
import { traceOf } from './trace.ts';

/** How a scenario went in the simulated world. */
export interface Played {
  /** What was not as it must be, one sentence each: in the scenario, its course, and what the judge saw. Empty: nothing. */
  wrong: string[];
  /** What happened, and what Warren said. */
  transcript: readonly string[];
}

/** As on real clusters, a while after the scenario still counts. */
const afterglowMs = 3_000;

/**
 * Plays a scenario that is written for real clusters in the simulator: in its world, with its processes and ports, and under the
 * eyes of its judge, until everything is healed and has settled.
 */
export async function playInSimulator(
  scenario: Scenario,
  expected: ExpectedCourse,
  seed: number,
  mutation: Mutation = {},
): Promise<Played> {
  const world = createWorld(traceOf(scenario, seed), mutation);
  const stage = openStage(world);
  const wrong: string[] = [];
  try {
    await stage.ready();
    await scenario.play(stage);
    await stage.pause(afterglowMs);
    wrong.push(...deviationsFrom(expected, await stage.course()));
  } catch (error) {
    wrong.push(error instanceof Unexpected ? error.message : String(error));
  }
  await finish(world);
  wrong.push(...world.violations.map(({ invariant, detail }) => `${invariant}: ${detail}`));
  return { wrong, transcript: world.told };
}
