import { answersAmqp } from './greeting.ts';
import { clusterView, management } from './management.ts';
import type { LabNode, LabSite } from './topology.ts';
import { labUsers } from './topology.ts';

/**
 * Undefined when every node of the site answers on AMQP and on its management API, sees all its peers running and no partition,
 * has no alarm and accepts the users of the lab; otherwise the first thing that is wrong, for a person.
 */
export async function whatIsWrongWithSite(site: LabSite): Promise<string | undefined> {
  const findings = await Promise.all(site.nodes.map((node) => whatIsWrongWithNode(node, site)));
  return findings.find((finding) => finding !== undefined);
}

async function whatIsWrongWithNode(node: LabNode, site: LabSite): Promise<string | undefined> {
  const view = await clusterView(node);
  if (typeof view === 'string') return `${node.name} does not answer (${view})`;
  const running = view.filter((row) => row.running).length;
  if (running !== site.nodes.length) return `${node.name} sees ${running} of ${site.nodes.length} nodes running`;
  if (view.some((row) => row.partitions.length > 0)) return `${node.name} sees a partition`;
  const alarms = await management(node, 'health/checks/alarms');
  if (alarms.status !== 200) return `${node.name} reports an alarm`;
  const virtualHosts = await management(node, 'health/checks/virtual-hosts');
  if (virtualHosts.status !== 200) return `${node.name} has a virtual host that is down`;
  const whoami = await management(node, 'whoami', { user: labUsers.probe });
  if (whoami.status !== 200) return `${node.name} does not accept the probe user (${whoami.status})`;
  if (!(await answersAmqp(node))) return `${node.name} does not answer on AMQP`;
  return undefined;
}
