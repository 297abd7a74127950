import { lookup, Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { Budget } from '../../core/flow/budget.ts';

const answerTimeoutMs = 500;

/** What one name server says of a record; no values: that there is none. */
export type Answer =
  | { resolver: string; status: 'answered'; values: string[] }
  | { resolver: string; status: 'silent'; detail: string };

/** What is asked for. */
interface Question {
  record: string;
  type: string;
}

/** Asks one name server (`HOST:PORT`) for a record. Never rejects, and takes no more than half a second. */
export async function answerOf(resolver: string, question: Question, budget: Budget): Promise<Answer> {
  const asking = new Resolver({ timeout: answerTimeoutMs, tries: 1 });
  try {
    const values = await budget.within(answerTimeoutMs, async () => {
      asking.setServers([await addressOf(resolver)]);
      return await valuesFrom(asking, question);
    });
    return { resolver, status: 'answered', values: values.toSorted() };
  } catch (error) {
    const { code, message } = error as { code?: string; message?: string };
    return { resolver, status: 'silent', detail: code ?? String(message ?? error) };
  } finally {
    asking.cancel();
  }
}

async function addressOf(resolver: string): Promise<string> {
  const colon = resolver.lastIndexOf(':');
  const host = resolver.slice(0, colon).replace(/^\[(.*)\]$/, '$1');
  const ip = isIP(host) ? host : (await lookup(host)).address;
  return isIP(ip) === 6 ? `[${ip}]${resolver.slice(colon)}` : `${ip}${resolver.slice(colon)}`;
}

/** `node:dns`, "Error codes": the server answered, and has none. */
const nothingThere = ['ENODATA', 'ENOTFOUND'];

async function valuesFrom(asking: Resolver, { record, type }: Question): Promise<string[]> {
  try {
    return (await asking.resolve(record, type)) as string[];
  } catch (error) {
    if (nothingThere.includes((error as { code?: string }).code ?? '')) return [];
    throw error;
  }
}

/** In words. */
export function answerSentence(answer: Answer): string {
  if (answer.status === 'silent') return `${answer.resolver} does not answer: ${answer.detail}`;
  return `${answer.resolver} answers ${answer.values.length === 0 ? 'that there is none' : answer.values.join(', ')}`;
}
