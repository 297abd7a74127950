import { describe, expect, test } from '@jest/globals';
import { courses } from '../../cli/scenario/courses.ts';
import { scenarios, scenariosNamed } from '../../cli/scenario/scenarios.ts';
import { losesIntents } from '../simulation/support.ts';
import { playInSimulator } from '../support/stage/play.ts';

/** What is left to chance in the simulated world must not matter. */
const seeds = [1, 2, 3];

const courseOf = (name: string) => {
  const course = courses[name];
  if (!course) throw new Error(`${name} has no course in cli/scenario/courses.ts`);
  return course;
};

/** The end-to-end tests expect the same courses of real clusters (test/support/e2e.ts). */
describe('a scenario that is played on real clusters goes the same way in the simulator, and breaks no promise', () => {
  test.each(scenarios.map((scenario) => [scenario.name, scenario] as const))('%s', async (name, scenario) => {
    for (const seed of seeds) {
      const { wrong, transcript } = await playInSimulator(scenario, courseOf(name), seed);
      if (wrong.length > 0) throw new Error([`with seed ${seed}:`, ...wrong, '', ...transcript].join('\n'));
    }
  });

  test('and there is no course without a scenario', () => {
    expect(Object.keys(courses).sort()).toEqual(scenarios.map(({ name }) => name).sort());
  });
});

describe('playing a scenario in the simulator tells', () => {
  const [killPrimary] = scenariosNamed('kill-primary') as [(typeof scenarios)[number]];

  test('of another course than the expected one', async () => {
    const { wrong } = await playInSimulator(killPrimary, courseOf('kill-one'), 1);
    expect(wrong).toEqual([
      'decided: active-down, latched; expected: active-degraded',
      'ended: failover finished; expected: nothing',
      'desired: shanghai; expected: beijing',
    ]);
  });

  test('of a promise that is broken on the way', async () => {
    const { wrong, transcript } = await playInSimulator(killPrimary, courseOf('kill-primary'), 1, losesIntents);
    expect(wrong.join()).toContain('intent-before-flip');
    expect(transcript.join()).toContain('VIOLATION');
  });
});
