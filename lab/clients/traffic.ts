import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Lab } from '../lab.ts';
import { liftLimits } from '../limits.ts';
import { type LabUser, labUsers } from '../topology.ts';
import { type AmqpAddress, connectClient, destroy, within } from './connection.ts';
import { startConsumer } from './consumer.ts';
import { startPublisher } from './publisher.ts';
import { numberOf } from './queue.ts';
import { createTally, type Tally } from './tally.ts';

export interface TrafficOptions {
  readonly lab: Lab;
  readonly endpoint: AmqpAddress;
  readonly queue: string;
  /** Who the clients log in as; by default the applications' user. */
  readonly user?: LabUser;
  /** Whether a consumer runs too; without one everything stays in the queues. */
  readonly consume?: boolean;
}

/** A publisher and a consumer at work. */
export interface Traffic {
  /** Resolves when the first message was confirmed. */
  readonly flowing: Promise<void>;
  /** The longest time between two confirms so far, in milliseconds. */
  longestGap(): { gapMs: number; beganAtMs: number | null; lasting: boolean };
  /** Ends the publisher, lets the consumer finish, and ends it. */
  stop(): Promise<Flow>;
}

/** What was seen of the traffic from the clients' side. */
export interface Flow {
  readonly run: string;
  readonly queue: string;
  readonly numbers: number;
  readonly confirmed: Tally;
  readonly consumed: Tally;
  /** Longest time between two confirmed publishes. */
  readonly longestGapMs: number;
  readonly longestGapBeganAtMs: number | null;
}

/** Where every confirmed message ended up. */
export interface Account {
  readonly confirmed: number;
  readonly consumed: number;
  /** In a queue of the lab, not consumed. */
  readonly stranded: number;
  /** There more than once: consumed twice, or consumed and still in a queue. */
  readonly duplicated: number;
  readonly lost: number;
}

const drainMs = 1_500;

/** Starts both clients on an empty queue. */
export async function startTraffic({
  lab,
  endpoint,
  queue,
  user = labUsers.app,
  consume = true,
}: TrafficOptions): Promise<Traffic> {
  await liftLimits(lab);
  await deleteQueue(lab, queue);
  const client = { endpoint, queue, user, run: randomUUID() };
  const publisher = startPublisher(client);
  const consumer = consume ? startConsumer(client) : undefined;
  const longestGap = () => publisher.gaps.longest(Date.now());
  return {
    flowing: publisher.flowing,
    longestGap,
    async stop() {
      const { gapMs, beganAtMs } = longestGap();
      await publisher.stop();
      await sleep(consumer ? drainMs : 0);
      await consumer?.stop();
      return {
        run: client.run,
        queue,
        numbers: publisher.numbers(),
        confirmed: publisher.confirmed,
        consumed: consumer?.consumed ?? createTally(),
        longestGapMs: gapMs,
        longestGapBeganAtMs: beganAtMs,
      };
    },
  };
}

/** Looks for every confirmed message: consumed, or in a queue of either site, or nowhere. The lab must be whole. */
export async function accountFor(lab: Lab, flow: Flow): Promise<Account> {
  await liftLimits(lab);
  const left = createTally();
  for (const address of oneNodeOfEachSite(lab)) await drain(address, flow, left);
  const account = { confirmed: 0, consumed: 0, stranded: 0, duplicated: 0, lost: 0 };
  for (let number = 0; number < flow.numbers; number += 1) {
    if (flow.confirmed.of(number) === 0) continue;
    const [consumed, stranded] = [flow.consumed.of(number), left.of(number)];
    account.confirmed += 1;
    if (consumed > 0) account.consumed += 1;
    else if (stranded > 0) account.stranded += 1;
    else account.lost += 1;
    if (consumed + stranded > 1) account.duplicated += 1;
  }
  return account;
}

const stepTimeoutMs = 10_000;

/** Takes everything out of the queue of one site and counts it. */
async function drain(address: AmqpAddress, { queue, run }: Flow, left: Tally): Promise<void> {
  const model = await connectClient(address, labUsers.app, 'lab accountant');
  try {
    const channel = await within(model.createChannel(), stepTimeoutMs, 'opening a channel');
    // A site that never saw the traffic has no such queue, which closes the channel.
    channel.on('error', () => undefined);
    for (;;) {
      const message = await within(channel.get(queue, { noAck: true }), stepTimeoutMs, 'taking a message').catch(
        isMissing,
      );
      if (!message) return;
      const number = numberOf(message.content, run);
      if (number !== undefined) left.add(number);
    }
  } finally {
    destroy(model);
  }
}

function isMissing(error: { code?: number }): false {
  if (error.code === 404) return false;
  throw error;
}

/** Deletes the queue on both sites. */
async function deleteQueue(lab: Lab, queue: string): Promise<void> {
  for (const address of oneNodeOfEachSite(lab)) {
    const model = await connectClient(address, labUsers.app, 'lab janitor');
    try {
      const channel = await within(model.createChannel(), stepTimeoutMs, 'opening a channel');
      channel.on('error', () => undefined);
      await within(channel.deleteQueue(queue), stepTimeoutMs, 'deleting the queue');
    } finally {
      destroy(model);
    }
  }
}

function oneNodeOfEachSite(lab: Lab): AmqpAddress[] {
  return lab.topology.sites.flatMap(({ nodes }) =>
    nodes.slice(0, 1).map(({ address, amqpPort: port }) => ({ address, port })),
  );
}
