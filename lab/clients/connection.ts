import { type ChannelModel, connect } from 'amqplib';

export interface AmqpAddress {
  readonly address: string;
  readonly port: number;
}

export interface AmqpUser {
  readonly name: string;
  readonly password: string;
}

const connectTimeoutMs = 2_000;
const heartbeatSeconds = 5;

/**
 * Connects as an application would, with a deadline: amqplib has none of its own. Rejects when there is no connection
 * within two seconds; a connection that comes later is closed.
 */
export async function connectClient(to: AmqpAddress, user: AmqpUser, name: string): Promise<ChannelModel> {
  const opening = connect(
    {
      protocol: 'amqp',
      hostname: to.address,
      port: to.port,
      username: user.name,
      password: user.password,
      heartbeat: heartbeatSeconds,
    },
    { timeout: connectTimeoutMs, noDelay: true, clientProperties: { connection_name: name } },
  );
  const model = await within(opening, connectTimeoutMs, `connecting to ${to.address}:${to.port}`, closeLate);
  // Without a listener a broken connection would end the process.
  model.on('error', () => undefined);
  return model;
}

function closeLate(model: ChannelModel): void {
  model.on('error', () => undefined);
  destroy(model);
}

/** Ends a connection at once. A polite close can hang or leave the socket half open while the broker is blocked. */
export function destroy(model: ChannelModel): void {
  const { stream } = model.connection as unknown as { stream: { destroy(): void } };
  stream.destroy();
}

/** The promise, or a rejection after `timeoutMs`. What arrives too late is handed to `reap`. */
export async function within<T>(
  promise: Promise<T>,
  timeoutMs: number,
  what: string,
  reap: (late: T) => void = () => undefined,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let over = false;
  promise.then(
    (value) => over && reap(value),
    () => undefined,
  );
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      over = true;
      reject(new Error(`${what} took more than ${timeoutMs} ms`));
    }, timeoutMs);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

/** Resolves when the connection is gone, whoever ended it. */
export function closed(model: ChannelModel): Promise<void> {
  return new Promise((resolve) => model.once('close', () => resolve()));
}
