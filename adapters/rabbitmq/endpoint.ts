import { randomUUID } from 'node:crypto';
import type { EndpointProbe } from '../../core/flow/ports.ts';
import type { NodeContext, ProberContext } from './context.ts';
import { asFailure, ProbeFailure } from './failure.ts';
import { addressOf, knock } from './knock.ts';
import { Ladder } from './ladder.ts';
import { openAmqp } from './openAmqp.ts';
import { publishConfirmGet } from './probeQueue.ts';
import { Session } from './session.ts';

/** What of a site is needed to log in somewhere. */
export type Login = Pick<NodeContext, 'vhost' | 'credentials'>;

/**
 * A publish-confirm-get through the clients' endpoint, over an exclusive queue, with the login of whichever site
 * accepts it: which site that is, is what is asked. Never rejects.
 */
export async function probeEndpoint(context: ProberContext, url: string, logins: Login[]): Promise<EndpointProbe> {
  let result: EndpointProbe = { status: 'fail', clusterName: null, detail: 'no login is configured' };
  for (const login of logins) {
    const ladder = new Ladder(context.clock, context.timeoutMs);
    try {
      await climbEndpoint(context, ladder, url, login);
      return {
        status: 'pass',
        clusterName: ladder.identity?.clusterName ?? null,
        detail: 'publish-confirm-get passed',
      };
    } catch (error) {
      const { failureClass, message } = asFailure(error);
      const clusterName = ladder.identity?.clusterName ?? null;
      result = { status: 'fail', clusterName, detail: `${failureClass}: ${message}` };
      if (failureClass !== 'auth' && failureClass !== 'not-allowed') return result;
    }
  }
  return result;
}

async function climbEndpoint(context: ProberContext, ladder: Ladder, url: string, login: Login): Promise<void> {
  const { timeoutMs, vantage, clock } = context;
  const address = addressOf(url);
  const scope = context.openScope();
  try {
    await knock(ladder, address, scope.signal);
    const target = { address, ...login, connectionName: `warren probe ${vantage} endpoint` };
    const hung = new ProbeFailure('hung', `no channel within ${timeoutMs} ms`);
    const session = await ladder.climb('amqp-open', hung, async (rung) => {
      const opened = new Session(await openAmqp(target, rung, timeoutMs, scope.signal), scope);
      ladder.identity = opened.identity;
      rung.expiry = () => hung;
      await opened.channel();
      return opened;
    });
    const stalled = new ProbeFailure('metadata-stalled', `did not declare a new queue within ${timeoutMs} ms`);
    await ladder.climb('publish-confirm-get', stalled, async (rung) => {
      const channel = await session.channel();
      const name = `warren.endpoint.${randomUUID()}`;
      const { queue } = await channel.assertQueue(name, { exclusive: true, durable: false });
      await publishConfirmGet(session, { name: queue, declare: null }, rung, clock);
    });
    await session.close();
  } finally {
    context.closeScope(scope);
  }
}
