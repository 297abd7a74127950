import { activeSide } from '../../core/model/situation.ts';
import { releaseWatchMs } from '../../core/plan/fences.ts';
import type { Broken } from './checkRecord.ts';
import type { Event } from './events.ts';
import { lateWithinMs } from './fencerPort.ts';
import type { Watched, World } from './world.ts';

/** Since when nothing was wrong, but for what `counts` leaves out. */
export function calmSinceMs({ log, clock }: World, counts: (event: Event) => boolean = () => true): number {
  const ends = log.filter(({ event }) => counts(event)).map(({ toMs }) => toMs);
  const latest = Math.max(0, ...ends);
  return latest === Number.POSITIVE_INFINITY ? clock.monotonicMs() : latest;
}

/** How long our own fence may stay on the side that traffic goes to, when all is well. */
const fenceWithinMs = lateWithinMs + 30_000;
/** A released fence is watched for a while by whoever knows of it, and then nobody needs to any more. */
const forgottenWithinMs = 2 * releaseWatchMs + 60_000;
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

/** What should not be so for long; asked every second. */
export async function checkCalm(world: World): Promise<void> {
  for (const watched of world.watched) {
    await checkFence(world, watched);
    checkForgotten(world, watched);
    await checkMoved(world, watched);
    // Whatever an event disturbs may let clients in for a moment.
    const isCalm = world.clock.monotonicMs() - calmSinceMs(world) > fenceWithinMs;
    for (const { invariant, detail } of await watched.clients.go(watched))
      if (isCalm) watched.judge.violate(invariant, detail);
  }
}

async function checkFence(world: World, { pair, judge, targets, unclearLimits }: Watched): Promise<void> {
  const { desired, operation } = judge.record();
  if (operation || desired === null || !pair.sites[desired]?.fenceUsers.length || unclearLimits.has(desired)) return;
  if (world.clock.monotonicMs() - calmSinceMs(world) <= fenceWithinMs) return;
  if (activeSide(await Promise.all(targets.map((target) => target.read()))) !== desired) return;
  const shut = Object.entries(judge.limitsOf(desired)).filter(([, limit]) => limit === 0);
  if (shut.length > 0)
    judge.violate('no-fence-on-the-active-side', `${desired} refuses applications at ${shut.map(([node]) => node)}`);
}

function checkForgotten(world: World, { judge, pair }: Watched): void {
  const nowMs = world.clock.monotonicMs();
  for (const site of Object.keys(pair.sites)) {
    const sinceMs = Math.max(judge.releasedSinceMs(site) ?? nowMs, calmSinceMs(world));
    if (nowMs - sinceMs > forgottenWithinMs)
      judge.violate('released-fences-are-forgotten', `that of ${site} was released ${nowMs - sinceMs} ms ago`);
  }
}

/** The active side is truly lost to everybody, all else is well, and nothing holds: traffic has moved within the bound. */
async function checkMoved(world: World, watched: Watched): Promise<void> {
  const { clock, brokers } = world;
  const { judge, pair, targets } = watched;
  const { failover, sites } = pair;
  const record = judge.record();
  const { desired, operation, latch, pause, maintenance, drill, request, cooldownUntilMs } = record;
  const nowMs = clock.monotonicMs();
  const lostAtMs = desired === null ? null : brokers.lostSinceMs(desired, nowMs);
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
  const isOwnLoss = (event: Event) =>
    (event.kind === 'fault' || event.kind === 'minority') &&
    event.site === desired &&
    (event.kind === 'minority' || event.seenBy === null);
  const sinceMs = Math.max(
    watched.waitingSinceMs,
    lostAtMs,
    calmSinceMs(world, (event) => !isOwnLoss(event)),
  );
  if (nowMs - sinceMs > movedWithinMs(watched, world))
    judge.violate('moves-when-it-should', `${desired} has been lost for ${(nowMs - lostAtMs) / 1_000} s`);
}

function resetWait(watched: Watched): void {
  watched.waitingSinceMs = null;
}

