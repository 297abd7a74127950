import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderBrokerConfig, renderDefinitions } from './brokerConfig.ts';
import type { Lab } from './lab.ts';
import { labPaths, nodePaths } from './paths.ts';
import type { LabProcess } from './processes.ts';
import { labProcesses, startDetached } from './processes.ts';
import { findPrograms } from './programs.ts';
import type { LabNode } from './topology.ts';
import { allNodes, siteOf } from './topology.ts';

// One scheduler that does not spin while idle: six nodes on a small machine would otherwise starve each other.
// Distribution on loopback only.
const erlangArguments = '+S 1:1 +sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {127,0,0,1}';

/** Writes definitions, configuration, cookie and folders of every node. */
export function writeNodeFiles(lab: Lab): void {
  for (const site of lab.topology.sites) {
    writeFileSync(labPaths(lab.directory).definitions(site.name), renderDefinitions(site));
    for (const node of site.nodes) {
      const paths = nodePaths(lab.directory, node);
      for (const folder of [paths.home, paths.database, paths.log]) mkdirSync(folder, { recursive: true });
      writeFileSync(paths.cookie, site.cookie, { mode: 0o400 });
      writeFileSync(paths.plugins, '[rabbitmq_management].\n');
      writeFileSync(paths.config, renderBrokerConfig(site, node, labPaths(lab.directory).definitions(site.name)));
    }
  }
}

/** Starts one node's process; it answers some seconds later. Does nothing to wait for that. */
export async function startNode(lab: Lab, node: LabNode): Promise<void> {
  const paths = nodePaths(lab.directory, node);
  await startDetached(lab.directory, [findPrograms().rabbitmqServer], {
    outputFile: paths.output,
    environment: {
      ...erlangEnvironment(lab, node),
      RABBITMQ_NODENAME: node.erlangName,
      RABBITMQ_DIST_PORT: String(node.distributionPort),
      RABBITMQ_CONFIG_FILE: paths.config,
      RABBITMQ_MNESIA_BASE: paths.database,
      RABBITMQ_LOG_BASE: paths.log,
      RABBITMQ_ENABLED_PLUGINS_FILE: paths.plugins,
      RABBITMQ_PID_FILE: paths.pid,
      RABBITMQ_SCRIPTS_DIR: join(labPaths(lab.directory).brokerHome, 'sbin'),
      RABBITMQ_PLUGINS_DIR: join(labPaths(lab.directory).brokerHome, 'plugins'),
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: erlangArguments,
      // Makes the script become the broker, with no shell left waiting around it.
      RUNNING_UNDER_SYSTEMD: 'true',
    },
  });
}

/** What any Erlang program needs to reach this node. */
export function erlangEnvironment(lab: Lab, node: LabNode): Record<string, string> {
  return {
    HOME: nodePaths(lab.directory, node).home,
    ERL_EPMD_PORT: String(lab.topology.epmdPort),
    ERL_EPMD_ADDRESS: '127.0.0.1',
  };
}

/** The running broker processes of these nodes (of all nodes when none are named). */
export function brokerProcesses(lab: Lab, nodes = allNodes(lab.topology)): readonly LabProcess[] {
  const names = new Set(nodes.map((node) => node.erlangName));
  return labProcesses(lab.directory).filter(
    ({ command, nodeName }) => command === 'beam.smp' && nodeName !== undefined && names.has(nodeName),
  );
}

/** Starts those of the nodes that have no process; returns them. */
export async function startMissingNodes(lab: Lab, nodes = allNodes(lab.topology)): Promise<readonly LabNode[]> {
  const running = new Set(labProcesses(lab.directory).map(({ nodeName }) => nodeName));
  const missing = nodes.filter((node) => !running.has(node.erlangName));
  await Promise.all(missing.map((node) => startNode(lab, node)));
  return missing;
}

/** The nodes of one site. */
export function nodesOf(lab: Lab, site: LabNode['site']): readonly LabNode[] {
  return siteOf(lab.topology, site).nodes;
}

/** The last error lines of a node's output and log. */
export function lastWords(lab: Lab, node: LabNode): string {
  const { output, log } = nodePaths(lab.directory, node);
  const files = [output, join(log, `${node.erlangName}.log`)].filter(existsSync);
  const lines = files.flatMap((file) => readFileSync(file, 'utf8').split('\n'));
  const errors = lines.filter((line) => /error|failed/i.test(line));
  return errors.slice(-8).join('\n');
}
