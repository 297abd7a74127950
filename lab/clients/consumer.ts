import { type AmqpAddress, type AmqpUser, closed, connectClient, destroy, within } from './connection.ts';
import { repeatedly } from './publisher.ts';
import { numberOf, queueOptions } from './queue.ts';
import { createTally, type Tally } from './tally.ts';

export interface ConsumerOptions {
  readonly endpoint: AmqpAddress;
  readonly user: AmqpUser;
  readonly queue: string;
  readonly run: string;
  readonly reconnectMs?: number;
}

/** A consumer that acknowledges what it has counted, and reconnects at once. */
export interface Consumer {
  readonly consumed: Tally;
  stop(): Promise<void>;
}

const declareTimeoutMs = 5_000;
const prefetch = 100;

export function startConsumer(options: ConsumerOptions): Consumer {
  const { queue, run, reconnectMs = 100 } = options;
  const consumed = createTally();
  const stopping = new AbortController();
  const stopped = new Promise<void>((resolve) => stopping.signal.addEventListener('abort', () => resolve()));

  async function session(): Promise<void> {
    const model = await connectClient(options.endpoint, options.user, 'lab consumer');
    const gone = closed(model);
    try {
      const channel = await within(model.createChannel(), declareTimeoutMs, 'opening a channel');
      channel.on('error', () => undefined);
      await within(channel.prefetch(prefetch), declareTimeoutMs, 'setting the prefetch');
      await within(channel.assertQueue(queue, queueOptions), declareTimeoutMs, 'declaring the queue');
      const consuming = channel.consume(queue, (message) => {
        if (!message) return void destroy(model);
        const number = numberOf(message.content, run);
        if (number !== undefined) consumed.add(number);
        channel.ack(message);
      });
      await within(consuming, declareTimeoutMs, 'consuming');
      await Promise.race([gone, stopped]);
    } finally {
      destroy(model);
    }
  }

  const ended = repeatedly(session, reconnectMs, stopping.signal);
  return {
    consumed,
    async stop() {
      stopping.abort();
      await ended;
    },
  };
}
