import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The address cannot be listened on. One sentence that names `api.listen`. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

const reasons: Record<string, string> = {
  EADDRINUSE: 'another process listens there already',
  EADDRNOTAVAIL: 'this machine has no such address',
  EACCES: 'this process may not listen there',
  ENOTFOUND: 'there is no host of that name',
  EAI_AGAIN: 'the name of the host cannot be resolved now',
};

/**
 * Begins to listen.
 * @param address `HOST:PORT`; an IPv6 address in brackets. Port 0: any that is free
 * @returns the URL that clients use @throws ListenError
 */
export async function listenOn(server: Server, address: string): Promise<string> {
  const { host, port } = parse(address);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, () => {
        server.off('error', reject);
        resolve();
      });
    });
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    throw new ListenError(`api.listen: cannot listen on ${address}: ${reasons[code] ?? message}.`);
  }
  const { port: actualPort } = server.address() as AddressInfo;
  return `http://${host.includes(':') ? `[${host}]` : host}:${actualPort}`;
}

function parse(address: string): { host: string; port: number } {
  const [, bracketed, plain, port] = address.match(/^(?:\[([^\]]+)\]|([^\s/:]+)):(\d{1,5})$/) ?? [];
  const host = bracketed ?? plain;
  if (host !== undefined && Number(port) <= 65_535) return { host, port: Number(port) };
  throw new ListenError(`api.listen: got "${address}", expected HOST:PORT with a port up to 65535.`);
}
