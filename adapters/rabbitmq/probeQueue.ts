import { randomUUID } from 'node:crypto';
import type { ConfirmChannel, GetMessage } from 'amqplib';
import type { Clock } from '../../core/flow/ports.ts';
import { ProbeFailure } from './failure.ts';
import type { Rung } from './ladder.ts';
import { QueueMissing, type Session } from './session.ts';

/**
 * Minutes without use after which the broker deletes a probe queue. Probes use it every second; ten minutes outlive a
 * restart of the prober.
 */
const queueExpiresMs = 10 * 60_000;

/** A nonce that is left behind, by a probe that was cut off or by an alarm, is gone after this. */
const messageExpiresMs = 60_000;

/** What messages travel through: a queue and how to create it, or null where it cannot be recreated. */
export interface ProbeQueue {
  name: string;
  declare: ((channel: ConfirmChannel) => Promise<unknown>) | null;
}

/** Whose queue it is, and at which node. */
export interface ProbeQueueOwner {
  pair: { name: string };
  vantage: string;
  node: { name: string };
}

/**
 * The queue through which one vantage probes one node for one pair: a quorum queue, so that a lost majority is seen, led by the
 * node that declares it. Of each pair its own: probes that share a queue get each other's messages, and those of many pairs on one
 * cluster would keep each other from their own until a side that is well is taken for stalled. The arguments must never change: a
 * queue declared with others answers 406. The expiry of messages is not among them, because RabbitMQ before 3.10 refuses it for
 * quorum queues.
 */
export function nodeQueue({ pair, vantage, node }: ProbeQueueOwner): ProbeQueue {
  const name = `warren.probe.${pair.name}.${vantage}.${node.name}`;
  const options = {
    durable: true,
    arguments: {
      'x-queue-type': 'quorum',
      'x-queue-leader-locator': 'client-local',
      'x-expires': queueExpiresMs,
      'x-max-length': 100,
    },
  };
  return { name, declare: (channel) => channel.assertQueue(name, options) };
}

/**
 * Publishes a fresh nonce, waits for its confirm, gets it back and acknowledges it. A queue that is not there is
 * declared, once: a declare is a metadata write, which hangs while a peer of the node does, so it is not tried before.
 * @throws ProbeFailure
 */
export async function publishConfirmGet(session: Session, queue: ProbeQueue, rung: Rung, clock: Clock): Promise<void> {
  if (await tryRoundTrip(session, queue, rung, clock)) return;
  if (queue.declare) {
    rung.expiry = () => new ProbeFailure('metadata-stalled', 'did not declare the missing probe queue in time');
    await queue.declare(await session.channel()).catch((error) => Promise.reject(session.explain(error)));
    if (await tryRoundTrip(session, queue, rung, clock)) return;
  }
  throw new ProbeFailure('probe-error', 'the probe queue is gone, or loses messages');
}

/** False when the queue is not there, or not the same any more. */
async function tryRoundTrip(session: Session, queue: ProbeQueue, rung: Rung, clock: Clock): Promise<boolean> {
  const nonce = `${clock.nowMs()}.${randomUUID()}`;
  try {
    rung.expiry = () => new ProbeFailure('publish-stalled', 'did not confirm a published message in time');
    if (!(await session.publish(queue.name, nonce, messageExpiresMs))) return false;
    rung.expiry = () => new ProbeFailure('publish-stalled', 'confirmed a message, but did not give it back in time');
    const channel = await session.channel();
    return await getBack(channel, queue.name, nonce, rung, clock);
  } catch (error) {
    const failure = session.explain(error);
    if (failure instanceof QueueMissing) return false;
    throw failure;
  }
}

/** As many empty answers mean that the message is lost: with a queue that was moved, or to a stranger that ended. */
const emptyAnswersMax = 10;

/**
 * Gets messages until the nonce is among them; false when it is not there. Runs of the same vantage that overlap share the queue,
 * so a younger stranger is put back for the probe that waits for it; an old one was left behind, and is acknowledged.
 */
async function getBack(
  channel: ConfirmChannel,
  queue: string,
  nonce: string,
  rung: Rung,
  clock: Clock,
): Promise<boolean> {
  const strangers: GetMessage[] = [];
  const putBack = () => {
    for (const stranger of strangers.splice(0)) channel.nack(stranger, false, true);
  };
  for (let emptyAnswers = 0; !rung.over && emptyAnswers < emptyAnswersMax; ) {
    const message = await channel.get(queue);
    if (message === false) {
      emptyAnswers += 1;
      putBack();
      await clock.sleep(2 + Math.random() * 18);
    } else if (message.properties.messageId === nonce) {
      channel.ack(message);
      putBack();
      return true;
    } else if (isYoung(message, clock)) strangers.push(message);
    else channel.ack(message);
  }
  return false;
}

/** Longer than any probe waits for its own nonce by default; a nonce begins with the wall-clock time it was made at. */
const youngMs = 5_000;

function isYoung(message: GetMessage, clock: Clock): boolean {
  const madeAtMs = Number.parseInt(String(message.properties.messageId), 10);
  return Math.abs(clock.nowMs() - madeAtMs) < youngMs;
}
