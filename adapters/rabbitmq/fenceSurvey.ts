import type { SiteSurvey } from '../../core/model/operation.ts';
import { queuePageIn } from './fenceAnswers.ts';
import type { Budget } from './fenceBudget.ts';
import { type FenceClient, Trouble } from './fenceClient.ts';
import type { FenceNode } from './fenceFinding.ts';

const pageSize = 500;
const pagesMax = 20;
const queuesShown = 10;

type Queue = SiteSurvey['queues'][number];

/** Asks the node that is the first to answer at all, and another one when it fails. Never rejects. */
export async function survey(site: string, places: FenceNode[], budget: Budget): Promise<Omit<SiteSurvey, 'atMs'>> {
  const [first] = places;
  const clients = await inOrderOfAnswer(places, budget.part(1 / 4));
  const users = first?.users ?? [];
  const [connections, counted] = await Promise.all([
    users.length === 0 ? null : firstAnswer(clients, budget, (client, part) => countConnections(client, users, part)),
    firstAnswer(clients, budget, (client, part) => countMessages(client, first?.vhost ?? '/', part)),
  ]);
  return { site, connections, messages: counted?.messages ?? null, queues: counted?.queues ?? [] };
}

/** Every client, the first to answer at the front; none when nobody answers. */
async function inOrderOfAnswer(places: FenceNode[], budget: Budget): Promise<FenceClient[]> {
  const clients = places.map(({ client }) => client);
  const greetings = clients.map((client) => client.greet(budget).then(() => client));
  const first = await Promise.any(greetings).catch(() => null);
  return first === null ? [] : [first, ...clients.filter((client) => client !== first)];
}

async function firstAnswer<T>(
  clients: FenceClient[],
  budget: Budget,
  ask: (client: FenceClient, budget: Budget) => Promise<T>,
): Promise<T | null> {
  for (const client of clients) {
    const answer = await ask(client, budget.part(1 / 2)).catch(() => null);
    if (answer !== null) return answer;
  }
  return null;
}

/** In the whole cluster. @throws Trouble */
async function countConnections(client: FenceClient, users: readonly string[], budget: Budget): Promise<number> {
  const nodes = await Promise.all(users.map((user) => client.connectionNodes(user, budget)));
  return nodes.flat().length;
}

/**
 * Messages in the queues of a virtual host, without Warren's own. A sum that leaves something out would be taken for all that is
 * left behind, so there is none when a queue cannot tell, as one whose node is dead. @throws Trouble
 */
async function countMessages(client: FenceClient, vhost: string, budget: Budget) {
  const read = await readQueues(client, vhost, budget);
  const others = read.queues.filter(({ name }) => !name.startsWith('warren.'));
  const known = others.filter((queue): queue is Queue => queue.messages !== null);
  const isWhole = read.isWhole && known.length === others.length;
  const queues = known.filter(({ messages }) => messages > 0).sort((one, other) => other.messages - one.messages);
  return {
    messages: isWhole ? queues.reduce((sum, { messages }) => sum + messages, 0) : null,
    queues: queues.slice(0, queuesShown),
  };
}

async function readQueues(client: FenceClient, vhost: string, budget: Budget) {
  const base = `/api/queues/${encodeURIComponent(vhost)}?columns=name,messages&page_size=${pageSize}`;
  const queues: { name: string; messages: number | null }[] = [];
  let pages = 1;
  for (let page = 1; page <= Math.min(pages, pagesMax); page += 1) {
    const read = queuePageIn(await client.get(`${base}&page=${page}`, budget));
    if (!read) throw new Trouble('odd', 'the list of queues could not be understood');
    queues.push(...read.queues);
    pages = read.pages;
  }
  return { queues, isWhole: pages <= pagesMax };
}
