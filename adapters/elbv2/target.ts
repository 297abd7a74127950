import { startBudget } from '../../core/flow/budget.ts';
import { type Clock, type Random, type Target, TargetError } from '../../core/flow/ports.ts';
import type { TargetReading } from '../../core/model/target.ts';
import { type Elbv2TargetConfig, steeredArn } from '../../core/model/targets/elbv2.ts';
import { createElbv2Api } from './api.ts';
import { type EpochTag, markerOf, readEpochTag } from './epochTag.ts';
import { forward, type Progress } from './forward.ts';
import { readingOf } from './reading.ts';

export interface Elbv2Options {
  /** Whose listener it is; the tag says so. */
  pair: string;
  clock: Clock;
  random: Random;
  /** The most that one read, or one flip with all its requests, takes. */
  budgetMs: number;
  /**
   * The deadline of a request on a connection that is open; a third of the budget unless told, so that a flip can read, write and
   * read back.
   */
  requestTimeoutMs?: number;
}

/**
 * The forward action of a load balancer's listener or rule as a target: the active site's group has all the weight. It changes
 * as a whole, with one request. Connections that are open stay where they are until somebody closes them.
 */
export function createElbv2Target(config: Elbv2TargetConfig, options: Elbv2Options): Target {
  const { pair, clock, random, budgetMs, requestTimeoutMs = Math.floor(budgetMs / 3) } = options;
  const id = `elbv2:${steeredArn(config)}`;
  const api = createElbv2Api(config, { random, requestTimeoutMs });

  // What was there when this process first looked; what is written later, the store knows.
  let firstTag: EpochTag | null = null;

  async function read(): Promise<TargetReading> {
    const budget = startBudget(clock, budgetMs);
    try {
      const actions = await api.actions(budget);
      // Afterwards, on the same connection: a second one would have to be opened.
      const tag = firstTag ?? (await readEpochTag(api, budget));
      if (!tag.unread?.passes) firstTag = tag;
      return { ...readingOf(id, config, actions, clock.nowMs()), ...markerOf(tag, pair) };
    } catch (error) {
      return { target: id, status: 'unreadable', detail: messageOf(error) };
    }
  }

  async function flip(site: string, epoch: number): Promise<TargetReading> {
    if (!Object.hasOwn(config.targetGroups, site)) throw new TargetError(`${id} has nothing of ${site}`);
    const progress: Progress = { isAccepted: false, isUncertain: false };
    try {
      const { actions, remarks } = await forward(
        api,
        config,
        { pair, site, epoch },
        startBudget(clock, budgetMs),
        progress,
      );
      const reading = readingOf(id, config, actions, clock.nowMs());
      return { ...reading, detail: [reading.detail, ...remarks].join('; ') };
    } catch (error) {
      throw new TargetError(`${id}: ${outcomeOf(progress, site)}: ${messageOf(error)}`, { cause: error });
    }
  }

  return { id, read, flip, close: api.close };
}

function outcomeOf({ isAccepted, isUncertain }: Progress, site: string): string {
  if (isAccepted) return `the flip to ${site} was accepted, but not seen`;
  return isUncertain ? `the outcome of the flip to ${site} is unknown` : `nothing was written for ${site}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
