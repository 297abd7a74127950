import type { Config, Pair } from '../core/model/config.ts';
import { CommandError, exitCodes } from './failure.ts';

/** The name of the only prober when none is configured. */
const onlyVantage = 'local';

/**
 * As whom this process watches each pair, in the configuration's order: as the vantage that was named, else as the only one
 * that is configured. @throws CommandError that lists every pair which does not know it
 */
export function vantagesOf(config: Config, given: string | undefined): string[] {
  const problems = config.pairs.flatMap((pair) => vantageProblem(pair, given) ?? []);
  if (problems.length > 0) throw new CommandError(problems.join('\n'), exitCodes.badInput);
  return config.pairs.map(({ vantages }) => given ?? vantages[0]?.name ?? onlyVantage);
}

function vantageProblem({ name, vantages }: Pair, given: string | undefined): string | undefined {
  const names = vantages.map((vantage) => vantage.name);
  const known = names.join(', ');
  if (given === undefined && vantages.length > 1)
    return `Pair ${name} is watched by several vantages: say with --vantage which one this is (${known}).`;
  if (given !== undefined && vantages.length > 0 && !names.includes(given))
    return `Pair ${name} has no vantage "${given}". The configuration has: ${known}.`;
  return undefined;
}
