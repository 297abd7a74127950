import type { Credentials } from './failure.ts';
import type { Budget } from './fenceBudget.ts';
import { Trouble } from './fenceClient.ts';
import { because, type FenceNode, type Finding, pending, settled, words } from './fenceFinding.ts';
import { tryLogin } from './fenceLogin.ts';

/**
 * Whether a node keeps the users out: every limit is 0, no connection is left, and a login is refused where one is configured.
 * @param trouble what a limit write ran into before. @throws Trouble
 */
export async function prove(place: FenceNode, budget: Budget, trouble: Trouble | null): Promise<Finding> {
  const reading = budget.part(3 / 4);
  const [open, remaining] = await Promise.all([openLimit(place, reading), findConnections(place, reading)]);
  if (open !== null) return pending('open', because(open, trouble));
  if (remaining !== null) return remaining;
  if (place.proof === null) return settled('closed', 'every limit is 0 and nobody is connected');
  return proveByLogin(place, place.proof, budget);
}

/** The limit of each user. @throws Trouble */
export function readLimits(
  { client, users }: FenceNode,
  budget: Budget,
): Promise<{ user: string; limit: number | null }[]> {
  return Promise.all(users.map(async (user) => ({ user, limit: await readKnown(client, user, budget) })));
}

/** The first limit that is not 0, in words; null: every one is 0. @throws Trouble */
async function openLimit(place: FenceNode, budget: Budget): Promise<string | null> {
  const open = (await readLimits(place, budget)).find(({ limit }) => limit !== 0);
  return open ? `the limit of ${open.user} is ${words(open.limit)}` : null;
}

async function readKnown(client: FenceNode['client'], user: string, budget: Budget): Promise<number | null> {
  try {
    return await client.readLimit(user, budget);
  } catch (error) {
    // Users of other authentication backends can connect, and have no limits (3.10.8 answers 400 to setting one).
    if (!(error instanceof Trouble) || error.kind !== 'missing') throw error;
    throw new Trouble('missing', `there is no user ${user} whose connections could be limited`);
  }
}

async function findConnections({ client, users, node, peers }: FenceNode, budget: Budget): Promise<Finding | null> {
  try {
    const nodes = (await Promise.all(users.map((user) => client.connectionNodes(user, budget)))).flat();
    // A node that is not configured has nobody else to answer for it.
    const here = nodes.filter((name) => name === node.name || name === null || !peers.includes(name));
    return here.length === 0 ? null : pending('open', `every limit is 0, but connections remain: ${here.length}`);
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    return pending('unknown', `every limit is 0, but connections cannot be counted: ${error.message}`);
  }
}

async function proveByLogin(place: FenceNode, proof: Credentials | 'unreadable', budget: Budget): Promise<Finding> {
  const unproven = (why: string) => pending('unknown', `every limit is 0, but that is not proven: ${why}`);
  if (proof === 'unreadable') return unproven('fenceProof could not be read');
  const { node, vhost, connectionName } = place;
  const target = { amqp: node.amqp, vhost, credentials: proof, connectionName };
  const outcome = await tryLogin(target, budget.leftMs);
  switch (outcome.kind) {
    case 'limited':
      return settled('closed', 'every limit is 0, nobody is connected, and a login was refused');
    case 'accepted':
      return pending('open', 'every limit is 0, but a login with fenceProof was accepted');
    case 'shut':
      return settled('down', 'refuses AMQP connections');
    case 'denied':
      // Logins that fail again and again lock accounts.
      return { ...unproven(`the login with fenceProof: ${outcome.detail}`), done: true };
    default:
      return unproven(`the login with fenceProof: ${outcome.detail}`);
  }
}
