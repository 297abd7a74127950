import { readEveryMs, readsPerSecondMax, requestsPerSecondMax } from '../adapters/route53/rates.ts';
import type { Config } from '../core/model/config.ts';
import type { Refusal } from './refusals.ts';
import type { Stage } from './stage.ts';

/**
 * Each vantage reads each zone as often as the pairs with a record there do, and no more than once in `readEveryMs`. A reading counts
 * as one request: how many pages it takes depends on what else is in the zone, which is not known here (`docs/targets.md`).
 */
function zoneReadsPerSecond({ vantages }: Pick<Stage, 'vantages'>, { pairs }: Pick<Config, 'pairs'>): number {
  const zones = new Map<string, number>();
  for (const { targets, probe } of pairs)
    for (const zone of new Set(targets.flatMap(({ route53 }) => route53?.zone ?? [])))
      zones.set(zone, (zones.get(zone) ?? 0) + 1_000 / probe.everyMs);
  const rates = [...zones.values()].map((perSecond) => Math.min(perSecond, 1_000 / readEveryMs));
  return vantages.length * rates.reduce((sum, perSecond) => sum + perSecond, 0);
}

/** What Route 53 refuses of readings is unreadable, and holds every move. */
export function rateProblems(stage: Stage, config: Config): Refusal[] {
  const perSecond = zoneReadsPerSecond(stage, config);
  if (perSecond <= readsPerSecondMax) return [];
  const most = `at most ${readsPerSecondMax} of the ${requestsPerSecondMax} that Route 53 takes of an account`;
  return [
    {
      path: 'pairs',
      value: `${Number(perSecond.toFixed(2))} requests a second to read the records of Route 53`,
      expected: `${most}, because flips need the others: a longer probe.every, or fewer hosted zones`,
    },
  ];
}
