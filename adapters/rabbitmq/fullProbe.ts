import { randomUUID } from 'node:crypto';
import type { NodeProbe } from '../../core/model/probe.ts';
import { climbPublish, climbToSession } from './climb.ts';
import { type NodeContext, probeResult } from './context.ts';
import { asFailure, ProbeFailure } from './failure.ts';
import { Ladder } from './ladder.ts';
import { askManagement, type ManagementChecks } from './managementChecks.ts';
import type { Session } from './session.ts';

/** After a stalled declare the next one waits for so many deadlines: the broker keeps a stalled one for up to a minute. */
const declareRetryTimeouts = 1.5;

/** The whole ladder over a fresh connection, the management checks beside it. Never rejects. */
export async function fullProbe(context: NodeContext): Promise<NodeProbe> {
  const startedAtMs = context.clock.monotonicMs();
  const ladder = new Ladder(context.clock, context.timeoutMs);
  const management = startManagement(context);
  const scope = context.openScope();
  try {
    const session = await climbToSession(context, ladder, scope, 'full');
    await publishUnlessAlarmed(context, ladder, session, management);
    await declareNew(context, ladder, session);
    await session.close();
  } catch (error) {
    // Written down already, unless nobody foresaw it.
    if (!ladder.failed) ladder.fail('amqp-open', asFailure(error));
  } finally {
    context.closeScope(scope);
  }
  ladder.skipRest(['amqp-open', 'publish-confirm-get', 'declare']);
  await addManagement(context, ladder, management, startedAtMs);
  return probeResult(context, 'full', startedAtMs, ladder);
}

function startManagement(context: NodeContext): ManagementChecks | null {
  const { node, management: api, clock } = context;
  if (node.management === undefined) return null;
  return askManagement({ ...context, api, base: node.management, monotonicMs: () => clock.monotonicMs() });
}

/**
 * During an alarm the broker keeps every connection that published until the alarm ends, so no new one is made to
 * publish; the alarms check says when that is over.
 */
async function publishUnlessAlarmed(
  context: NodeContext,
  ladder: Ladder,
  session: Session,
  management: ManagementChecks | null,
): Promise<void> {
  const alarm = context.knowledge.alarm(context.clock.monotonicMs());
  if (alarm !== null && (await management?.alarms) !== 'ok') {
    await session.close();
    const known = new ProbeFailure('alarm', `not tried during a resource alarm: ${alarm}`);
    ladder.fail('publish-confirm-get', known);
    throw known;
  }
  await climbPublish(context, ladder, session);
}

/** Declares a brand-new exclusive queue, which disappears with the connection. Metadata must be writable for that. */
async function declareNew(context: NodeContext, ladder: Ladder, session: Session): Promise<void> {
  const { knowledge, node, clock, timeoutMs } = context;
  const stalled = new ProbeFailure('metadata-stalled', `did not declare a new queue within ${timeoutMs} ms`);
  if (!knowledge.mayDeclare(node.name, clock.monotonicMs())) {
    ladder.skip('declare', 'the last one stalled; not tried again yet');
    return;
  }
  try {
    await ladder.climb('declare', stalled, async () => {
      const channel = await session.secondChannel();
      const name = `warren.declare.${randomUUID()}`;
      await channel.assertQueue(name, { exclusive: true, durable: false }).catch((error) => {
        throw session.explain(error);
      });
    });
  } catch (error) {
    if (error === stalled)
      knowledge.reportStalledDeclare(node.name, clock.monotonicMs() + declareRetryTimeouts * timeoutMs);
    throw error;
  }
}

/** Adds what the management API said. A silent one is a finding only while messaging works. */
async function addManagement(
  context: NodeContext,
  ladder: Ladder,
  management: ManagementChecks | null,
  startedAtMs: number,
): Promise<void> {
  if (!management) return;
  const findings = await management.findings;
  const latencyMs = context.clock.monotonicMs() - startedAtMs;
  const amqpFailed = ladder.failed;
  if ((await management.alarms) === 'alarm') {
    ladder.reclassify('publish-stalled', 'alarm', 'the alarms check reports a resource alarm');
  }
  const told = findings.filter(({ failureClass }) => failureClass !== 'management-only' || !amqpFailed);
  for (const finding of told) ladder.fail('management', finding, latencyMs);
  if (told.length > 0) return;
  const silent = findings[0];
  if (silent) ladder.skip('management', silent.message);
  else ladder.pass('management', latencyMs);
}
