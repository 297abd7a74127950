import { startBudget } from '../../core/flow/budget.ts';
import { type Clock, type Target, TargetError } from '../../core/flow/ports.ts';
import type { TargetReading } from '../../core/model/target.ts';
import type { Route53TargetConfig } from '../../core/model/targets/route53.ts';
import type { Route53Account } from './account.ts';
import { createRoute53Api } from './api.ts';
import { type Progress, publish } from './publish.ts';
import { markerEpochOf, readingOf } from './reading.ts';
import { sitesOf } from './recordSets.ts';
import { spreadOf } from './spread.ts';

export interface Route53Options {
  /** Whose record it is; the marker says so. */
  pair: string;
  clock: Clock;
  /** That of every target of this process. */
  account: Route53Account;
  /** The most that one read, or one flip with all its requests, takes. */
  budgetMs: number;
}

/**
 * A record of Route 53 as a target. The record and a TXT marker beside it, which carries the epoch, change in one batch that
 * names both as they were read: what an overtaken process still sends is refused as a whole.
 */
export function createRoute53Target(config: Route53TargetConfig, options: Route53Options): Target {
  const { pair, clock, account, budgetMs } = options;
  const id = `route53:${config.zone}/${config.record}/${config.type}`;
  const api = createRoute53Api(config, account);

  async function read(): Promise<TargetReading> {
    try {
      const published = await api.read(startBudget(clock, budgetMs));
      return { ...readingOf(id, config, published, clock.nowMs()), ...markerEpochOf(published, pair) };
    } catch (error) {
      return { target: id, status: 'unreadable', detail: messageOf(error) };
    }
  }

  async function flip(site: string, epoch: number): Promise<TargetReading> {
    if (!sitesOf(config).includes(site)) throw new TargetError(`${id} has nothing of ${site}`);
    const budget = startBudget(clock, budgetMs);
    const progress: Progress = { changeId: null, isUncertain: false };
    try {
      const published = await publish(api, config, { pair, site, epoch }, budget, progress);
      const reading = readingOf(id, config, published, clock.nowMs());
      const spread = await spreadOf(api, config, progress.changeId, budget);
      return { ...reading, detail: [reading.detail, ...spread].join('; ') };
    } catch (error) {
      throw new TargetError(`${id}: ${outcomeOf(progress, site)}: ${messageOf(error)}`, { cause: error });
    }
  }

  return { id, read, flip, close: account.hold() };
}

function outcomeOf({ changeId, isUncertain }: Progress, site: string): string {
  if (changeId !== null) return `the flip to ${site} was accepted as change ${changeId}, but not seen`;
  return isUncertain ? `the outcome of the flip to ${site} is unknown` : `nothing was written for ${site}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
