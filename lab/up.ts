import { mkdirSync, rmSync } from 'node:fs';
import { labDown } from './down.ts';
import { LabAlreadyRunning } from './errors.ts';
import { answersAmqp } from './greeting.ts';
import { startHaproxy, writeHaproxyConfig } from './haproxy.ts';
import type { Lab, OnProgress } from './lab.ts';
import { recordLab, requireOwnDirectory, silent } from './lab.ts';
import { erlangEnvironment, writeNodeFiles } from './nodes.ts';
import { defaultLabDirectory, labPaths } from './paths.ts';
import { requireFreePorts } from './ports.ts';
import { startDetached } from './processes.ts';
import type { Programs } from './programs.ts';
import { findPrograms, makeBrokerHome } from './programs.ts';
import { reviver } from './revive.ts';
import { labStatus } from './status.ts';
import type { LabSite, NodesPerSite } from './topology.ts';
import { allNodes, labTopology, listeningPorts } from './topology.ts';
import { until } from './wait.ts';
import { whatIsWrongWithSite } from './wholeness.ts';

export interface LabUpOptions {
  readonly nodesPerSite?: NodesPerSite;
  readonly directory?: string;
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
  /** How long each of the two phases of forming a cluster may take. */
  readonly timeoutMs?: number;
}

/**
 * Boots both clusters and HAProxy and returns when everything is whole; the processes outlive this one.
 * Throws LabAlreadyRunning, a LabError (program missing, port taken, not whole in time) or the signal's reason; in
 * all but the first case whatever was started is ended again.
 */
export async function labUp(options: LabUpOptions = {}): Promise<Lab> {
  const { nodesPerSite = 3, directory = defaultLabDirectory(), onProgress = silent } = options;
  const status = labStatus(directory);
  if (status.running) throw new LabAlreadyRunning(status);
  requireOwnDirectory(directory);
  const programs = findPrograms();
  const lab: Lab = { directory, topology: labTopology(nodesPerSite) };
  await requireFreePorts(listeningPorts(lab.topology));
  try {
    await boot(lab, programs, options);
  } catch (error) {
    onProgress('Coming up failed; cleaning up.');
    await labDown(directory);
    throw error;
  }
  return lab;
}

async function boot(lab: Lab, programs: Programs, options: LabUpOptions): Promise<void> {
  const { onProgress = silent } = options;
  const startedAt = performance.now();
  rmSync(lab.directory, { recursive: true, force: true });
  mkdirSync(lab.directory, { recursive: true });
  recordLab(lab);
  makeBrokerHome(programs.rabbitmqServer, labPaths(lab.directory).brokerHome);
  writeNodeFiles(lab);
  writeHaproxyConfig(lab);
  await startPortMapper(lab, programs);
  onProgress(`Starting ${allNodes(lab.topology).length} brokers in two clusters; this takes about half a minute.`);
  await allSettledOrFirstFailure(lab.topology.sites.map((site) => formCluster(lab, site, options)));
  await startHaproxy(lab);
  onProgress(`The lab is up after ${Math.round((performance.now() - startedAt) / 1000)} s.`);
}

/** Starts the first node of a site and, once that has booted, the others; returns when the site is whole. */
async function formCluster(lab: Lab, site: LabSite, options: LabUpOptions): Promise<void> {
  const { onProgress = silent, signal, timeoutMs = 180_000 } = options;
  const [founder] = site.nodes;
  if (founder === undefined) return;
  await until(async () => ((await answersAmqp(founder)) ? undefined : `${founder.name} does not answer`), {
    what: `${site.name}'s first node`,
    meanwhile: reviver(lab, [founder]),
    timeoutMs,
    signal,
  });
  if (site.nodes.length > 1) onProgress(`${founder.name} is there; the other nodes of ${site.name} join it.`);
  await until(() => whatIsWrongWithSite(site), {
    what: `${site.name} to be whole`,
    meanwhile: reviver(lab, site.nodes),
    timeoutMs,
    signal,
  });
  onProgress(`${site.name} is whole.`);
}

/** Waits for all, so that nothing is being started any more when the first failure is thrown. */
async function allSettledOrFirstFailure(work: readonly Promise<void>[]): Promise<void> {
  const outcomes = await Promise.allSettled(work);
  const failure = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failure !== undefined) throw failure.reason;
}

/** Our own port mapper, on loopback, so that the brokers find each other and nothing of the system finds them. */
async function startPortMapper(lab: Lab, programs: Programs): Promise<void> {
  const [anyNode] = allNodes(lab.topology);
  if (anyNode === undefined) return;
  const { epmd } = programs;
  await startDetached(lab.directory, [epmd, '-address', '127.0.0.1', '-port', String(lab.topology.epmdPort)], {
    outputFile: labPaths(lab.directory).epmdOutput,
    environment: erlangEnvironment(lab, anyNode),
  });
}
