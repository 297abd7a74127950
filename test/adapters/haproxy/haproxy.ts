import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const command = '/usr/sbin/haproxy';

/** Whether tests can run a real HAProxy. Says so once when not; with CI set they must. */
export function haproxyInstalled(): boolean {
  const installed = spawnSync(command, ['-v']).status === 0;
  if (!installed && process.env.CI === 'true') throw new Error(`${command} is missing, and CI must not skip its tests`);
  if (!installed) process.stderr.write(`skipped: the HAProxy tests, because ${command} is missing\n`);
  return installed;
}

/** A real HAProxy in front of TCP servers that greet with their name and echo, on loopback addresses of its own. */
export interface Haproxy {
  /** The runtime API at level admin, over TCP and as a unix socket; and over TCP at level user. */
  address: string;
  socketPath: string;
  userAddress: string;
  /** Asks the runtime API as a person would. */
  say(command: string): Promise<string>;
  /** A client connection, once the server behind it has greeted. */
  client(): Promise<{ socket: Socket; server: string }>;
  restart(): Promise<void>;
  /** What `systemctl reload` does: the master starts a new worker. */
  reload(): Promise<void>;
  /** Stops or continues the process that does the work. */
  signalWorker(signal: 'SIGSTOP' | 'SIGCONT'): Promise<void>;
  stop(): Promise<void>;
}

/** @param network the first three numbers of its loopback addresses, such as `127.0.6` */
export async function startHaproxy(network: string): Promise<Haproxy> {
  const folder = mkdtempSync(join(tmpdir(), 'warren-haproxy-'));
  const [address, socketPath] = [`${network}.1:9999`, join(folder, 'admin.sock')];
  const file = join(folder, 'haproxy.cfg');
  writeFileSync(file, configuration(network, socketPath));
  const servers = await Promise.all(serverNames.map((name, index) => startServer(name, `${network}.${11 + index}`)));
  let master = await startMaster(file);
  let stopped = 0;
  const say = (line: string) => exchange(connect(9_999, `${network}.1`), line);
  const stopMaster = async () => {
    if (stopped) process.kill(stopped, 'SIGCONT');
    stopped = 0;
    master.kill('SIGTERM');
    if (master.exitCode === null && master.signalCode === null) await once(master, 'exit');
  };
  return {
    address,
    socketPath,
    userAddress: `${network}.1:9998`,
    say,
    client: () => openClient(network),
    async restart() {
      await stopMaster();
      master = await startMaster(file);
    },
    async reload() {
      const loaded = untilLoaded(master);
      master.kill('SIGUSR2');
      await loaded;
    },
    async signalWorker(signal) {
      if (signal === 'SIGSTOP') stopped = Number((await say('show info')).match(/^Pid: (\d+)/m)?.[1]);
      process.kill(stopped, signal);
      if (signal === 'SIGCONT') stopped = 0;
    },
    async stop() {
      await stopMaster();
      for (const server of servers) server.close();
      rmSync(folder, { recursive: true });
    },
  };
}

const serverNames = ['bj1', 'bj2', 'sh1', 'stray'];

function configuration(network: string, socketPath: string): string {
  const lines = serverNames.map((name, index) => `  server ${name} ${network}.${11 + index}:5672`);
  return `
global
  stats socket ${network}.1:9999 level admin
  stats socket ${network}.1:9998 level user
  stats socket ${socketPath} mode 600 level admin
defaults
  mode tcp
  timeout connect 1s
  timeout client 1h
  timeout server 1h
frontend clients
  bind ${network}.1:5670
  default_backend amqp
backend amqp
${lines.map((line) => (line.includes('bj') ? line : `${line} disabled`)).join('\n')}
`;
}

async function startMaster(file: string): Promise<ChildProcess> {
  const master = spawn(command, ['-W', '-db', '-f', file], { stdio: ['ignore', 'ignore', 'pipe'] });
  await untilLoaded(master);
  return master;
}

/** The master says so on its standard error, after its start and after each reload. */
async function untilLoaded(master: ChildProcess): Promise<void> {
  for (let said = ''; !said.includes('Loading success'); )
    said += String(
      (await Promise.race([once(master.stderr as NonNullable<typeof master.stderr>, 'data'), died(master)]))[0],
    );
}

async function died(master: ChildProcess): Promise<never> {
  await once(master, 'exit');
  throw new Error('HAProxy ended');
}

async function startServer(name: string, host: string): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.write(`${name}\n`);
    socket.pipe(socket);
  });
  server.listen(5_672, host);
  await once(server, 'listening');
  return server;
}

async function openClient(network: string): Promise<{ socket: Socket; server: string }> {
  const socket = connect(5_670, `${network}.1`);
  socket.on('error', () => {});
  const [greeting] = await Promise.race([once(socket, 'data'), once(socket, 'close').then(() => ['refused'])]);
  return { socket, server: String(greeting).trim() };
}

async function exchange(socket: Socket, line: string): Promise<string> {
  socket.write(`${line}\n`);
  let answer = '';
  for await (const chunk of socket) answer += String(chunk);
  return answer;
}
