import { tryEvaluate } from './control.ts';
import type { Lab, OnProgress } from './lab.ts';
import { silent } from './lab.ts';
import { clusterView, management } from './management.ts';
import { brokerProcesses } from './nodes.ts';
import { signalAll } from './processes.ts';
import { reviver } from './revive.ts';
import type { LabNode, LabSite } from './topology.ts';
import { labUsers } from './topology.ts';
import { until } from './wait.ts';
import { whatIsWrongWithSite } from './wholeness.ts';

export interface MendOptions {
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number;
}

/**
 * Makes a site whole and well, whatever was done to its brokers: continues stopped ones, starts missing ones, restores
 * limits, plugin and users, and ends a split. Throws a LabError that names what is still wrong after `timeoutMs`.
 */
export async function mendSite(lab: Lab, site: LabSite, options: MendOptions = {}): Promise<void> {
  const { onProgress = silent, signal, timeoutMs = 180_000 } = options;
  const revive = reviver(lab, site.nodes);
  const endSplit = splitEnder(lab, site, onProgress);
  // After a long stop all looks well for a moment, until the nodes notice that they have missed each other.
  const settleMs = 2_000;
  const settledAt = continueStopped(lab, site) ? performance.now() + settleMs : 0;
  const mend = async () => {
    const finding = await whatIsWrongWithSite(site);
    if (finding === undefined) return performance.now() < settledAt ? 'it has only just been continued' : undefined;
    await restoreSettings(lab, site);
    await endSplit();
    return finding;
  };
  await until(mend, { what: `${site.name} to be whole`, meanwhile: revive, everyMs: 500, timeoutMs, signal });
  onProgress(`${site.name} is whole.`);
}

/** Continues the stopped brokers of a site. Returns whether there were any. */
function continueStopped(lab: Lab, site: LabSite): boolean {
  const stopped = brokerProcesses(lab, site.nodes).filter((process) => process.stopped);
  signalAll(stopped, 'SIGCONT');
  return stopped.length > 0;
}

// What rabbitmq.conf would have set; a node that is still booting is left alone.
const defaultSettings = `rabbit:is_running() andalso begin
  catch vm_memory_monitor:set_vm_memory_high_watermark(0.4),
  catch rabbit_disk_monitor:set_disk_free_limit(50000000),
  catch application:ensure_all_started(rabbitmq_management)
end`;

async function restoreSettings(lab: Lab, site: LabSite): Promise<void> {
  await Promise.all(site.nodes.map((node) => tryEvaluate(lab, node, defaultSettings, 2_000)));
  const { name, password, tags } = labUsers.probe;
  for (const node of site.nodes) {
    const whoami = await management(node, 'whoami', { user: labUsers.probe });
    if (whoami.status !== 401) continue;
    await management(node, `users/${name}`, { method: 'PUT', body: { password, tags: tags.join(',') } });
  }
}

/**
 * A function to call while the site is not whole: once a split has lasted 4 s, or a node has not answered for 45 s, it
 * kills the odd node, to be started afresh. A node that was stopped for longer than the net tick time (60 s) sees its
 * peers down and up in the same moment and never pauses itself: such a split does not heal (RabbitMQ 3.10 to 4.0).
 */
function splitEnder(lab: Lab, site: LabSite, onProgress: OnProgress): () => Promise<void> {
  const splitPatienceMs = 4_000;
  const silencePatienceMs = 45_000;
  const trouble = new Map<LabNode, { readonly kind: 'split' | 'silent'; readonly sinceMs: number }>();
  return async () => {
    const odd = await oddNode(site);
    for (const node of site.nodes) if (node !== odd?.node) trouble.delete(node);
    if (odd === undefined) return;
    const before = trouble.get(odd.node);
    const sinceMs = before?.kind === odd.kind ? before.sinceMs : performance.now();
    trouble.set(odd.node, { kind: odd.kind, sinceMs });
    const patienceMs = odd.kind === 'split' ? splitPatienceMs : silencePatienceMs;
    if (performance.now() - sinceMs < patienceMs) return;
    onProgress(`Restarting ${odd.node.name}, which ${odd.kind === 'split' ? 'split off' : 'does not answer'}.`);
    signalAll(brokerProcesses(lab, [odd.node]), 'SIGKILL');
    trouble.delete(odd.node);
  };
}

/** The node that most others hold for partitioned or gone, else one that does not answer at all. */
async function oddNode(site: LabSite): Promise<{ node: LabNode; kind: 'split' | 'silent' } | undefined> {
  const views = await Promise.all(site.nodes.map((node) => clusterView(node)));
  const silent = site.nodes.find((_, index) => typeof views[index] === 'string');
  const accusations = views.flatMap((view, index) => {
    if (typeof view === 'string') return [];
    const own = view.find((row) => row.name === site.nodes[index]?.erlangName);
    return own?.partitions ?? [];
  });
  const counts = site.nodes.map((node) => accusations.filter((name) => name === node.erlangName).length);
  const most = Math.max(...counts);
  // The last of several: the first node is the founder and the one to keep.
  const accused = most > 0 ? site.nodes[counts.lastIndexOf(most)] : undefined;
  if (accused !== undefined) return { node: accused, kind: 'split' };
  return silent === undefined ? undefined : { node: silent, kind: 'silent' };
}
