import { lookup, Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { Budget } from '../../core/flow/budget.ts';
import type { Route53TargetConfig } from '../../core/model/targets/route53.ts';
import type { Route53Api } from './api.ts';

/**
 * How far a change has spread, in words: name servers generally follow within 60 seconds ("ChangeInfo", Status), which is
 * not waited for. Never rejects.
 */
export async function spreadOf(
  api: Route53Api,
  config: Route53TargetConfig,
  changeId: string | null,
  budget: Budget,
): Promise<string[]> {
  const answers = config.resolvers.map(async (resolver) => `${resolver} ${await answerOf(resolver, config, budget)}`);
  const sync = changeId === null ? [] : [syncOf(api, changeId, budget)];
  return Promise.all([...sync, ...answers]);
}

const asksMax = 2;
const askEveryMs = 500;

async function syncOf(api: Route53Api, changeId: string, budget: Budget): Promise<string> {
  try {
    for (let asked = 1; ; asked += 1) {
      if (await api.isInSync(changeId, budget)) return `change ${changeId} is INSYNC`;
      if (asked === asksMax || !(await budget.pause(askEveryMs)))
        return `change ${changeId} is PENDING: the name servers follow, generally within 60 s`;
    }
  } catch (error) {
    return `how far change ${changeId} has spread is unknown: ${messageOf(error)}`;
  }
}

const answerTimeoutMs = 500;

async function answerOf(address: string, { record, type }: Route53TargetConfig, budget: Budget): Promise<string> {
  const colon = address.lastIndexOf(':');
  const host = address.slice(0, colon).replace(/^\[(.*)\]$/, '$1');
  const resolver = new Resolver({ timeout: answerTimeoutMs, tries: 1 });
  try {
    const answer = await budget.within(answerTimeoutMs, async () => {
      const ip = isIP(host) ? host : (await lookup(host)).address;
      resolver.setServers([isIP(ip) === 6 ? `[${ip}]${address.slice(colon)}` : `${ip}${address.slice(colon)}`]);
      return (await resolver.resolve(record, type)) as string[];
    });
    return `answers ${answer.toSorted().join(', ')}`;
  } catch (error) {
    return `does not answer: ${(error as { code?: string }).code ?? messageOf(error)}`;
  } finally {
    resolver.cancel();
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
