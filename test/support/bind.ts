import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';

const command = '/usr/sbin/named';
/** BIND listens on addresses that an interface has by name, so not on a loopback address of its own. */
const host = '127.0.0.1';

/** Whether tests can run a real BIND. Says so once when not; with CI set they must. */
export function bindInstalled(): boolean {
  const installed = spawnSync(command, ['-v']).status === 0;
  if (!installed && process.env.CI === 'true') throw new Error(`${command} is missing, and CI must not skip its tests`);
  if (!installed) process.stderr.write(`skipped: the BIND tests, because ${command} is missing\n`);
  return installed;
}

/** Keys that the server knows, by name; each test key has a secret of its own, in base64. */
export const bindKeys = {
  /** May change `amqp.example.test` and its marker, as docs/targets.md says. */
  warren: { algorithm: 'hmac-sha256', secret: Buffer.alloc(32, 'warren').toString('base64') },
  'warren-long': { algorithm: 'hmac-sha512', secret: Buffer.alloc(64, 'warren').toString('base64') },
  /** May change everything: somebody else. */
  admin: { algorithm: 'hmac-sha256', secret: Buffer.alloc(32, 'admin').toString('base64') },
  /** Is known, and may change nothing. */
  guest: { algorithm: 'hmac-sha256', secret: Buffer.alloc(32, 'guest').toString('base64') },
} as const;

/** A real BIND on a loopback port of its own: primary server of `example.test`, which begins with two addresses. */
export interface Bind {
  host: string;
  port: number;
  /** `HOST:PORT` */
  server: string;
  /** Asks as any client would, with the resolver of Node.js. */
  resolver: Resolver;
  serial(): Promise<number>;
  /** Stands still when this has ended, with its port open. */
  pause(): Promise<void>;
  goOn(): void;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

export async function startBind(): Promise<Bind> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'warren-bind-'));
  const server = await startServer(folder, port);
  const resolver = new Resolver({ timeout: 2_000, tries: 1 });
  resolver.setServers([`${host}:${port}`]);
  return {
    host,
    port,
    server: `${host}:${port}`,
    resolver,
    serial: async () => (await resolver.resolveSoa('example.test')).serial,
    async pause() {
      server.kill('SIGSTOP');
      while (!isPaused(server)) await setImmediate();
    },
    goOn: () => void server.kill('SIGCONT'),
    stop: () => stopServer(server, folder),
  };
}

async function startServer(folder: string, port: number): Promise<ChildProcess> {
  const file = join(folder, 'named.conf');
  // A copy, because AppArmor lets the installed one read and write in its own folders only.
  const program = join(folder, 'named');
  copyFileSync(command, program);
  writeFileSync(file, configuration(folder, port));
  writeFileSync(join(folder, 'zone'), zone);
  const server = spawn(program, ['-g', '-4', '-n', '1', '-c', file], { stdio: ['ignore', 'ignore', 'pipe'] });
  const kill = () => void server.kill('SIGKILL');
  process.once('exit', kill);
  server.once('exit', () => process.removeListener('exit', kill));
  await untilRunning(server).catch(async (error) => {
    await stopServer(server, folder);
    throw error;
  });
  return server;
}

async function stopServer(server: ChildProcess, folder: string): Promise<void> {
  server.kill('SIGCONT');
  server.kill('SIGTERM');
  if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
  rmSync(folder, { recursive: true });
}

/** Each thread stops by itself, a little after the signal was sent (proc(5), `/proc/pid/stat`). */
function isPaused({ pid }: ChildProcess): boolean {
  const threads = `/proc/${pid}/task`;
  return readdirSync(threads).every((thread) => / T /.test(readFileSync(join(threads, thread, 'stat'), 'utf8')));
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function untilRunning(server: ChildProcess): Promise<void> {
  let said = '';
  const ended = once(server, 'exit').then(() => {
    throw new Error(`BIND ended: ${said}`);
  });
  const running = new Promise<void>((resolve) => {
    // Read to the end, or it would stand still when the pipe is full.
    server.stderr?.on('data', (data) => {
      said += said.length < 100_000 ? String(data) : '';
      if (/ running\n/.test(said)) resolve();
    });
  });
  await Promise.race([running, ended]);
}

const keyClauses = Object.entries(bindKeys)
  .map(([name, { algorithm, secret }]) => `key "${name}" { algorithm ${algorithm}; secret "${secret}"; };`)
  .join('\n');

function configuration(folder: string, port: number): string {
  return `
${keyClauses}
controls { };
options {
  directory "${folder}";
  managed-keys-directory "${folder}";
  pid-file none;
  session-keyfile none;
  lock-file none;
  listen-on port ${port} { ${host}; };
  listen-on-v6 { none; };
  recursion no;
  dnssec-validation no;
  empty-zones-enable no;
  notify no;
};
zone "example.test" {
  type primary;
  file "zone";
  update-policy {
    ${['warren', 'warren-long'].map(grants).join('\n    ')}
    grant admin zonesub ANY;
  };
};
zone "broken.test" { type primary; file "missing"; };
`;
}

function grants(key: string): string {
  const record = 'amqp.example.test';
  const markers = ['_warren', '_warren-aaaa'].map((label) => `grant ${key} name ${label}.${record} TXT;`);
  return `grant ${key} name ${record} A AAAA CNAME; ${markers.join(' ')}`;
}

const zone = `$ORIGIN example.test.
$TTL 60
@ SOA ns hostmaster 1 3600 600 86400 60
@ NS ns
ns A ${host}
amqp 30 A 10.0.1.1
amqp 30 A 10.0.1.2
elsewhere NS ns.elsewhere
ns.elsewhere A 127.0.0.1
`;
