import type { LabSite, LabUser } from '../topology.ts';
import { connectClient, destroy } from './connection.ts';

/** How often logins were tried, and how many of them were let in. */
export interface Knocks {
  readonly tried: number;
  readonly letIn: number;
}

/** Logs in at every node of a site directly, past the endpoint, again and again without a pause, as a client in panic does. */
export async function knock({ nodes }: LabSite, user: LabUser, forMs: number): Promise<Knocks> {
  const untilMs = performance.now() + forMs;
  const outcomes = await Promise.all(
    nodes.map(async ({ address, amqpPort: port }) => {
      let [tried, letIn] = [0, 0];
      while (performance.now() < untilMs) {
        tried += 1;
        const model = await connectClient({ address, port }, user, 'lab knocker').catch(() => null);
        if (model) letIn += 1;
        if (model) destroy(model);
      }
      return { tried, letIn };
    }),
  );
  return {
    tried: outcomes.reduce((sum, { tried }) => sum + tried, 0),
    letIn: outcomes.reduce((sum, { letIn }) => sum + letIn, 0),
  };
}
