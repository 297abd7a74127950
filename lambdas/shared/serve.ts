import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { listenOn } from './listen.ts';
import type { RequestEnvironment } from './origin.ts';
import { answerFailure, answerUnreadable } from './unreadable.ts';

export interface ServeOptions {
  /** `HOST:PORT`; an IPv6 address in brackets. Port 0: any that is free. */
  listen: string;
  /** Answers requests; where one comes from is in the environment. */
  fetch: (request: Request, environment: RequestEnvironment) => Response | Promise<Response>;
  /** Ends it: no new connection is taken, and what is being answered is given a moment. */
  signal: AbortSignal;
  limits?: Partial<ServeLimits>;
}

/** What clients can take of this process. */
export interface ServeLimits {
  /** How long the headers may take to arrive, and the whole request. */
  headersTimeoutMs: number;
  requestTimeoutMs: number;
  /** How long a connection may be idle between two requests. */
  keepAliveTimeoutMs: number;
  maxConnections: number;
  /** How long answers may take once the end was asked for. */
  farewellMs: number;
}

const defaultLimits: ServeLimits = {
  headersTimeoutMs: 5_000,
  requestTimeoutMs: 10_000,
  keepAliveTimeoutMs: 5_000,
  maxConnections: 200,
  farewellMs: 2_000,
};
const headerBytesMax = 8 * 1_024;
const sweepMs = 50;

export interface Served {
  /** Such as `http://127.0.0.1:8672`. */
  url: string;
  /** Asks for the end, and resolves when every connection is closed. Never rejects. */
  close(): Promise<void>;
}

/** Serves HTTP until the signal aborts. @throws ListenError */
export async function serve(options: ServeOptions): Promise<Served> {
  const { listen, signal } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const server = serverOf(options, limits);
  const url = await listenOn(server, listen);
  let ending: Promise<void> | null = null;
  const close = () => {
    ending ??= closeGently(server, limits.farewellMs);
    return ending;
  };
  signal.addEventListener('abort', () => void close(), { once: true });
  if (signal.aborted) await close();
  return { url, close };
}

function serverOf({ fetch }: ServeOptions, limits: ServeLimits): Server {
  const answer = getRequestListener((request, environment) => fetch(request, environment as RequestEnvironment), {
    // Clients of HTTP/1.0 may name no host.
    hostname: 'localhost',
    overrideGlobalObjects: false,
    errorHandler: answerFailure,
  });
  const answering = new WeakMap<Socket, ServerResponse>();
  const server = createServer(serverOptions(limits), (incoming: IncomingMessage, outgoing: ServerResponse) => {
    // Whoever asked may be gone before the answer is written.
    outgoing.on('error', () => {});
    answering.set(incoming.socket, outgoing);
    void answer(incoming, outgoing);
  });
  server.maxConnections = limits.maxConnections;
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    const current = answering.get(socket);
    answerUnreadable(error, socket, current?.writableFinished ? undefined : current);
  });
  return server;
}

function serverOptions({ headersTimeoutMs, requestTimeoutMs, keepAliveTimeoutMs }: ServeLimits) {
  return {
    headersTimeout: headersTimeoutMs,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    connectionsCheckingInterval: Math.min(1_000, headersTimeoutMs),
    maxHeaderSize: headerBytesMax,
  };
}

/** What is being answered is answered; connections without a request end at once, and every one in the end. */
function closeGently(server: Server, farewellMs: number): Promise<void> {
  return new Promise((resolve) => {
    const sweep = setInterval(() => server.closeIdleConnections(), sweepMs);
    const end = setTimeout(() => server.closeAllConnections(), farewellMs);
    server.close(() => {
      clearInterval(sweep);
      clearTimeout(end);
      resolve();
    });
  });
}
