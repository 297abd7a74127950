import { evaluate, evaluateOnSite } from './control.ts';
import { LabError } from './errors.ts';
import { noteFault } from './faultRecord.ts';
import { swapSites } from './foreignEdit.ts';
import { restartHaproxy } from './haproxy.ts';
import type { Lab } from './lab.ts';
import { management } from './management.ts';
import { blackholeSite } from './network.ts';
import { brokerProcesses, nodesOf } from './nodes.ts';
import { signalAll } from './processes.ts';
import type { LabNode, SiteName } from './topology.ts';
import { labUsers } from './topology.ts';
import { sleep } from './wait.ts';

/** Where and on what a fault works. */
export interface FaultContext {
  readonly lab: Lab;
  readonly site: SiteName;
  readonly signal?: AbortSignal | undefined;
}

export interface Fault {
  readonly description: string;
  /** Resolves when the fault is in force (for `flap` and `haproxy-restart`: when it is over). */
  readonly inject: (context: FaultContext) => Promise<void>;
}

/** Every fault the lab can inject. To heal one, see `healFault` and `heal`. */
export const faults = {
  'kill-site': {
    description: 'every broker of the site dies at once (SIGKILL)',
    inject: async (context) => signalNodes(context, 'SIGKILL', nodesOf(context.lab, context.site)),
  },
  'hang-site': {
    description: 'every broker of the site stops answering but keeps its connections (SIGSTOP)',
    inject: async (context) => signalNodes(context, 'SIGSTOP', nodesOf(context.lab, context.site)),
  },
  'kill-two': {
    description: 'two of three brokers die; the third pauses itself as a minority',
    inject: async (context) => signalNodes(context, 'SIGKILL', lastNodes(context, 2)),
  },
  'kill-one': {
    description: 'the last broker of the site dies; the others carry on',
    inject: async (context) => signalNodes(context, 'SIGKILL', lastNodes(context, 1)),
  },
  'hang-one': {
    description: 'the last broker of the site stops answering but keeps its connections (SIGSTOP)',
    inject: async (context) => signalNodes(context, 'SIGSTOP', lastNodes(context, 1)),
  },
  blackhole: {
    description: 'packets to and from the site vanish, as with a cut line (needs root and nftables)',
    inject: async ({ lab, site }) => blackholeSite(lab, site),
  },
  'memory-alarm': {
    description: 'one broker reports too little memory: the whole site blocks publishers',
    inject: async (context) =>
      evaluate(context.lab, lastNode(context), 'vm_memory_monitor:set_vm_memory_high_watermark({absolute, 1000})'),
  },
  'disk-alarm': {
    description: 'one broker reports too little disk: the whole site blocks publishers',
    inject: async (context) =>
      evaluate(context.lab, lastNode(context), 'rabbit_disk_monitor:set_disk_free_limit("99999GB")'),
  },
  'management-down': {
    description: 'the management API of every broker is gone; messages flow as before',
    inject: async ({ lab, site }) => evaluateOnSite(lab, site, 'application:stop(rabbitmq_management)'),
  },
  'wrong-password': {
    description: 'the probe user gets another password: checks are refused, the site is well',
    inject: changeProbePassword,
  },
  flap: {
    description: 'the site hangs for 1.5 s and returns for 1.5 s, five times',
    inject: flap,
  },
  'haproxy-restart': {
    description: 'HAProxy restarts: connections are cut, runtime changes are lost',
    inject: async ({ lab }) => restartHaproxy(lab),
  },
  'foreign-edit': {
    description: 'somebody else moves traffic in HAProxy: sites in service and in maintenance change places',
    inject: async ({ lab }) => swapSites(lab),
  },
} as const satisfies Record<string, Fault>;

export type FaultName = keyof typeof faults;

export const faultNames = Object.keys(faults) as readonly FaultName[];

/** Injects a fault and notes it. Throws a LabError where the lab or the machine does not allow it. */
export async function injectFault(
  lab: Lab,
  name: FaultName,
  options: { readonly site?: SiteName; readonly signal?: AbortSignal } = {},
): Promise<void> {
  const { site = 'beijing', signal } = options;
  await faults[name].inject({ lab, site, signal });
  if (name === 'haproxy-restart') return; // over, with nothing to heal
  noteFault(lab.directory, { fault: name, site, since: new Date().toISOString() });
}

async function signalNodes({ lab }: FaultContext, signal: NodeJS.Signals, nodes: readonly LabNode[]): Promise<void> {
  signalAll(brokerProcesses(lab, nodes), signal);
}

function lastNodes({ lab, site }: FaultContext, count: number): readonly LabNode[] {
  const nodes = nodesOf(lab, site);
  if (count > 1 && nodes.length <= count) throw new LabError(`This fault needs a lab with three nodes in each site.`);
  return nodes.slice(-count);
}

function lastNode(context: FaultContext): LabNode {
  const [node] = lastNodes(context, 1);
  if (node === undefined) throw new LabError(`${context.site} has no nodes.`);
  return node;
}

async function changeProbePassword(context: FaultContext): Promise<void> {
  const { name, tags } = labUsers.probe;
  const body = { password: 'changed-by-somebody', tags: tags.join(',') };
  const answer = await management(lastNode(context), `users/${name}`, { method: 'PUT', body });
  if (answer.status !== 204) throw new LabError(`The probe user's password could not be changed (${answer.status}).`);
}

async function flap(context: FaultContext): Promise<void> {
  const nodes = nodesOf(context.lab, context.site);
  try {
    for (let turn = 0; turn < 5; turn += 1) {
      await signalNodes(context, 'SIGSTOP', nodes);
      await sleep(1_500, context.signal);
      await signalNodes(context, 'SIGCONT', nodes);
      await sleep(1_500, context.signal);
    }
  } finally {
    await signalNodes(context, 'SIGCONT', nodes);
  }
}
