import { createHash } from 'node:crypto';
import type { Pair } from '../../core/model/config.ts';

/**
 * Of what in a pair's configuration a decision depends on: vantages that were told different things do not vote together. Left
 * out is what may differ from host to host: where secrets are found, and who is told.
 */
export function configHashOf({
  name,
  primary,
  standby,
  sites,
  vantages,
  endpoint,
  probe,
  failover,
  targets,
}: Pair): string {
  const clusters = Object.entries(sites)
    .sort(([left], [right]) => left.localeCompare(right))
    .map(([site, { nodes, vhost, clusterName, fenceUsers }]) => ({ site, nodes, vhost, clusterName, fenceUsers }));
  const decisive = { name, primary, standby, clusters, vantages, endpoint, probe, failover, targets };
  return createHash('sha256').update(JSON.stringify(decisive)).digest('hex').slice(0, 16);
}
