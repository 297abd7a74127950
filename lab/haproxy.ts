import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { LabError } from './errors.ts';
import type { HaproxyOptions } from './haproxyConfig.ts';
import { endpointProxy, renderHaproxyConfig } from './haproxyConfig.ts';
import type { Lab } from './lab.ts';
import { labPaths } from './paths.ts';
import type { LabProcess } from './processes.ts';
import { labProcesses, signalAll, startDetached } from './processes.ts';
import { findPrograms } from './programs.ts';
import { until } from './wait.ts';

/** One server of a backend as the runtime API's `show servers state` has it. */
export interface HaproxyServerState {
  readonly name: string;
  readonly up: boolean;
  readonly maintenance: boolean;
}

/** Writes the configuration file: the endpoint alone unless other options are given. */
export function writeHaproxyConfig(lab: Lab, options: HaproxyOptions = defaultOptions(lab)): void {
  writeFileSync(labPaths(lab.directory).haproxyConfig, renderHaproxyConfig(options));
}

/** The configuration of a lab as it comes up. */
export function defaultOptions(lab: Lab): HaproxyOptions {
  return { runtimeApi: lab.topology.runtimeApi, proxies: [endpointProxy(lab.topology)] };
}

/** Starts HAProxy with the configuration file and waits until its runtime API answers. Throws a LabError. */
export async function startHaproxy(lab: Lab, timeoutMs = 5_000): Promise<void> {
  const { haproxyConfig, haproxyOutput } = labPaths(lab.directory);
  await startDetached(lab.directory, [findPrograms().haproxy, '-db', '-f', haproxyConfig], {
    outputFile: haproxyOutput,
  });
  await until(
    async () => {
      if (haproxyProcesses(lab).length === 0) return `it ended at once; see ${haproxyOutput}`;
      return await haproxyCommand(lab, 'show info', 500).then(() => undefined, String);
    },
    { what: 'HAProxy to start', timeoutMs, everyMs: 50 },
  );
}

/** Ends HAProxy at once, cutting every connection. */
export async function stopHaproxy(lab: Lab): Promise<void> {
  signalAll(haproxyProcesses(lab), 'SIGKILL');
  await until(async () => (haproxyProcesses(lab).length === 0 ? undefined : 'it is still there'), {
    what: 'HAProxy to end',
    timeoutMs: 5_000,
    everyMs: 20,
  });
}

/** Cuts every connection and returns to what the configuration file says; runtime changes are lost. */
export async function restartHaproxy(lab: Lab): Promise<void> {
  await stopHaproxy(lab);
  await startHaproxy(lab);
}

export function haproxyProcesses(lab: Lab): readonly LabProcess[] {
  return labProcesses(lab.directory).filter(({ command }) => command === 'haproxy');
}

/** Sends one line to the runtime API and returns the answer. Throws a LabError when none comes within `timeoutMs`. */
export async function haproxyCommand(lab: Lab, text: string, timeoutMs = 2_000): Promise<string> {
  const { address, port } = lab.topology.runtimeApi;
  return await new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect({ host: address, port });
    const fail = (reason: string) => {
      socket.destroy();
      reject(new LabError(`HAProxy's runtime API at ${address}:${port} ${reason}.`));
    };
    socket.setEncoding('utf8');
    socket.setTimeout(timeoutMs, () => fail(`did not answer in ${timeoutMs} ms`));
    socket.on('data', (chunk: string) => {
      answer += chunk;
    });
    socket.once('connect', () => socket.write(`${text}\n`));
    socket.once('error', (error) => fail(`cannot be reached (${error.message})`));
    socket.once('end', () => resolve(answer));
  });
}

/** State of each server of a backend. Columns and flags: HAProxy 2.6 management guide, "show servers state". */
export async function haproxyServers(lab: Lab, backend = 'amqp'): Promise<readonly HaproxyServerState[]> {
  const answer = await haproxyCommand(lab, `show servers state ${backend}`);
  const [, header = '', ...rows] = answer.split('\n');
  const columns = header.replace('# ', '').split(' ');
  return rows
    .map((row) => row.split(' '))
    .filter((cells) => cells.length === columns.length)
    .map((cells) => {
      const value = (column: string) => cells[columns.indexOf(column)] ?? '';
      // Forced, inherited, or for want of an address. Not 0x04, which only remembers `disabled` in the file and stays
      // set when the server is put into service.
      const maintenanceFlags = 0x01 | 0x02 | 0x20;
      const running = '2';
      return {
        name: value('srv_name'),
        up: value('srv_op_state') === running,
        maintenance: (Number(value('srv_admin_state')) & maintenanceFlags) !== 0,
      };
    });
}
