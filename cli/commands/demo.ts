import { systemClock } from '../../adapters/system/clock.ts';
import type { Notifier } from '../../core/flow/ports.ts';
import { labDown } from '../../lab/down.ts';
import type { Lab } from '../../lab/lab.ts';
import { labTopology, labUsers, type NodesPerSite } from '../../lab/topology.ts';
import { labUp } from '../../lab/up.ts';
import { noteDemo, refuseSecondDemo } from '../demoNote.ts';
import { CommandError, type ExitCode, exitCodes } from '../failure.ts';
import { writeLabConfig } from '../labConfig.ts';
import { bold, print } from '../layout.ts';
import { createPrinter } from '../printer.ts';
import { type ServiceProcess, startService } from '../serviceProcess.ts';
import { stopSignal } from '../stopSignal.ts';

interface DemoOptions {
  nodes: '1' | '3';
  scenario?: string;
  json?: boolean;
  keep?: boolean;
}

/** What the demo says, beside the events of the service. */
type Say = (sentence: string) => void;

/** `warren demo`: the lab with Warren watching it, until Ctrl-C; or one scenario. Ends what it started, however it ends. */
export async function demo(options: DemoOptions): Promise<ExitCode> {
  const json = options.json ?? false;
  const printer = createPrinter({ json, severalPairs: false });
  const say: Say = (sentence) =>
    printer.notify({ atMs: Date.now(), pair: '', kind: 'service', severity: 'info', sentence, data: {} });
  const nodesPerSite: NodesPerSite = options.nodes === '1' ? 1 : 3;
  refuseSecondDemo(endpointOf(nodesPerSite));
  const signal = stopSignal(() => say('Still ending what was started; this takes 20 s at most.'));
  const play = options.scenario === undefined ? undefined : await scenarioPlayer(options.scenario, json, say);
  const lab = await labUp({ nodesPerSite, signal, onProgress: say });
  try {
    noteDemo(lab);
    return play ? await play(lab, signal) : await watchLab(lab, { printer, say, signal, json });
  } finally {
    if (options.keep) say('The lab keeps running. End it with: npx warren lab down');
    else await labDown(lab.directory, { onProgress: say });
  }
}

interface Stage {
  printer: Notifier;
  say: Say;
  signal: AbortSignal;
  json: boolean;
}

/** Starts the service beside the lab and prints what it says, until the signal aborts. */
async function watchLab(lab: Lab, { printer, say, signal, json }: Stage): Promise<ExitCode> {
  const { nodesPerSite } = lab.topology;
  const configPath = writeLabConfig(lab.directory, nodesPerSite);
  const firstDecision = new AbortController();
  const service = startService({
    configPath,
    onEvent: (event) => {
      printer.notify(event);
      if (event.kind === 'decision') firstDecision.abort();
    },
  });
  try {
    await systemClock.sleep(greetAfterMs, AbortSignal.any([signal, firstDecision.signal]));
    if (!signal.aborted && !json) print(greeting(nodesPerSite));
    await untilStopped(service, signal);
    say('Ending the service and the lab.');
    return exitCodes.done;
  } finally {
    await service.stop();
  }
}

const greetAfterMs = 10_000;

async function untilStopped(service: ServiceProcess, signal: AbortSignal): Promise<void> {
  const stopped = new Promise<null>((resolve) => {
    if (signal.aborted) resolve(null);
    signal.addEventListener('abort', () => resolve(null), { once: true });
  });
  const complaint = await Promise.race([stopped, service.ended]);
  if (complaint !== null) throw new CommandError(`The service ended by itself. ${complaint}`.trim(), exitCodes.failed);
}

function endpointOf(nodesPerSite: NodesPerSite): string {
  const { address, port } = labTopology(nodesPerSite).endpoint;
  return `amqp://${address}:${port}`;
}

function greeting(nodesPerSite: NodesPerSite): string {
  const { name, password } = labUsers.app;
  return [
    '',
    bold(`Clients connect to ${endpointOf(nodesPerSite)} (user ${name}, password ${password}).`),
    'Try in another terminal, in this folder:',
    '  npx warren lab fault kill-primary   kill every broker of the primary',
    '  npx warren why                      the last decision, guard by guard',
    '  npx warren status                   where traffic goes, and how the sites are',
    'and then `npx warren lab heal`. Ctrl-C here ends everything that was started.',
    '',
  ].join('\n');
}

type Player = (lab: Lab, signal: AbortSignal) => Promise<ExitCode>;

/** Loaded only when asked for. An unknown name is refused before anything is started. */
async function scenarioPlayer(name: string, json: boolean, say: Say): Promise<Player> {
  const { playScenarios, requireScenarios } = await import('../scenarioPlayer.ts');
  const chosen = requireScenarios(name);
  return (lab, signal) => playScenarios(lab, chosen, { json, say, signal });
}
