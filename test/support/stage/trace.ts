import { parseConfig } from '../../../adapters/system/loadConfig.ts';
import { fenceUserOf } from '../../../bench/simulation/policy.ts';
import type { Trace } from '../../../bench/simulation/trace.ts';
import { labConfig } from '../../../cli/labConfig.ts';
import type { Scenario } from '../../../cli/scenario/scenario.ts';
import type { Pair } from '../../../core/model/config.ts';

/**
 * A trace in which nothing happens by itself, under the configuration with which the scenario is played on real clusters.
 * @param seed of how long each call takes, and of whatever else the simulated world leaves to chance
 */
export function traceOf({ probe, failover }: Scenario, seed: number): Trace {
  const { pairs, ...config } = parseConfig(
    labConfig({ nodesPerSite: 3, probe, failover }),
    'the configuration of the lab',
  );
  return {
    seed,
    number: 0,
    config: { ...config, pairs: pairs.map(withSimulatedUsers) },
    events: [],
    lengthMs: 0,
    runs: 'long',
    wrongClock: null,
    isWatchedLong: false,
  };
}

/** In the simulated world applications have names of their own. */
function withSimulatedUsers(pair: Pair): Pair {
  const fenceUsers = [fenceUserOf(pair)];
  const sites = Object.entries(pair.sites).map(([name, site]) => [name, { ...site, fenceUsers }]);
  return { ...pair, sites: Object.fromEntries(sites) };
}
