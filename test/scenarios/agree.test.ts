import { describe, expect, test } from '@jest/globals';
import { deviationsFrom } from '../../cli/scenario/course.ts';
import { courses } from '../../cli/scenario/courses.ts';
import { scenarios } from '../../cli/scenario/scenarios.ts';
import { playInMemory } from '../support/stage/stage.ts';

/** The end-to-end tests expect the same courses of real clusters (test/support/e2e.ts). */
describe('a scenario that is played on real clusters goes the same way in memory, under virtual time', () => {
  test.each(scenarios.map((scenario) => [scenario.name, scenario] as const))('%s', async (name, scenario) => {
    const expected = courses[name];
    if (!expected) throw new Error(`${name} has no course in cli/scenario/courses.ts`);
    expect(deviationsFrom(expected, await playInMemory(scenario))).toEqual([]);
  });

  test('and there is no course without a scenario', () => {
    expect(Object.keys(courses).sort()).toEqual(scenarios.map(({ name }) => name).sort());
  });
});
