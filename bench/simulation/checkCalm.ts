import { activeSide } from '../../core/model/situation.ts';
import type { Event } from './events.ts';
import { lateWithinMs } from './ports.ts';
import type { World } from './world.ts';

/** Since when nothing was wrong, but for what `counts` leaves out. */
export function calmSinceMs({ log, clock }: World, counts: (event: Event) => boolean = () => true): number {
  const ends = log.filter(({ event }) => counts(event)).map(({ toMs }) => toMs);
  const latest = Math.max(0, ...ends);
  return latest === Number.POSITIVE_INFINITY ? clock.monotonicMs() : latest;
}

/** How long our own fence may stay on the side that traffic goes to, when all is well. */
const fenceWithinMs = lateWithinMs + 30_000;
/** How long a lost side may keep its traffic, when nothing holds. */
const movedWithinMs = 60_000;

/** What should not be so for long; asked every second. */
export async function checkCalm(world: World): Promise<void> {
  await checkFence(world);
  await checkMoved(world);
}

async function checkFence(world: World): Promise<void> {
  const { judge, clock, trace } = world;
  const { desired, operation } = judge.record();
  const active = activeSide(await Promise.all(world.targets.map((target) => target.read())));
  const isCalm = clock.monotonicMs() - calmSinceMs(world) > fenceWithinMs;
  if (!isCalm || operation || desired === null || active !== desired || !trace.pair.sites[desired]?.fenceUsers.length)
    return;
  const shut = Object.entries(judge.limitsOf(desired)).filter(([, limit]) => limit === 0);
  if (shut.length > 0)
    judge.violate('no-fence-on-the-active-side', `${desired} refuses applications at ${shut.map(([node]) => node)}`);
}

/** The active side is truly lost to everybody, all else is well, and nothing holds: traffic has moved within the bound. */
async function checkMoved(world: World): Promise<void> {
  const { judge, clock, trace, brokers } = world;
  const { failover, sites } = trace.pair;
  const record = judge.record();
  const { desired, operation, latch, pause, maintenance, drill, request, cooldownUntilMs } = record;
  const nowMs = clock.monotonicMs();
  const lostAtMs = desired === null ? null : brokers.lostSinceMs(desired);
  const isHeld = latch ?? pause ?? drill ?? request ?? operation?.phase === 'stalled';
  if (lostAtMs === null || isHeld || Object.keys(maintenance).length > 0) return resetWait(world);
  if (failover.mode !== 'automatic' || failover.unfenced === 'wait' || trace.pair.hooks.before) return resetWait(world);
  const others = Object.keys(sites).filter((site) => site !== desired);
  const isClear =
    (cooldownUntilMs ?? 0) < Math.min(...hostTimesMs(world)) &&
    activeSide(await Promise.all(world.targets.map((target) => target.read()))) === desired &&
    !others.some((site) => record.fences[site] && record.fences[site].state !== 'released') &&
    !(await isBreakerSpent(world));
  if (!isClear) return resetWait(world);
  world.waitingSinceMs ??= nowMs;
  const isOwnLoss = (event: Event) => event.kind === 'fault' && event.site === desired && event.seenBy === null;
  const sinceMs = Math.max(
    world.waitingSinceMs,
    lostAtMs,
    calmSinceMs(world, (event) => !isOwnLoss(event)),
  );
  if (nowMs - sinceMs > movedWithinMs)
    judge.violate('moves-when-it-should', `${desired} has been lost for ${(nowMs - lostAtMs) / 1_000} s`);
}

function resetWait(world: World): void {
  world.waitingSinceMs = null;
}

async function isBreakerSpent(world: World): Promise<boolean> {
  const { outside, trace } = world;
  const { slots } = await outside.store.readFleet();
  const { maxFailovers, windowMs } = trace.config.fleet;
  return slots.filter(({ atMs }) => atMs > Math.min(...hostTimesMs(world)) - windowMs).length >= maxFailovers;
}

const everything = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, limit: 100 };

/** Everything was healed minutes ago, and people were quiet: nothing is left half done. */
export async function checkEnd(world: World): Promise<void> {
  const { judge, trace } = world;
  const { operation, request, drill, desired, fences, pause } = judge.record();
  const active = activeSide(await Promise.all(world.targets.map((target) => target.read())));
  const reason = judge.reason();
  const isStalled = operation?.phase === 'stalled';
  const told = `the decision is ${reason}`;
  if (operation && !isStalled) judge.violate('comes-to-an-end', `${operation.id} is ${operation.phase}; ${told}`);
  const isReported = ['foreign-edit', 'first-look-split', 'operation-stalled'].includes(reason);
  // What is asked for now, where another clock is ahead, is asked for later: requests are in wall-clock time.
  const isDue = request !== null && request.notBeforeMs < Math.min(...hostTimesMs(world)) && !(drill && isReported);
  if (request && isDue && !isStalled) judge.violate('comes-to-an-end', `the request ${request.id} waits; ${told}`);
  const isWithheld = trace.pair.failover.mode === 'observe';
  if (drill && !isReported && !isStalled && clocksAgree(world))
    judge.violate('comes-to-an-end', `the drill is ${drill.phase}; ${told}`);
  if (active !== desired && !isReported && !isWithheld && !pause)
    judge.violate('targets-say-desired', `the targets say ${active}, desired is ${desired}; ${told}`);
  for (const site of Object.keys(trace.pair.sites)) checkLimits(world, site, fences[site]?.state);
  await checkHistory(world);
}

const hostTimesMs = ({ hosts, clock }: World) =>
  [...hosts.values()].map(({ wallOffsetMs }) => clock.nowMs() + wallOffsetMs);

/** A clock that was set back makes whatever is in wall-clock time last longer: the hold of a drill, for one. */
function clocksAgree(world: World): boolean {
  const times = hostTimesMs(world);
  const wereSetBack = world.log.some(({ event }) => event.kind === 'clock-jumps' && event.byMs < 0);
  return !wereSetBack && Math.max(...times) - Math.min(...times) < 5_000;
}

function checkLimits({ judge, adminLimits, unclearLimits, trace }: World, site: string, fence?: string): void {
  if (!trace.pair.sites[site]?.fenceUsers.length) return;
  const limits = [...new Set(Object.values(judge.limitsOf(site)))];
  const wanted = adminLimits.get(site) ?? null;
  const isAsWanted = limits.length === 1 && limits[0] === wanted;
  if (fence === undefined && !isAsWanted && !unclearLimits.has(site))
    judge.violate('limits-are-restored', `${site} has ${limits}, an administrator had set ${wanted}`);
  if (fence === undefined && limits.includes(0)) judge.violate('limits-are-restored', `${site} is still shut`);
  if (fence === 'wanted' || fence === 'releasing') judge.violate('comes-to-an-end', `the fence of ${site} is ${fence}`);
  if (fence === 'released' && limits.includes(0)) judge.violate('limits-are-restored', `${site} is still shut`);
  if (fence === 'set' && !(limits.length === 1 && limits[0] === 0))
    judge.violate('fence-is-real', `the fence of ${site} is recorded as set, limits are ${limits}`);
}

/** What has ended is in history, as it ended. */
async function checkHistory({ judge, outside, trace }: World): Promise<void> {
  const kept = await outside.store.listOperations(trace.pair.name, everything);
  for (const { id, phase } of judge.record().ended)
    if (kept.find((each) => each.id === id)?.phase !== phase) judge.violate('history', `${id} is missing in history`);
}
