import { plural } from '../../core/explain/words.ts';
import { labDown } from '../../lab/down.ts';
import { type FaultName, faultNames, faults, injectFault } from '../../lab/faults.ts';
import { heal as healLab } from '../../lab/heal.ts';
import { openLab } from '../../lab/lab.ts';
import { labStatus } from '../../lab/status.ts';
import { type SiteName, siteNames } from '../../lab/topology.ts';
import { labUp } from '../../lab/up.ts';
import { CommandError, type ExitCode, exitCodes } from '../failure.ts';
import { print, printJson, row } from '../layout.ts';
import { scenariosNamed } from '../scenario/scenarios.ts';
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

/** What the scenarios call a fault, where the lab has another word: one or more faults, each on its site. */
const scenarioFaults: Record<string, readonly { name: FaultName; site?: SiteName }[]> = {
  'kill-primary': [{ name: 'kill-site' }],
  'hang-primary': [{ name: 'hang-site' }],
  'quorum-loss': [{ name: 'kill-two' }],
  'both-down': [
    { name: 'kill-site', site: 'beijing' },
    { name: 'kill-site', site: 'shanghai' },
  ],
  'standby-sick': [
    { name: 'memory-alarm', site: 'shanghai' },
    { name: 'kill-site', site: 'beijing' },
  ],
};

export async function fault(name: string | undefined, options: JsonOption & { site?: string }): Promise<ExitCode> {
  if (name === undefined) return listFaults(options);
  const chosen = faultsNamed(name);
  const site = siteNamed(options.site ?? 'beijing');
  const lab = openLab();
  await Promise.all(chosen.map((each) => injectFault(lab, each.name, { site: each.site ?? site })));
  if (options.json) printJson(chosen.map((each) => ({ fault: each.name, site: each.site ?? site })));
  else
    print(
      ...chosen.map((each) => `${each.site ?? site}: ${faults[each.name].description}.`),
      'Undo: npx warren lab heal',
    );
  return exitCodes.done;
}

function listFaults({ json }: JsonOption): ExitCode {
  const known = [
    ...faultNames.map((name) => ({ name, description: faults[name].description as string })),
    ...Object.entries(scenarioFaults).map(([name, parts]) => ({
      name,
      description: parts.map((part) => `${part.name}${part.site ? ` ${part.site}` : ''}`).join(', '),
    })),
  ];
  if (json) printJson(known);
  else print(...known.map(({ name, description }) => row(name, description, 18)));
  return exitCodes.done;
}

function faultsNamed(name: string): readonly { name: FaultName; site?: SiteName }[] {
  const own = faultNames.find((known) => known === name);
  const chosen = own ? [{ name: own }] : scenarioFaults[name];
  if (chosen) return chosen;
  const known = [...faultNames, ...Object.keys(scenarioFaults)].join(', ');
  const hint = scenariosNamed(name).length > 0 ? ` It is a scenario: warren demo --scenario ${name}.` : '';
  throw new CommandError(`There is no fault "${name}".${hint} There are: ${known}.`, exitCodes.badInput);
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
