import { type Budget, startBudget } from '../../../core/flow/budget.ts';
import { type Clock, type Random, type Target, TargetError } from '../../../core/flow/ports.ts';
import type { TargetReading } from '../../../core/model/target.ts';
import type { Route53HealthTargetConfig } from '../../../core/model/targets/route53Health.ts';
import { answerOf } from '../answers.ts';
import { createCopy } from './copy.ts';
import { outcomeOf, setAll } from './flip.ts';
import { withAnswers } from './follow.ts';
import { lookAtAll } from './look.ts';
import { markerEpochOf, messageOf, readingOf, type Sides } from './reading.ts';

export interface Route53HealthOptions extends Sides {
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
 * A switch in S3 that Route 53's health checkers look at, as a target. Copies of it are in one Region or in three, and a majority
 * decides. Nothing is asked of Route 53's control plane. Each write names what it was read to replace, and carries the epoch:
 * what an overtaken process still sends is refused.
 */
export function createRoute53HealthTarget(config: Route53HealthTargetConfig, options: Route53HealthOptions): Target {
  const { pair, primary, standby, clock, random, budgetMs, requestTimeoutMs = Math.floor(budgetMs / 3) } = options;
  const id = `route53-health:${config.record}/${config.type}`;
  const copies = config.copies.map((copy) => createCopy(copy, { random, requestTimeoutMs }));
  const ask = (budget: Budget) => Promise.all(config.resolvers.map((resolver) => answerOf(resolver, config, budget)));

  async function read(): Promise<TargetReading> {
    const budget = startBudget(clock, budgetMs);
    const [looks, answers] = await Promise.all([lookAtAll(copies, budget, clock), ask(budget)]);
    const nowMs = clock.nowMs();
    const reading = withAnswers(readingOf(id, options, looks, nowMs), config, answers, looks, nowMs);
    return reading.status === 'read' ? { ...reading, ...markerEpochOf(options, looks) } : reading;
  }

  async function flip(site: string, epoch: number): Promise<TargetReading> {
    if (![primary, standby].includes(site)) throw new TargetError(`${id} has nothing of ${site}`);
    const budget = startBudget(clock, budgetMs);
    const runs = copies.map((copy) => ({ copy, progress: { isAccepted: false, isUncertain: false } }));
    try {
      const looks = await setAll(runs, { pair, site, epoch }, budget, budget.part(requestTimeoutMs), clock);
      const reading = readingOf(id, options, looks, clock.nowMs());
      // Nobody follows so soon: what they answer is told, and judged by the reads that come.
      const patient = { ...config, followsMs: Number.POSITIVE_INFINITY };
      return withAnswers(reading, patient, await ask(budget), looks, clock.nowMs());
    } catch (error) {
      throw new TargetError(`${id}: ${outcomeOf(runs, site)}: ${messageOf(error)}`, { cause: error });
    }
  }

  const close = async () => void (await Promise.all(copies.map((copy) => copy.close())));

  return { id, read, flip, close };
}
