import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Course, deviationsFrom } from '../../cli/scenario/course.ts';
import { courses } from '../../cli/scenario/courses.ts';
import { summaryOf } from '../../cli/scenario/result.ts';
import { runScenario } from '../../cli/scenario/run.ts';
import { scenarios } from '../../cli/scenario/scenarios.ts';
import { labDown } from '../../lab/down.ts';
import type { Lab } from '../../lab/lab.ts';
import { labUp } from '../../lab/up.ts';

const bootTimeoutMs = 300_000;
const scenarioTimeoutMs = 300_000;

/**
 * Plays the scenarios on one lab of two clusters of three nodes each, and expects each to go as its table row says, and to take the
 * course that it takes in the simulator (test/scenarios/agree.test.ts).
 */
export async function describeScenarios(title: string, names: string[]): Promise<void> {
  const chosen = scenarios.filter(({ name }) => names.includes(name));
  const reasons = await Promise.all(chosen.map((scenario) => scenario.cannotRun?.() ?? null));
  describe(title, () => {
    let lab: Lab;
    beforeAll(async () => {
      await labDown();
      lab = await labUp({ nodesPerSite: 3 });
    }, bootTimeoutMs);
    afterAll(() => labDown(), 60_000);

    chosen.forEach((scenario, index) => {
      const reason = reasons[index];
      const sentence = `${scenario.name}: ${scenario.done}: ${scenario.expected}`;
      if (reason) test.skip(`${sentence} (not run: ${reason})`, () => {});
      else
        test(
          sentence,
          async () => {
            const told: string[] = [];
            const result = await runScenario(lab, scenario, (line) => told.push(line));
            process.stderr.write(`${summaryOf(result)}\n`);
            if (result.outcome !== 'as-expected') throw new Error(`${summaryOf(result)}\n${told.join('\n')}`);
            expect(result.messages?.lost).toBe(0);
            expect(deviations(scenario.name, result.course)).toEqual([]);
          },
          scenarioTimeoutMs,
        );
    });
  });
}

function deviations(name: string, course: Course | undefined): string[] {
  const expected = courses[name];
  if (!expected || !course) return [`${name} has no course`];
  return deviationsFrom(expected, course);
}

export const mainScenarios = [
  'kill-primary',
  'hang-primary',
  'hang-one',
  'wrong-password',
  'standby-sick',
  'foreign-edit',
  'switchover',
  'fence-on-return',
  'warren-killed-after-commit',
];

export const otherScenarios = scenarios.map(({ name }) => name).filter((name) => !mainScenarios.includes(name));
