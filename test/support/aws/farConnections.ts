import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/** Connections to somewhere far away: opening one takes a while, using it does not. */
export interface FarConnections {
  /** The first answer on each connection waits this long. */
  openingMs: number;
  /** How many were opened. */
  opened: number;
  /** Waits if the request is the first of its connection. */
  open(request: IncomingMessage): Promise<void>;
}

export function createFarConnections(): FarConnections {
  const known = new WeakSet<Socket>();
  return {
    openingMs: 0,
    opened: 0,
    async open({ socket }) {
      if (known.has(socket)) return;
      known.add(socket);
      this.opened += 1;
      if (this.openingMs > 0) await new Promise((resolve) => setTimeout(resolve, this.openingMs).unref());
    },
  };
}
