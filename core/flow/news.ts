import type { ProbePolicy } from '../model/config.ts';
import type { Decision } from '../model/decision.ts';
import { type FenceReading, isFenceable, isRefusing } from '../model/fence.ts';
import type { SiteHealth } from '../model/health.ts';
import type { Situation } from '../model/situation.ts';
import { type Alert, alertsOf } from '../observe/siteHealth.ts';
import type { Memory } from './memory.ts';

/** What this turn knows that people were not told yet. */
export interface News {
  health: { before: SiteHealth | null; after: SiteHealth }[];
  alertsBegun: Alert[];
  alertsEnded: Alert[];
  /** The side where traffic should be, when it refuses applications and no fence of ours is there; or does not any more. */
  shutOut: { reading: FenceReading; shut: boolean }[];
  /** Sides that could not be fenced now although they are up, or can again. */
  fenceability: FenceReading[];
  decision: Decision | null;
}

const nothingNew: News = {
  health: [],
  alertsBegun: [],
  alertsEnded: [],
  shutOut: [],
  fenceability: [],
  decision: null,
};

/**
 * Compares what is known with what was told last, and notes it as told. While evidence is being gathered anew (after a
 * start, an ack, the end of an operation) "not seen yet" is no news, unless it lasts.
 */
export function newsOf(
  memory: Memory,
  decision: Decision,
  fences: Situation['fences'],
  policy: ProbePolicy,
  nowMs: number,
): News {
  const { told } = memory;
  const isNew = isNews(told.decision, decision);
  if (isSettling(memory, policy, nowMs)) {
    if (decision.outcome === 'hold' || !isNew) return nothingNew;
    memory.told = { ...told, decision };
    return { ...nothingNew, decision };
  }
  const alerts = alertsByKey(memory);
  const health = Object.values(memory.health).flatMap((after) => {
    const before = told.health[after.site] ?? null;
    if (before?.state === 'down' && isReconfirming(memory, after, policy, nowMs)) return [];
    return before?.state !== after.state || before.cause !== after.cause ? [{ before, after }] : [];
  });
  const news: News = {
    health,
    alertsBegun: Object.keys(alerts).flatMap((key) => (told.alerts[key] ? [] : (alerts[key] ?? []))),
    alertsEnded: Object.keys(told.alerts).flatMap((key) => (alerts[key] ? [] : (told.alerts[key] ?? []))),
    shutOut: shutOutNews(memory, fences),
    fenceability: fenceNews(memory, fences),
    decision: isNew ? decision : null,
  };
  const toldHealth = Object.fromEntries(health.map(({ after }) => [after.site, after]));
  const unfenceable = { ...told.unfenceable };
  for (const reading of news.fenceability) unfenceable[reading.site] = !isFenceable(reading);
  const shutOut = { ...told.shutOut };
  for (const { reading, shut } of news.shutOut) shutOut[reading.site] = shut;
  memory.told = { ...told, health: { ...told.health, ...toldHealth }, decision, alerts, unfenceable, shutOut };
  return news;
}

/** Of a side that is not up it is no news that it cannot be fenced. */
function fenceNews({ health, told }: Memory, fences: Situation['fences']): FenceReading[] {
  return Object.values(fences).filter((reading) => {
    const isNew = isFenceable(reading) === (told.unfenceable[reading.site] ?? false);
    return isNew && health[reading.site]?.state === 'up';
  });
}

/** Limits that somebody else set, or that a write of ours set which landed much too late. */
function shutOutNews({ told, state }: Memory, fences: Situation['fences']): News['shutOut'] {
  if (!state) return [];
  const { desired, fences: own, operation } = state.record;
  return Object.values(fences).flatMap((reading) => {
    const { site } = reading;
    const shut = isRefusing(reading) && site === desired && !own[site] && !operation;
    return shut === (told.shutOut[site] ?? false) ? [] : [{ reading, shut }];
  });
}

function isSettling({ window }: Memory, policy: ProbePolicy, nowMs: number): boolean {
  if (nowMs - window.startedAtMs > policy.recheckMs + 4 * policy.timeoutMs) return false;
  return Object.values(window.sites).some((nodes) => Object.values(nodes).some(({ state }) => state === 'unseen'));
}

/** Evidence of a dead side is gathered anew: it is as dead as before, only not yet `fall` times. */
function isReconfirming({ window }: Memory, health: SiteHealth, policy: ProbePolicy, nowMs: number): boolean {
  const longest = policy.fall * (policy.everyMs + policy.timeoutMs);
  return (
    health.state === 'suspect' &&
    health.nodes.every(({ passes }) => passes === 0) &&
    nowMs - window.startedAtMs < longest
  );
}

function alertsByKey({ health }: Memory): Record<string, Alert> {
  const alerts = Object.values(health).flatMap(alertsOf);
  return Object.fromEntries(alerts.map((alert) => [`${alert.site} ${alert.class}`, alert]));
}

const isNews = (last: Decision | null, decision: Decision) =>
  last?.reason !== decision.reason || last.from !== decision.from || last.sentence !== decision.sentence;
