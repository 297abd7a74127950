import type { Budget } from '../../core/flow/budget.ts';
import type { Route53TargetConfig } from '../../core/model/targets/route53.ts';
import { answerOf, answerSentence } from './answers.ts';
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
  const answers = config.resolvers.map(async (resolver) => answerSentence(await answerOf(resolver, config, budget)));
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

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
