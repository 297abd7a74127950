import { plural } from '../../core/explain/words.ts';
import { labDown } from '../../lab/down.ts';
import { faultNamed, faults } from '../../lab/faults.ts';
import { healLab } from '../../lab/heal.ts';
import { openLab } from '../../lab/lab.ts';
import { labStatus } from '../../lab/status.ts';
import { type SiteName, siteNames } from '../../lab/topology.ts';
import { labUp } from '../../lab/up.ts';
import { CommandError, type ExitCode, exitCodes } from '../failure.ts';
import { print, printJson, row } from '../layout.ts';
import { stopSignal } from '../stopSignal.ts';

interface JsonOption {
  json?: boolean;
}

/** Progress goes to stderr when stdout is JSON. */
const progressOf = ({ json }: JsonOption) => (json ? console.error : (sentence: string) => print(sentence));

export async function up(options: JsonOption & { nodes: '1' | '3' }): Promise<ExitCode> {
  const onProgress = progressOf(options);
  const signal = stopSignal(() => onProgress('Still ending what was started; this takes 15 s at most.'));
  await labUp({ nodesPerSite: options.nodes === '1' ? 1 : 3, onProgress, signal });
  if (options.json) printJson(labStatus());
  return exitCodes.done;
}

export async function down(options: JsonOption): Promise<ExitCode> {
  await labDown(undefined, { onProgress: progressOf(options) });
  if (options.json) printJson(labStatus());
  return exitCodes.done;
}

export async function status({ json = false }: JsonOption): Promise<ExitCode> {
  const now = labStatus();
  if (json) printJson(now);
  else if (!now.running) print('No lab is running.');
  else print(...statusLines(now));
  return now.running ? exitCodes.done : exitCodes.refused;
}

function statusLines({ sites, haproxy, faults: injected, directory }: ReturnType<typeof labStatus>): string[] {
  return [
    ...sites.map(({ name, nodes }) => row(name, nodes.map((node) => `${node.name} ${node.state}`).join(', '), 10)),
    row('haproxy', haproxy, 10),
    row('faults', injected.map(({ fault: name, site }) => `${name} (${site})`).join(', ') || 'none', 10),
    row('files', directory, 10),
  ];
}

export async function fault(name: string | undefined, options: JsonOption & { site?: string }): Promise<ExitCode> {
  if (name === undefined) {
    if (options.json) printJson(faults.map(({ name: known, description }) => ({ name: known, description })));
    else print(...faults.map(({ name: known, description }) => row(known, description, 18)));
    return exitCodes.done;
  }
  const chosen = faults.find((known) => known.name === name);
  if (!chosen)
    throw new CommandError(`There is no fault "${name}". ${listed('There are', faults)}`, exitCodes.badInput);
  const site = siteNamed(options.site ?? 'beijing');
  await faultNamed(name).inject(openLab(), site);
  if (options.json) printJson({ fault: name, site });
  else print(`${site}: ${chosen.description}. Undo it with: npx warren lab heal`);
  return exitCodes.done;
}

export async function heal(options: JsonOption): Promise<ExitCode> {
  const before = labStatus().faults.length;
  await healLab(openLab(), { onProgress: progressOf(options) });
  if (options.json) printJson(labStatus());
  else print(`${plural(before, 'fault')} undone; the lab is whole.`);
  return exitCodes.done;
}

function siteNamed(name: string): SiteName {
  const site = siteNames.find((known) => known === name);
  if (site) return site;
  throw new CommandError(`The lab has no site "${name}", only ${siteNames.join(' and ')}.`, exitCodes.badInput);
}

function listed(start: string, known: readonly { name: string }[]): string {
  return `${start}: ${known.map(({ name }) => name).join(', ')}.`;
}
