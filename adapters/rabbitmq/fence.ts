import { FenceError, type Fencer } from '../../core/flow/ports.ts';
import type { SavedLimits } from '../../core/model/record.ts';
import type { Budget } from './fenceBudget.ts';
import type { FenceNode } from './fenceFinding.ts';
import { look, reopen, shut } from './fenceNode.ts';
import { survey } from './fenceSurvey.ts';
import { type FencerOptions, FenceVisit } from './fenceVisit.ts';
import { ManagementApi } from './managementApi.ts';

export type { FencerOptions } from './fenceVisit.ts';

/**
 * Fences through the management API: connection limits of users become 0, which refuses them alone (a virtual host's limit would
 * also refuse the probe and whoever salvages messages), and their connections are closed by user name.
 */
export function createFencer(options: FencerOptions): Fencer & { close(): Promise<void> } {
  const scope = new AbortController();
  const usersMax = Math.max(0, ...Object.values(options.pair.sites).map(({ fenceUsers }) => fenceUsers.length));
  // Writes that hang must leave room for what is asked meanwhile.
  const api = new ManagementApi(options.pair.probe.timeoutMs, 8 + 4 * usersMax);
  const visit = (site: string, users: readonly string[], budgetMs: number) =>
    new FenceVisit(options, api, { site, users, signal: scope.signal }, budgetMs);

  return {
    look: (site, users, budgetMs) => visit(site, users, budgetMs).once(look),
    set: (site, users, budgetMs) => visit(site, users, budgetMs).untilDone(shut),
    release: (site, saved, budgetMs) =>
      visit(site, Object.keys(saved), budgetMs).untilDone((place, budget) => reopen(place, saved, budget)),
    readLimits: (site, users, budgetMs) => readLimits(visit(site, users, budgetMs), site),
    async survey(site, users, budgetMs) {
      const opened = visit(site, users, budgetMs);
      return survey(site, (await opened.open()) ?? [], opened.budget);
    },
    async close() {
      scope.abort();
      await api.close();
    },
  };
}

async function readLimits(visit: FenceVisit, site: string): Promise<SavedLimits> {
  const places = await visit.open();
  if (!places) throw new FenceError(`the operatorCredentials of ${site} could not be read`);
  try {
    return await Promise.any(places.map((place) => limitsAt(place, visit.budget)));
  } catch (error) {
    const errors: Error[] = error instanceof AggregateError ? error.errors : [];
    const reasons = new Set(errors.map(({ message }) => message));
    throw new FenceError(`no node of ${site} tells the limits: ${[...reasons].join('; ')}`);
  }
}

async function limitsAt({ client, users }: FenceNode, budget: Budget): Promise<SavedLimits> {
  const limits = users.map(
    async (user): Promise<[string, number | null]> => [user, await client.readLimit(user, budget)],
  );
  return Object.fromEntries(await Promise.all(limits));
}
