import { setTimeout as sleep } from 'node:timers/promises';
import type { ConfirmChannel } from 'amqplib';
import { type AmqpAddress, type AmqpUser, closed, connectClient, destroy, within } from './connection.ts';
import { encode, queueOptions } from './queue.ts';
import { createGapMeter, createTally, type GapMeter, type Tally } from './tally.ts';

export interface PublisherOptions {
  readonly endpoint: AmqpAddress;
  readonly user: AmqpUser;
  readonly queue: string;
  readonly run: string;
  readonly everyMs?: number;
  readonly reconnectMs?: number;
}

/** A publisher that waits for confirms, reconnects at once, and publishes again what was not confirmed. */
export interface Publisher {
  /** How often each number was confirmed. */
  readonly confirmed: Tally;
  readonly gaps: GapMeter;
  /** Numbers handed out so far. */
  numbers(): number;
  /** Resolves when the first message has been confirmed. */
  readonly flowing: Promise<void>;
  stop(): Promise<void>;
}

const unconfirmedMax = 100;
const declareTimeoutMs = 5_000;

/** Publishes one numbered message every `everyMs` until stopped, through any fault. */
export function startPublisher(options: PublisherOptions): Publisher {
  const { queue, run, everyMs = 20, reconnectMs = 100 } = options;
  const confirmed = createTally();
  const gaps = createGapMeter();
  const unconfirmed = new Set<number>();
  const stopping = new AbortController();
  let next = 0;
  let flow: () => void = () => undefined;
  const flowing = new Promise<void>((resolve) => {
    flow = resolve;
  });

  function publish(channel: ConfirmChannel, number: number): void {
    unconfirmed.add(number);
    channel.publish('', queue, encode({ run, number }), { persistent: true }, (error) => {
      if (error) return;
      unconfirmed.delete(number);
      confirmed.add(number);
      gaps.mark(Date.now());
      flow();
    });
  }

  async function session(): Promise<void> {
    const model = await connectClient(options.endpoint, options.user, 'lab publisher');
    let open = true;
    const gone = closed(model).then(() => {
      open = false;
    });
    try {
      const channel = await within(model.createConfirmChannel(), declareTimeoutMs, 'opening a channel');
      channel.on('error', () => undefined);
      await within(channel.assertQueue(queue, queueOptions), declareTimeoutMs, 'declaring the queue');
      for (const number of [...unconfirmed]) publish(channel, number);
      while (open && !stopping.signal.aborted) {
        if (unconfirmed.size < unconfirmedMax) publish(channel, next++);
        await Promise.race([sleep(everyMs), gone]);
      }
    } finally {
      destroy(model);
    }
  }

  const ended = repeatedly(session, reconnectMs, stopping.signal);
  return {
    confirmed,
    gaps,
    numbers: () => next,
    flowing,
    async stop() {
      stopping.abort();
      await ended;
    },
  };
}

/** Runs sessions one after the other until stopped; one that fails is followed by the next after `pauseMs`. */
export async function repeatedly(session: () => Promise<void>, pauseMs: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    // A session that fails is the everyday life of a client in a disaster; what counts is what was confirmed.
    await session().catch(() => undefined);
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
  }
}