async function isBreakerSpent(world: World): Promise<boolean> {
  const { slots } = await world.store.readFleet();
  const { maxFailovers, windowMs } = world.trace.config.fleet;
  return slots.filter(({ atMs }) => atMs > Math.min(...hostTimesMs(world)) - windowMs).length >= maxFailovers;
}

const everything = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, limit: 100 };

/** What is left half done; once everything was healed, and people were quiet, it should soon be nothing. */
export async function unsettled(world: World): Promise<Broken[]> {
  return (await Promise.all(world.watched.map((watched) => unsettledOf(world, watched)))).flat();
}

async function unsettledOf(world: World, watched: Watched): Promise<Broken[]> {
  const { judge, pair, targets } = watched;
  const { operation, request, drill, desired, pause } = judge.record();
  const active = activeSide(await Promise.all(targets.map((target) => target.read())));
  const reason = judge.reason();
  const isStalled = operation?.phase === 'stalled';
  // In mode observe targets are not set back, and it is said that they would be.
  const isWithheld = pair.failover.mode === 'observe' && active !== desired;
  const isReported = isWithheld || ['foreign-edit', 'first-look-split', 'operation-stalled'].includes(reason);
  const left: Broken[] = [];
  const leave = (invariant: string, detail: string) =>
    void left.push({ invariant, detail: `${detail}; the decision is ${reason}` });
  if (operation && !isStalled) leave('comes-to-an-end', `${operation.id} is ${operation.phase}`);
  // What is asked for now, where another clock is ahead, is asked for later: requests are in wall-clock time.
  const isDue = request !== null && request.notBeforeMs < Math.min(...hostTimesMs(world)) && !(drill && isReported);
  if (request && isDue && !isStalled) leave('comes-to-an-end', `the request ${request.id} waits`);
  if (drill && !isReported && !isStalled && clocksAgree(world)) leave('comes-to-an-end', `the drill is ${drill.phase}`);
  if (active !== desired && !isReported && !pause && world.fleet.pause === null)
    leave('targets-say-desired', `the targets say ${active}, desired is ${desired}`);
  for (const site of Object.keys(pair.sites)) checkLimits(watched, site, leave);
  await checkHistory(watched, leave);
  return left;
}

type Leave = (invariant: string, detail: string) => void;

const hostTimesMs = ({ hosts, clock }: World) =>
  [...hosts.values()].map(({ wallOffsetMs }) => clock.nowMs() + wallOffsetMs);

/** A clock that was set back makes whatever is in wall-clock time last longer: the hold of a drill, for one. */
function clocksAgree(world: World): boolean {
  const times = hostTimesMs(world);
  const wereSetBack = world.log.some(({ event }) => event.kind === 'clock-jumps' && event.byMs < 0);
  return !wereSetBack && Math.max(...times) - Math.min(...times) < 5_000;
}

function checkLimits({ judge, adminLimits, unclearLimits, pair }: Watched, site: string, leave: Leave): void {
  if (!pair.sites[site]?.fenceUsers.length) return;
  const fence = judge.record().fences[site]?.state;
  const limits = [...new Set(Object.values(judge.limitsOf(site)))];
  const wanted = adminLimits.get(site) ?? null;
  const isAsWanted = limits.length === 1 && limits[0] === wanted;
  const isShut = limits.includes(0);
  if (fence === undefined && !unclearLimits.has(site) && (!isAsWanted || isShut))
    leave('limits-are-restored', `${site} has ${limits}, an administrator had set ${wanted}`);
  if (fence === 'wanted' || fence === 'releasing') leave('comes-to-an-end', `the fence of ${site} is ${fence}`);
  if (fence === 'released' && isShut) leave('limits-are-restored', `${site} is still shut`);
  if (fence === 'set' && !(limits.length === 1 && isShut))
    leave('fence-is-real', `the fence of ${site} is recorded as set, limits are ${limits}`);
}

/** What has ended is in history, as it ended. */
async function checkHistory({ judge, store, pair }: Watched, leave: Leave): Promise<void> {
  const kept = await store.listOperations(pair.name, everything);
  for (const { id, phase } of judge.record().ended)
    if (kept.find((each) => each.id === id)?.phase !== phase) leave('history', `${id} is missing in history`);
}
