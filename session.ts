import type { ChannelModel } from 'amqplib';
import { connect } from 'amqplib';
import { sleep } from '../wait.ts';

/** Where and how a client connects. Times in milliseconds unless the name says otherwise. */
export interface ClientOptions {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly heartbeatSeconds: number;
  readonly connectDeadlineMs: number;
  /** Deadline of each broker operation other than connecting, such as declaring the queue. */
  readonly operationDeadlineMs: number;
  readonly reconnectEveryMs: number;
}

/** Sets up work on a fresh connection. What it starts must end with the connection. */
export type UseConnection = (connection: ChannelModel) => Promise<void>;

/** Keeps a connection in use until it is ended; reconnects for ever when it is lost. */
export interface Session {
  readonly connects: () => number;
  /** Drops the connection, if there is one, and opens another. */
  readonly reconnect: () => void;
  readonly end: () => Promise<void>;
}

/**
 * Runs `use` on a connection, and again on a new one each time the old one dies. Like any ordinary client it learns of
 * a death from the closing of its socket or from missing heartbeats. Never throws.
 */
export function openSession(options: ClientOptions, use: UseConnection): Session {
  const ending = new AbortController();
  let connects = 0;
  let drop: () => void = () => undefined;
  const live = async () => {
    const connection = await connectWithin(options);
    connects += 1;
    const closed = new Promise<void>((resolve) => {
      connection.on('close', () => resolve());
      drop = resolve;
    });
    connection.on('error', () => undefined); // always followed by "close"
    try {
      // A connection that dies during the set-up may leave it waiting for ever.
      await Promise.race([within(use(connection), options.operationDeadlineMs), closed]);
      if (!ending.signal.aborted) await closed;
    } finally {
      await within(connection.close(), options.connectDeadlineMs).catch(() => destroy(connection));
    }
  };
  const running = (async () => {
    while (!ending.signal.aborted) {
      await live().catch(() => undefined);
      await sleep(options.reconnectEveryMs, ending.signal).catch(() => undefined);
    }
  })();
  return {
    connects: () => connects,
    reconnect: () => drop(),
    end: async () => {
      ending.abort();
      drop();
      await running;
    },
  };
}

/** Connects within the deadline; a connection that comes late is destroyed. */
export async function connectWithin(options: ClientOptions): Promise<ChannelModel> {
  const { host, port, user, password, heartbeatSeconds, connectDeadlineMs } = options;
  const opening = connect(
    { protocol: 'amqp', hostname: host, port, username: user, password, heartbeat: heartbeatSeconds },
    // Without noDelay, Nagle's algorithm and delayed acknowledgements add 40 ms to each confirm.
    { noDelay: true, timeout: connectDeadlineMs },
  );
  try {
    return await within(opening, connectDeadlineMs);
  } catch (error) {
    opening.then(destroy).catch(() => undefined);
    throw error;
  }
}

/** The promise's value; rejects when it takes longer than `deadlineMs`. */
export async function within<T>(promise: Promise<T>, deadlineMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`No answer within ${deadlineMs} ms.`)), deadlineMs);
  });
  promise.catch(() => undefined); // a late failure is nobody's
  try {
    return await Promise.race([promise, deadline]);
  } finally {
    clearTimeout(timer);
  }
}

// amqplib offers no way to drop a connection whose other end does not answer; its socket does.
function destroy(connection: ChannelModel): void {
  connection.on('error', () => undefined);
  const { stream } = connection.connection as unknown as { stream?: { destroy?: () => void } };
  stream?.destroy?.();
}
