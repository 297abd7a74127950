import type { Channel, ChannelModel, ConfirmChannel } from 'amqplib';
import type { NodeProbe } from '../../core/model/probe.ts';
import { ConnectionLost, codeOf, ProbeFailure } from './failure.ts';
import { within } from './ladder.ts';

const politeCloseMs = 500;

/** What the owner of a session may want to know at once. */
export interface SessionListener {
  onLost(detail: string): void;
  onBlocked(reason: string): void;
  onUnblocked(): void;
}

/** An open AMQP connection with a confirm channel. Whoever opens one closes it, and may do so at any time. */
export class Session {
  readonly identity: NonNullable<NodeProbe['identity']>;
  readonly #model: ChannelModel;
  readonly #abort: AbortController;
  readonly #listener: SessionListener | undefined;
  #channel: ConfirmChannel | null = null;
  #blocked: string | null = null;
  #lost: ProbeFailure | null = null;
  #closing = false;
  #returned: string | null = null;
  #interrupt: ((failure: ProbeFailure) => void) | null = null;

  constructor(model: ChannelModel, abort: AbortController, listener?: SessionListener) {
    this.#model = model;
    this.#abort = abort;
    this.#listener = listener;
    this.identity = identityOf(model);
    // A forced close (320) emits no 'error', only 'close'; every other end emits both.
    model.on('close', (error) => this.#onClose(error));
    model.on('blocked', (reason) => this.#onBlocked(reason));
    model.on('unblocked', () => {
      this.#blocked = null;
      this.#listener?.onUnblocked();
    });
  }

  /** The reason of connection.blocked while it lasts. The broker sends it only to connections that published. */
  get blocked(): string | null {
    return this.#blocked;
  }

  get alive(): boolean {
    return this.#lost === null && !this.#closing;
  }

  /** The confirm channel, a new one if the broker closed the last. */
  async channel(): Promise<ConfirmChannel> {
    if (this.#channel) return this.#channel;
    const channel = await this.#model.createConfirmChannel().catch((error) => this.#rethrow(error));
    channel.on('error', (error) => this.#interrupt?.(channelFailure(error)));
    channel.on('close', () => {
      if (this.#channel === channel) this.#channel = null;
      this.#interrupt?.(this.#lost ?? new ConnectionLost('probe-error', 'the channel was closed'));
    });
    channel.on('return', (message) => {
      this.#returned = String(message.properties.messageId);
    });
    this.#channel = channel;
    return channel;
  }

  /** Another channel, for work that may hang. */
  async secondChannel(): Promise<Channel> {
    const channel = await this.#model.createChannel().catch((error) => this.#rethrow(error));
    return channel.on('error', () => {});
  }

  /**
   * Publishes to a queue, persistent and mandatory, and waits for the broker's answer; one publish at a time.
   * @returns false when the message was returned because there is no such queue. @throws ProbeFailure
   */
  async publish(queue: string, messageId: string, expirationMs: number): Promise<boolean> {
    const channel = await this.channel();
    const options = { persistent: true, mandatory: true, messageId, expiration: String(expirationMs) };
    const confirmed = Promise.withResolvers<boolean>();
    this.#interrupt = confirmed.reject;
    try {
      channel.sendToQueue(queue, Buffer.from(messageId), options, (error: Error | null) => {
        if (error === null) confirmed.resolve(this.#returned !== messageId);
        else if (error.message === 'message nacked') {
          confirmed.reject(new ProbeFailure('no-quorum', 'the broker refused to store the message (basic.nack)'));
        }
      });
      return await confirmed.promise;
    } finally {
      this.#interrupt = null;
    }
  }

  /** A clean close, bounded in time; then the socket is destroyed whatever the broker said. */
  async close(): Promise<void> {
    if (this.alive) {
      this.#closing = true;
      // While blocked, amqplib only half-closes the socket, and the broker reads nothing: nothing to wait for.
      const closed = this.#blocked === null ? this.#model.close() : Promise.resolve();
      await within(politeCloseMs, closed, () => new Error('no close-ok')).catch(() => {});
    }
    this.destroy();
  }

  /** Destroys the socket at once. amqplib then ends its timers and rejects what is pending. */
  destroy(): void {
    this.#closing = true;
    this.#abort.abort();
  }

  #onClose(error: Error | undefined): void {
    const words = error ? error.message : 'closed';
    this.#lost = new ConnectionLost('probe-error', `the connection was lost: ${words}`);
    this.#interrupt?.(this.#lost);
    if (!this.#closing) this.#listener?.onLost(words);
  }

  #onBlocked(reason: string): void {
    this.#blocked = reason;
    this.#interrupt?.(new ProbeFailure('alarm', `the broker blocks publishers: ${reason}`));
    this.#listener?.onBlocked(reason);
  }

  /** What an operation on this connection failed of; the end of the connection says more than that of its channel. */
  explain(error: unknown): ProbeFailure {
    const verdict = error instanceof ProbeFailure && !(error instanceof ConnectionLost);
    return verdict ? error : (this.#lost ?? channelFailure(error));
  }

  #rethrow(error: unknown): never {
    throw this.explain(error);
  }
}

/** What the closing of a channel means (AMQP 0-9-1 reply codes). All but 403 and 404 are the prober's own mistakes. */
function channelFailure(error: unknown): ProbeFailure {
  if (error instanceof ProbeFailure) return error;
  const words = error instanceof Error ? error.message : 'unknown error';
  if (codeOf(error) === '403') return new ProbeFailure('not-allowed', words);
  if (codeOf(error) === '404') return new QueueMissing('probe-error', words);
  return new ConnectionLost('probe-error', words);
}

/** The queue is not there: it expired, or is being moved. */
export class QueueMissing extends ProbeFailure {}

/** What the broker says it is: `cluster_name` and `version` among the server properties of connection.start. */
function identityOf(model: ChannelModel): NonNullable<NodeProbe['identity']> {
  const { cluster_name: clusterName, version } = model.connection.serverProperties as Record<string, unknown>;
  return {
    ...(typeof clusterName === 'string' ? { clusterName } : {}),
    ...(typeof version === 'string' ? { version } : {}),
  };
}
