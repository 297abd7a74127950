import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type * as z from 'zod';
import type { configSchema } from '../core/model/config.ts';
import { type LabSite, labTopology, labUsers, type NodesPerSite } from '../lab/topology.ts';

type PairInput = z.input<typeof configSchema>['pairs'][number];

export interface LabConfigOptions {
  nodesPerSite: NodesPerSite;
  /** By default `warren.db`, beside the configuration. */
  storePath?: string | undefined;
  /** Keys of `probe` and `failover`, as they are written in the file, that differ from the lab's. */
  probe?: Record<string, unknown> | undefined;
  failover?: Record<string, unknown> | undefined;
  /** Where the credentials are; by default in the variables of `labEnvironment`. */
  credentials?: string | undefined;
}

/** The name of the lab's only pair. */
export const labPair = 'demo';

/** The name of the configuration in the lab's folder. */
export const labConfigFile = 'warren.yaml';

const credentialsVariable = 'WARREN_LAB_PROBE';
const credentialsFile = 'probe-credentials';
const { probe: probeUser } = labUsers;
const probeCredentials = `${probeUser.name}:${probeUser.password}`;

/** The text of the `warren.yaml` that watches the lab. */
export function labConfig({ nodesPerSite, storePath, probe, failover, credentials }: LabConfigOptions): string {
  const { sites, endpoint, runtimeApi } = labTopology(nodesPerSite);
  const runtime = `${runtimeApi.address}:${runtimeApi.port}`;
  const reference = credentials ?? `env:${credentialsVariable}`;
  const pair = {
    name: labPair,
    primary: sites[0]?.name,
    standby: sites[1]?.name,
    sites: Object.fromEntries(sites.map((site) => [site.name, siteInput(site, reference)])),
    reference: [`tcp://${runtime}`],
    endpoint: `amqp://${endpoint.address}:${endpoint.port}`,
    probe: { ...probe },
    failover: { mode: 'automatic', quorum: 1, cooldown: '30s', ...failover },
    targets: [{ haproxy: { address: runtime, backend: 'amqp', servers: serversOf(sites) } }],
  };
  return stringify({ version: 1, store: storePath ?? 'warren.db', pairs: [pair] });
}

/** The environment that the secrets of `labConfig` refer to. */
export function labEnvironment(): Record<string, string> {
  return { [credentialsVariable]: probeCredentials };
}

/**
 * Writes the configuration and the credentials it refers to into the lab's folder, where `labDown` removes them.
 * @returns the path of the configuration
 */
export function writeLabConfig(folder: string, nodesPerSite: NodesPerSite): string {
  writeFileSync(join(folder, credentialsFile), `${probeCredentials}\n`, { mode: 0o600 });
  const path = join(folder, labConfigFile);
  writeFileSync(path, labConfig({ nodesPerSite, credentials: `file:${credentialsFile}` }));
  return path;
}

function siteInput({ name, nodes }: LabSite, credentials: string): PairInput['sites'][string] {
  return {
    nodes: nodes.map(({ erlangName, address, amqpPort, managementPort }) => ({
      name: erlangName,
      amqp: `amqp://${address}:${amqpPort}`,
      management: `http://${address}:${managementPort}`,
    })),
    clusterName: name,
    probeCredentials: credentials,
  };
}

function serversOf(sites: readonly LabSite[]): Record<string, string[]> {
  return Object.fromEntries(sites.map(({ name, nodes }) => [name, nodes.map((node) => node.name)]));
}
