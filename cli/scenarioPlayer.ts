import type { Lab } from '../lab/lab.ts';
import { CommandError, type ExitCode, exitCodes } from './failure.ts';
import { print, printJson } from './layout.ts';
import { type ScenarioResult, summaryOf } from './scenario/result.ts';
import { runScenario } from './scenario/run.ts';
import type { Scenario } from './scenario/scenario.ts';
import { scenarios, scenariosNamed } from './scenario/scenarios.ts';

/** The scenarios of this name. @throws CommandError that names those there are */
export function requireScenarios(name: string): readonly Scenario[] {
  const chosen = scenariosNamed(name);
  if (chosen.length > 0) return chosen;
  const known = scenarios.map((scenario) => scenario.name).join(', ');
  throw new CommandError(`There is no scenario "${name}". There are: all, ${known}.`, exitCodes.badInput);
}

interface PlayOptions {
  json: boolean;
  say: (sentence: string) => void;
  signal: AbortSignal;
}

/** Plays one scenario after the other, with a summary of each. */
export async function playScenarios(
  lab: Lab,
  chosen: readonly Scenario[],
  { json, say, signal }: PlayOptions,
): Promise<ExitCode> {
  const results: ScenarioResult[] = [];
  for (const scenario of chosen) {
    const result = await Promise.race([runScenario(lab, scenario, say), rejectOnAbort(signal)]);
    results.push(result);
    if (json) printJson(result);
    else print('', summaryOf(result), '');
  }
  return exitCodeOf(results);
}

/** Only what went as expected counts as done: what was not run has shown nothing. */
function exitCodeOf(results: ScenarioResult[]): ExitCode {
  if (results.some(({ outcome }) => outcome === 'unexpected')) return exitCodes.failed;
  return results.some(({ outcome }) => outcome === 'not-run') ? exitCodes.refused : exitCodes.done;
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
