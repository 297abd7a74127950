/** One broker of the lab: its Erlang name and where it listens. */
export interface LabNode {
  readonly name: string;
  readonly erlangName: string;
  readonly site: SiteName;
  readonly address: string;
  readonly amqpPort: number;
  readonly managementPort: number;
  readonly distributionPort: number;
}

/** One cluster of the lab. `name` is also its RabbitMQ `cluster_name`. */
export interface LabSite {
  readonly name: SiteName;
  readonly cookie: string;
  readonly nodes: readonly LabNode[];
}

/** Everything that has an address in the lab. */
export interface LabTopology {
  readonly nodesPerSite: NodesPerSite;
  readonly sites: readonly LabSite[];
  readonly endpoint: { readonly address: string; readonly port: number };
  readonly runtimeApi: { readonly address: string; readonly port: number };
  readonly epmdPort: number;
}

export interface LabUser {
  readonly name: string;
  readonly password: string;
  readonly tags: readonly string[];
  /** Regular expressions of what may be configured, written and read in the virtual host. */
  readonly permissions: { readonly configure: string; readonly write: string; readonly read: string };
}

export type SiteName = 'beijing' | 'shanghai';
export type NodesPerSite = 1 | 3;

export const siteNames: readonly SiteName[] = ['beijing', 'shanghai'];

const everything = { configure: '.*', write: '.*', read: '.*' };
/** What README tells people to allow the probe user, and no more. Publishing to a queue by name writes to `amq.default`. */
const probing = { configure: '^warren\\.', write: '^(warren\\..*|amq\\.default)$', read: '^warren\\.' };

/** The users that exist on both sites. Their passwords are no secrets: the lab listens on loopback only. */
export const labUsers = {
  probe: { name: 'probe', password: 'probe-lab', tags: ['monitoring'], permissions: probing },
  app: { name: 'app', password: 'app-lab', tags: [], permissions: everything },
  operator: { name: 'operator', password: 'operator-lab', tags: ['administrator'], permissions: everything },
} as const satisfies Record<string, LabUser>;

const amqpPort = 5672;
const managementPort = 15672;
const endpointAddress = '127.0.9.1';
const endpointPort = 5672;
const runtimePort = 9999;

// Not the standard 4369, so that a broker of the system keeps its own port mapper and is never seen from here.
// Below 32768, where Linux begins to choose ports for outgoing connections by itself (ip_local_port_range).
const epmdPort = 24369;
const firstDistributionPort = 24370;

const sitePlan = {
  beijing: { prefix: 'bj', subnet: '127.0.1' },
  shanghai: { prefix: 'sh', subnet: '127.0.2' },
} as const;

/** Names, addresses and ports of a lab with so many nodes in each of its two sites. */
export function labTopology(nodesPerSite: NodesPerSite): LabTopology {
  return {
    nodesPerSite,
    sites: siteNames.map((name) => labSite(name, nodesPerSite)),
    endpoint: { address: endpointAddress, port: endpointPort },
    runtimeApi: { address: endpointAddress, port: runtimePort },
    epmdPort,
  };
}

/** All nodes of both sites, the primary's first. */
export function allNodes(topology: LabTopology): readonly LabNode[] {
  return topology.sites.flatMap((site) => site.nodes);
}

/** One site by name. Throws if the topology lacks it. */
export function siteOf(topology: LabTopology, name: SiteName): LabSite {
  const site = topology.sites.find((candidate) => candidate.name === name);
  if (site === undefined) throw new Error(`The lab has no site "${name}".`);
  return site;
}

/** Every address and TCP port that the lab listens on. */
export function listeningPorts(topology: LabTopology): readonly { address: string; port: number }[] {
  const brokers = allNodes(topology).flatMap((node) => [
    { address: node.address, port: node.amqpPort },
    { address: node.address, port: node.managementPort },
    { address: '127.0.0.1', port: node.distributionPort },
  ]);
  return [...brokers, topology.endpoint, topology.runtimeApi, { address: '127.0.0.1', port: topology.epmdPort }];
}

function labSite(name: SiteName, nodesPerSite: NodesPerSite): LabSite {
  const { prefix, subnet } = sitePlan[name];
  const nodes = Array.from({ length: nodesPerSite }, (_, index): LabNode => {
    const number = index + 1;
    return {
      name: `${prefix}${number}`,
      erlangName: `${prefix}${number}@localhost`,
      site: name,
      address: `${subnet}.${number}`,
      amqpPort,
      managementPort,
      distributionPort: firstDistributionPort + siteNames.indexOf(name) * 10 + number,
    };
  });
  return { name, cookie: `warren-lab-${name}`, nodes };
}
