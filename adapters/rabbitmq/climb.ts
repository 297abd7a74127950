import type { NodeContext } from './context.ts';
import { ProbeFailure } from './failure.ts';
import { addressOf, knock } from './knock.ts';
import type { Ladder } from './ladder.ts';
import { openAmqp } from './openAmqp.ts';
import { nodeQueue, publishConfirmGet } from './probeQueue.ts';
import { Session, type SessionListener } from './session.ts';

/**
 * The rungs up to an open AMQP connection with a confirm channel, to the cluster that was expected.
 * @throws ProbeFailure; nothing stays open then once the scope is closed.
 */
export async function climbToSession(
  context: NodeContext,
  ladder: Ladder,
  scope: AbortController,
  purpose: string,
  listener?: SessionListener,
): Promise<Session> {
  const { node, vhost, credentials, timeoutMs, vantage, knowledge, clock } = context;
  const address = addressOf(node.amqp);
  const connectionName = `warren probe ${vantage} ${purpose}`;
  try {
    await knock(ladder, address, scope.signal);
    const late = new ProbeFailure('probe-error', 'the probe credentials could not be read in time');
    return await ladder.climb('amqp-open', late, async (rung) => {
      const target = { address, vhost, credentials, connectionName };
      const model = await openAmqp(target, rung, timeoutMs, scope.signal);
      rung.expiry = () => new ProbeFailure('hung', `opened the connection, but no channel within ${timeoutMs} ms`);
      const session = new Session(model, scope, listener);
      ladder.identity = session.identity;
      requireIdentity(session, context.clusterName);
      await session.channel();
      knowledge.reportVersion(node.name, session.identity.version);
      return session;
    });
  } catch (error) {
    // A drained node closes its listeners, as a dead one does; only its peers know the difference.
    if (knowledge.isDrained(node.name, clock.monotonicMs())) {
      ladder.reclassify('refused', 'draining', 'its peers report maintenance mode');
    }
    throw error;
  }
}

function requireIdentity({ identity }: Session, expected: string | undefined): void {
  if (expected === undefined || identity.clusterName === expected) return;
  const found = identity.clusterName ?? 'none';
  throw new ProbeFailure('wrong-identity', `cluster_name is ${found}, expected ${expected}`);
}

/** The rung publish-confirm-get through the node's probe queue. @throws ProbeFailure */
export async function climbPublish(context: NodeContext, ladder: Ladder, session: Session): Promise<void> {
  const { node, clock, knowledge } = context;
  const startedAtMs = clock.monotonicMs();
  const stalled = new ProbeFailure('publish-stalled', 'did not confirm a published message in time');
  const queue = nodeQueue(context);
  try {
    await ladder.climb('publish-confirm-get', stalled, (rung) => publishConfirmGet(session, queue, rung, clock));
  } catch (error) {
    if (knowledge.wasMovedSince(node.name, startedAtMs)) {
      ladder.reclassify('publish-stalled', 'probe-error', 'the probe queue was being moved');
    }
    throw error;
  }
  knowledge.reportNoAlarm(startedAtMs);
}
