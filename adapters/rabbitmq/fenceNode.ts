import type { SavedLimits } from '../../core/model/record.ts';
import type { Budget } from './fenceBudget.ts';
import { type FenceClient, Trouble } from './fenceClient.ts';
import {
  because,
  explain,
  type FenceNode,
  type Finding,
  pending,
  settled,
  troubleOf,
  words,
  worstOf,
} from './fenceFinding.ts';
import { refusesTcp } from './fenceLogin.ts';
import { prove, readLimits } from './fenceProof.ts';

/** A write that hangs is given up after this long and tried again: the peer that it waits for may be gone by then. */
const longestAttemptMs = 5_000;

/** Whether the node is there to be asked, and the operator's login does: null if so. Rejects never, as all of these. */
export async function greet({ node, client }: FenceNode, budget: Budget): Promise<Finding | null> {
  // At once and not after the silence, so that both fit into a short budget.
  const refusing = refusesTcp(node.amqp, budget.leftMs);
  try {
    await client.greet(budget);
    return null;
  } catch (error) {
    return explain(error, () => refusing);
  }
}

/** Reads the limits, and nothing else. */
export function look(place: FenceNode, budget: Budget): Promise<Finding> {
  return judge(place, budget, async () => {
    const limits = await readLimits(place, budget.part(3 / 4));
    const open = limits.find(({ limit }) => limit !== 0);
    const shut = limits.find(({ limit }) => limit === 0);
    if (!open) return settled('closed', 'every limit is 0');
    if (shut) return settled('partly', `the limit of ${shut.user} is 0, that of ${open.user} is ${words(open.limit)}`);
    return settled('open', `the limit of ${open.user} is ${words(open.limit)}`);
  });
}

/** Shuts the users out through this node, and looks for the proof at it. */
export function shut(place: FenceNode, budget: Budget): Promise<Finding> {
  return judge(place, budget, async () => {
    const writing = budget.part(1 / 2, longestAttemptMs);
    for (const user of place.users) void closeAlready(place, user, budget);
    const trouble = worstOf(await Promise.all(place.users.map((user) => shutUser(place.client, user, writing))));
    return prove(place, budget, trouble);
  });
}

/** @returns why the limit may not have been written */
async function shutUser(client: FenceClient, user: string, writing: Budget): Promise<Trouble | null> {
  const trouble = await troubleOf(client.writeLimit(user, 0, writing));
  await troubleOf(client.closeConnections(user, writing));
  return trouble;
}

/**
 * Connections are closed not only after the limit is written: while a peer hangs, that takes until the others have given the peer
 * up, 60 s by default. Closing takes as long on 3.10.8; 20 s on 4.0.5, and is not done if the request is given up before.
 */
async function closeAlready({ client, closing }: FenceNode, user: string, budget: Budget): Promise<void> {
  if (closing.has(user)) return;
  closing.add(user);
  await troubleOf(client.closeConnections(user, budget)).catch(() => null);
  closing.delete(user);
}

/** Puts saved limits back through this node, and reads them back. */
export function reopen(place: FenceNode, saved: SavedLimits, budget: Budget): Promise<Finding> {
  const { client } = place;
  const users = Object.entries(saved);
  return judge(place, budget, async () => {
    const writing = budget.part(1 / 2, longestAttemptMs);
    const writes = users.map(([user, limit]) => troubleOf(client.writeLimit(user, limit, writing)));
    const trouble = worstOf(await Promise.all(writes));
    const reading = budget.part(3 / 4);
    const limits = await Promise.all(users.map(([user, limit]) => readRestored(client, user, limit, reading)));
    const changed = users.map(([user, was], index) => ({ user, was, is: limits[index] ?? null }));
    const wrong = changed.filter(({ was, is }) => was !== is);
    const [first] = wrong;
    if (!first) return settled('open', 'every limit is as it was before the fence');
    const detail = because(`the limit of ${first.user} is ${words(first.is)}, and was ${words(first.was)}`, trouble);
    return pending(wrong.some(({ is }) => is === 0) ? 'closed' : 'open', detail);
  });
}

/** A user that was deleted meanwhile has no limit that is left to restore. */
async function readRestored(client: FenceClient, user: string, saved: number | null, reading: Budget) {
  try {
    return await client.readLimit(user, reading);
  } catch (error) {
    if (error instanceof Trouble && error.kind === 'missing') return saved;
    throw error;
  }
}

function judge({ node }: FenceNode, budget: Budget, work: () => Promise<Finding>): Promise<Finding> {
  return work().catch((error) => explain(error, () => refusesTcp(node.amqp, budget.leftMs)));
}
