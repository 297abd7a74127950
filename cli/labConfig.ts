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
  /** Names of those who vote; by default one prober alone. */
  vantages?: string[] | undefined;
  /** References to the logins; by default to the variables of `labEnvironment`. */
  logins?: Logins | undefined;
}

/** The name of the lab's only pair. */
export const labPair = 'demo';

/** The name of the configuration in the lab's folder. */
export const labConfigFile = 'warren.yaml';

/** Who logs in for what: to probe, to fence, and to prove that the fence holds. */
type Logins = Record<keyof typeof labUsers, string>;

const users = Object.keys(labUsers) as (keyof typeof labUsers)[];
const variableOf = (user: string) => `WARREN_LAB_${user.toUpperCase()}`;
const fileOf = (user: string) => `${user}-credentials`;
const loginOf = (user: keyof typeof labUsers) => `${labUsers[user].name}:${labUsers[user].password}`;
const loginsBy = (reference: (user: keyof typeof labUsers) => string): Logins => ({
  probe: reference('probe'),
  app: reference('app'),
  operator: reference('operator'),
});

/** The text of the `warren.yaml` that watches the lab. */
export function labConfig(options: LabConfigOptions): string {
  const { nodesPerSite, storePath, probe, failover, vantages = [], logins } = options;
  const { sites, endpoint, runtimeApi } = labTopology(nodesPerSite);
  const runtime = `${runtimeApi.address}:${runtimeApi.port}`;
  const references = logins ?? loginsBy((user) => `env:${variableOf(user)}`);
  const pair = {
    name: labPair,
    primary: sites[0]?.name,
    standby: sites[1]?.name,
    sites: Object.fromEntries(sites.map((site) => [site.name, siteInput(site, references)])),
    reference: [`tcp://${runtime}`],
    endpoint: `amqp://${endpoint.address}:${endpoint.port}`,
    vantages,
    probe: { ...probe },
    failover: {
      mode: 'automatic',
      quorum: vantages.length > 1 ? ('majority' as const) : 1,
      cooldown: '30s',
      ...failover,
    },
    targets: [{ haproxy: { address: runtime, backend: 'amqp', servers: serversOf(sites) } }],
  };
  return stringify({ version: 1, store: storePath ?? 'warren.db', pairs: [pair] });
}

/** The environment that the secrets of `labConfig` refer to. */
export function labEnvironment(): Record<string, string> {
  return Object.fromEntries(users.map((user) => [variableOf(user), loginOf(user)]));
}

/**
 * Writes the configuration and the credentials it refers to into the lab's folder, where `labDown` removes them.
 * @returns the path of the configuration
 */
export function writeLabConfig(folder: string, nodesPerSite: NodesPerSite): string {
  for (const user of users) writeFileSync(join(folder, fileOf(user)), `${loginOf(user)}\n`, { mode: 0o600 });
  const path = join(folder, labConfigFile);
  writeFileSync(path, labConfig({ nodesPerSite, logins: loginsBy((user) => `file:${fileOf(user)}`) }));
  return path;
}

function siteInput({ name, nodes }: LabSite, { probe, app, operator }: Logins): PairInput['sites'][string] {
  return {
    nodes: nodes.map(({ erlangName, address, amqpPort, managementPort }) => ({
      name: erlangName,
      amqp: `amqp://${address}:${amqpPort}`,
      management: `http://${address}:${managementPort}`,
    })),
    clusterName: name,
    probeCredentials: probe,
    operatorCredentials: operator,
    fenceUsers: [labUsers.app.name],
    fenceProof: app,
  };
}

function serversOf(sites: readonly LabSite[]): Record<string, string[]> {
  return Object.fromEntries(sites.map(({ name, nodes }) => [name, nodes.map((node) => node.name)]));
}
