import type { ActiveFault } from './faultRecord.ts';
import { activeFaults } from './faultRecord.ts';
import { findLab } from './lab.ts';
import { defaultLabDirectory } from './paths.ts';
import { labProcesses } from './processes.ts';
import type { SiteName } from './topology.ts';

export interface NodeStatus {
  readonly name: string;
  readonly address: string;
  readonly state: 'running' | 'hung' | 'stopped';
}

/** What /proc and the lab's own notes say; no broker is asked, so it is quick and never hangs. */
export interface LabStatus {
  readonly directory: string;
  readonly running: boolean;
  readonly sites: readonly { readonly name: SiteName; readonly nodes: readonly NodeStatus[] }[];
  readonly haproxy: 'running' | 'stopped';
  readonly faults: readonly ActiveFault[];
}

/** The state of the lab in this directory; `running` is false and `sites` is empty if there is none. */
export function labStatus(directory = defaultLabDirectory()): LabStatus {
  const processes = labProcesses(directory);
  const brokers = processes.filter(({ command }) => command === 'beam.smp');
  const sites = findLab(directory)?.topology.sites ?? [];
  return {
    directory,
    running: processes.length > 0,
    sites: sites.map((site) => ({
      name: site.name,
      nodes: site.nodes.map(({ name, address, erlangName }): NodeStatus => {
        const broker = brokers.find(({ nodeName }) => nodeName === erlangName);
        return { name, address, state: broker === undefined ? 'stopped' : broker.stopped ? 'hung' : 'running' };
      }),
    })),
    haproxy: processes.some(({ command }) => command === 'haproxy') ? 'running' : 'stopped',
    faults: activeFaults(directory),
  };
}
