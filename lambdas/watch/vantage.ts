import type { Config, Pair } from '../../core/model/config.ts';
import { environmentNames } from '../shared/contract.ts';
import { SettingsError } from '../shared/settings.ts';

/** The name of the only prober when none is configured. */
const onlyVantage = 'function';

/**
 * As whom the function watches each pair, in the configuration's order: as the vantage it was told, else as the only one that no
 * alarm speaks for. @throws SettingsError that names every pair for which that is none
 */
export function vantagesOf({ pairs }: Config, given: string | undefined): string[] {
  const problems = pairs.flatMap((pair) => problemOf(pair, given) ?? []);
  if (problems.length > 0) throw new SettingsError(problems.join(' '));
  return pairs.map((pair) => given ?? watchers(pair)[0] ?? onlyVantage);
}

function problemOf(pair: Pair, given: string | undefined): string | undefined {
  const names = watchers(pair);
  const known = names.join(', ') || 'none';
  if (given === undefined && names.length > 1)
    return `Pair ${pair.name} is watched by several vantages: say in ${environmentNames.vantage} which one this is (${known}).`;
  if (given !== undefined && pair.vantages.length > 0 && !names.includes(given))
    return `Pair ${pair.name} has no vantage "${given}" that probes. The configuration has: ${known}.`;
  return undefined;
}

/** Two who speak for one vantage would contradict each other. */
function watchers({ vantages, alarms }: Pair): string[] {
  return vantages.map(({ name }) => name).filter((name) => !alarms.some(({ vantage }) => vantage === name));
}
