import * as z from 'zod';
import type { NodeContext } from './context.ts';
import { ProbeFailure } from './failure.ts';
import { addressOf } from './knock.ts';
import { within } from './ladder.ts';
import { openAmqp } from './openAmqp.ts';
import { nodeQueue } from './probeQueue.ts';
import { Session } from './session.ts';

/** Moving a queue takes milliseconds, or hangs for a minute while a peer of the node does. */
const moveTimeoutMs = 10_000;

/** A queue that does not stay where it was put is left alone for this long. */
const moveAgainAfterMs = 5 * 60_000;

const overviewBody = z.object({ node: z.string() });
const queueBody = z.object({ leader: z.string() });

/**
 * Keeps each probe queue led by the node it belongs to: after a restart leaders have moved, and one hung leader would
 * stall the probes of healthy nodes. Runs beside the probes, on connections of its own; its failures are nobody's.
 */
export class QueueLeader {
  readonly #context: NodeContext;
  #busy = false;
  #notBeforeMs = 0;

  constructor(context: NodeContext) {
    this.#context = context;
  }

  /** Looks where the queue is led, and moves it home if that is elsewhere. Call it only while the site is well. */
  async check(): Promise<void> {
    const { clock, knowledge } = this.#context;
    if (this.#busy || knowledge.alarm(clock.monotonicMs()) !== null || clock.monotonicMs() < this.#notBeforeMs) return;
    this.#busy = true;
    try {
      if (await this.#isLedElsewhere()) {
        this.#notBeforeMs = clock.monotonicMs() + moveAgainAfterMs;
        await this.#move();
      }
    } catch {
      // Housekeeping: whatever went wrong, the next look finds it still undone.
    } finally {
      this.#busy = false;
    }
  }

  /** Asks the node itself for its name: the configured one may be an alias. */
  async #isLedElsewhere(): Promise<boolean> {
    const { management, node, vhost, credentials } = this.#context;
    if (node.management === undefined) return false;
    const queue = encodeURIComponent(nodeQueue(this.#context).name);
    const queuePath = `/api/queues/${encodeURIComponent(vhost)}/${queue}?columns=leader`;
    const [overview, found] = await Promise.all([
      management.get(node.management, '/api/overview?columns=node&disable_stats=true', credentials),
      management.get(node.management, queuePath, credentials),
    ]);
    if (overview.kind === 'silent' || found.kind === 'silent') return false;
    const own = overviewBody.safeParse(overview.body).data?.node;
    const leader = queueBody.safeParse(found.body).data?.leader;
    return own !== undefined && leader !== undefined && leader !== own;
  }

  /** Deletes the queue and declares it again, here; the node that declares a quorum queue leads it. */
  async #move(): Promise<void> {
    const { node, vhost, vantage, credentials, timeoutMs, openScope, closeScope, knowledge, clock } = this.#context;
    const scope = openScope();
    const late = () => new ProbeFailure('metadata-stalled', 'the probe queue was not moved in time');
    const connectionName = `warren probe ${vantage} housekeeping`;
    const target = { address: addressOf(node.amqp), vhost, credentials, connectionName };
    const move = async () => {
      const rung = { expiry: late, over: false };
      const session = new Session(await openAmqp(target, rung, timeoutMs, scope.signal), scope);
      const channel = await session.channel();
      const queue = nodeQueue(this.#context);
      await channel.deleteQueue(queue.name);
      await queue.declare?.(channel);
      await session.close();
    };
    knowledge.reportMove(node.name, Number.POSITIVE_INFINITY);
    try {
      await within(moveTimeoutMs, move(), late);
    } finally {
      knowledge.reportMove(node.name, clock.monotonicMs());
      closeScope(scope);
    }
  }
}
