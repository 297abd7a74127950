import { createHash } from 'node:crypto';
import type { LabNode, LabSite, LabUser } from './topology.ts';
import { labUsers } from './topology.ts';

/**
 * `rabbitmq.conf` of one node.
 *
 * The first node of a site knows no peers and so founds the cluster; the others join it, and are started only once it
 * has booted. Started all together, joining nodes sometimes leave the founder stuck in its boot (3.10.8, 1 in 4).
 */
export function renderBrokerConfig(site: LabSite, node: LabNode, definitionsFile: string): string {
  const founder = site.nodes[0];
  const isFounder = founder === undefined || founder.name === node.name;
  const peers = isFounder ? [] : [founder.erlangName, node.erlangName];
  const lines = [
    `cluster_name = ${site.name}`,
    `listeners.tcp.1 = ${node.address}:${node.amqpPort}`,
    `management.tcp.ip = ${node.address}`,
    `management.tcp.port = ${node.managementPort}`,
    'cluster_partition_handling = pause_minority',
    'cluster_formation.peer_discovery_backend = classic_config',
    ...peers.map((peer, index) => `cluster_formation.classic_config.nodes.${index + 1} = ${peer}`),
    'log.file.level = info',
    'log.console = false',
  ];
  // Only the founder imports: the others get it all by joining. "Unchanged" keeps a restart from undoing a fault.
  if (isFounder) lines.push(...importLines(definitionsFile));
  return `${lines.join('\n')}\n`;
}

// `load_definitions` would be shorter, but in 3.10 it ends the boot when combined with `skip_if_unchanged`.
function importLines(definitionsFile: string): readonly string[] {
  return [
    'definitions.import_backend = local_filesystem',
    `definitions.local.path = ${definitionsFile}`,
    'definitions.skip_if_unchanged = true',
  ];
}

/** Users, permissions and virtual host of a site, in RabbitMQ's definitions format. */
export function renderDefinitions(site: LabSite): string {
  const users = Object.values<LabUser>(labUsers);
  const definitions = {
    vhosts: [{ name: '/' }],
    users: users.map((user) => ({
      name: user.name,
      password_hash: passwordHash(user.password, `${site.name}${user.name}`),
      hashing_algorithm: 'rabbit_password_hashing_sha256',
      tags: user.tags,
    })),
    permissions: users.map((user) => ({ user: user.name, vhost: '/', ...user.permissions })),
  };
  return `${JSON.stringify(definitions, undefined, 2)}\n`;
}

/** RabbitMQ's salted SHA-256: base64(salt + sha256(salt + password)). Source: rabbitmq.com/docs/passwords. */
function passwordHash(password: string, saltSeed: string): string {
  const salt = createHash('sha256').update(saltSeed).digest().subarray(0, 4);
  const hash = createHash('sha256').update(salt).update(password, 'utf8').digest();
  return Buffer.concat([salt, hash]).toString('base64');
}
