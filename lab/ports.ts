import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { LabError } from './errors.ts';
import { hasCode, processIds } from './processes.ts';

interface Listener {
  readonly address: string;
  readonly port: number;
}

/** Throws a LabError that names the first address which something else already listens on, and who that is. */
export async function requireFreePorts(listeners: readonly Listener[]): Promise<void> {
  for (const listener of listeners) {
    const failure = await bindFailure(listener);
    if (failure === undefined) continue;
    const owner = hasCode(failure, 'EADDRINUSE') ? ` by ${portOwner(listener.port) ?? 'another process'}` : '';
    throw new LabError(
      `The lab needs ${listener.address}:${listener.port}, which is taken${owner} (${failure.message}).`,
    );
  }
}

async function bindFailure({ address, port }: Listener): Promise<Error | undefined> {
  const server = createServer();
  return await new Promise((resolve) => {
    server.once('error', resolve);
    server.listen({ host: address, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

/** "beam.smp (process 123)" of whoever listens on this TCP port, if /proc lets us see. */
function portOwner(port: number): string | undefined {
  const sockets = listeningSockets(port);
  for (const pid of processIds()) {
    try {
      const links = readdirSync(`/proc/${pid}/fd`).map((entry) => readlinkSync(`/proc/${pid}/fd/${entry}`));
      if (!links.some((link) => sockets.has(link))) continue;
      return `${readFileSync(`/proc/${pid}/comm`, 'utf8').trim()} (process ${pid})`;
    } catch {
      // gone meanwhile, or another user's
    }
  }
  return undefined;
}

/** The listening sockets of this port as they read in /proc/PID/fd. Columns: proc(5), /proc/net/tcp. */
function listeningSockets(port: number): ReadonlySet<string> {
  const portInHex = port.toString(16).toUpperCase().padStart(4, '0');
  const rows = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => {
    try {
      return readFileSync(file, 'utf8').split('\n').slice(1);
    } catch {
      return [];
    }
  });
  const listening = '0A';
  return new Set(
    rows
      .map((row) => row.trim().split(/\s+/))
      .filter((columns) => columns[1]?.endsWith(`:${portInHex}`) && columns[3] === listening)
      .map((columns) => `socket:[${columns[9]}]`),
  );
}
