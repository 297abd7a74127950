import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Budget } from '../../core/flow/budget.ts';
import type { Elbv2TargetConfig } from '../../core/model/targets/elbv2.ts';
import { forwardAlike, wantedActions } from './actions.ts';
import type { Elbv2Api } from './api.ts';
import {
  checkEpochTag,
  type EpochTag,
  epochTagKey,
  epochTagOf,
  type Order,
  readEpochTag,
  unreadRemark,
} from './epochTag.ts';
import { Elbv2Failure } from './failure.ts';
import { checkHealth, readHealth } from './health.ts';
import { readingOf } from './reading.ts';

/** How far it came, also when it ended with an error. */
export interface Progress {
  /** The service accepted a change. */
  isAccepted: boolean;
  /** A change was sent, and nothing came back. */
  isUncertain: boolean;
}

export interface Forwarded {
  actions: Action[];
  /** What else has to be said. */
  remarks: string[];
}

const roundsMax = 4;
const uncertainPauseMs = 100;
const unseenPauseMs = 100;

/**
 * Reads, writes what is missing, and reads again, until it reads what was ordered: so a write whose answer was lost is found.
 * The service has no conditional write: what somebody else writes between reading and writing is overwritten. So both are
 * next to each other, and who finds a newer epoch stands down.
 * @param progress is kept up to date. @throws Elbv2Failure
 */
export async function forward(
  api: Elbv2Api,
  config: Elbv2TargetConfig,
  order: Order,
  budget: Budget,
  progress: Progress,
): Promise<Forwarded> {
  let remarks: string[] = [];
  let last: Elbv2Failure | null = null;
  for (let round = 0; ; round += 1) {
    // What was accepted and is not seen may only be late.
    if (round > 1) await budget.pause(unseenPauseMs);
    const { actions, tag, health } = await look(api, config, order, budget, round === 0);
    checkEpochTag(tag, order);
    const wanted = wantedActions(actions, config, order.site);
    if (forwardAlike(actions, wanted))
      return { actions, remarks: [...remarks, ...(await sign(api, tag, order, budget))] };
    if (round === roundsMax) throw last ?? new Elbv2Failure('somebody else keeps changing it', 'never');
    if (health && readingOf('', config, actions, 0).active !== order.site)
      remarks = checkHealth(health, groupOf(config, order), order.site, actions);
    try {
      await api.modify(wanted, budget);
      progress.isAccepted = true;
    } catch (error) {
      last = await passable(error, budget, progress);
    }
  }
}

async function look(api: Elbv2Api, config: Elbv2TargetConfig, order: Order, budget: Budget, isFirst: boolean) {
  const [actions, tag, health] = await Promise.all([
    api.actions(budget),
    readEpochTag(api, budget),
    isFirst ? readHealth(api, groupOf(config, order), budget) : null,
  ]);
  return { actions, tag, health };
}

function groupOf({ targetGroups }: Elbv2TargetConfig, { site }: Order): string {
  return targetGroups[site] ?? '';
}

/** Leaves the epoch behind, as well as that goes. @returns what has to be said of it */
async function sign(api: Elbv2Api, tag: EpochTag, order: Order, budget: Budget): Promise<string[]> {
  const value = epochTagOf(order);
  if (tag.value === value) return [`tag ${epochTagKey}: ${value}`];
  const unread = tag.unread === null ? [] : [unreadRemark(tag.unread.because)];
  try {
    await api.setTag(epochTagKey, value, budget);
    return [...unread, `tag ${epochTagKey}: ${value}`];
  } catch (error) {
    return [...unread, `the tag ${epochTagKey} was not written: ${error instanceof Error ? error.message : error}`];
  }
}

/** @returns the error where it pays to read again. @throws it where not */
async function passable(error: unknown, budget: Budget, progress: Progress): Promise<Elbv2Failure> {
  if (!(error instanceof Elbv2Failure)) throw error;
  progress.isUncertain ||= error.isUncertain;
  if (error.retry !== 'again') throw error;
  // What is still under way may arrive meanwhile.
  if (error.isUncertain && !(await budget.pause(uncertainPauseMs))) throw error;
  return error;
}
