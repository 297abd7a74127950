import { activeSide } from '../../core/model/situation.ts';
import { hostTimesMs, majorityCalmSinceMs } from './calm.ts';
import type { Event } from './events.ts';
import type { Watched, World } from './world.ts';

/** An operation waits this long for whoever held it, and acts. */
const actMs = 10_000;

/** How long a lost side may keep its traffic, when nothing holds: as long as the policy takes to see it, agree, and act. */
function movedWithinMs({ pair }: Watched, { trace }: World): number {
  const { everyMs, recheckMs, timeoutMs, fall, rise } = pair.probe;
  const evidenceMs = (fall + 2) * (recheckMs + timeoutMs) + rise * recheckMs + 2 * timeoutMs;
  const agreementMs = 3 * everyMs;
  // Whoever takes over in the middle of that gathers evidence of its own.
  const takeOverMs = trace.runs === 'short' ? evidenceMs + agreementMs : 0;
  return evidenceMs + agreementMs + takeOverMs + actMs + pair.failover.fenceBudgetMs;
}

/**
 * The active side is truly lost to everybody, a majority of the vantages and all else is well, and nothing holds: traffic has moved
 * within the bound.
 */
export async function checkMoved(world: World, watched: Watched): Promise<void> {
  const { clock, brokers } = world;
  const { judge, pair, targets } = watched;
  const { failover, sites } = pair;
  const record = judge.record();
  const { desired, operation, latch, pause, maintenance, drill, request, cooldownUntilMs } = record;
  const nowMs = clock.monotonicMs();
  const lostAtMs = desired === null ? null : brokers.surelyLostSinceMs(desired, nowMs);
  const isHeld = latch ?? pause ?? world.fleet.pause ?? drill ?? request ?? operation?.phase === 'stalled';
  if (lostAtMs === null || isHeld || Object.keys(maintenance).length > 0) return resetWait(watched);
  const isLeftToPeople =
    failover.mode !== 'automatic' || failover.unfenced === 'wait' || pair.hooks.before !== undefined;
  if (isLeftToPeople) return resetWait(watched);
  const others = Object.keys(sites).filter((site) => site !== desired);
  const isClear =
    (cooldownUntilMs ?? 0) < Math.min(...hostTimesMs(world)) &&
    activeSide(await Promise.all(targets.map((target) => target.read()))) === desired &&
    !others.some((site) => record.fences[site] && record.fences[site].state !== 'released') &&
    !(await isBreakerSpent(world));
  if (!isClear) return resetWait(watched);
  watched.waitingSinceMs ??= nowMs;
  const sinceMs = Math.max(
    watched.waitingSinceMs,
    lostAtMs,
    majorityCalmSinceMs(world, pair, desired ?? '', (event) => !isLossOf(event, desired ?? '')),
  );
  if (nowMs - sinceMs > movedWithinMs(watched, world))
    judge.violate('moves-when-it-should', `${desired} has been lost for ${(nowMs - lostAtMs) / 1_000} s`);
}

/** What truly happens to a side is why traffic has to leave it. */
function isLossOf(event: Event, side: string): boolean {
  if (!('site' in event) || event.site !== side) return false;
  if (event.kind === 'fault') return event.seenBy === null;
  if (event.kind === 'cut') return event.ways.every(({ vantage }) => vantage === null);
  return event.kind === 'minority' || event.kind === 'drained';
}

function resetWait(watched: Watched): void {
  watched.waitingSinceMs = null;
}

async function isBreakerSpent(world: World): Promise<boolean> {
  const { slots } = await world.store.readFleet();
  const { maxFailovers, windowMs } = world.trace.config.fleet;
  return slots.filter(({ atMs }) => atMs > Math.min(...hostTimesMs(world)) - windowMs).length >= maxFailovers;
}
