import { activeSide } from '../../core/model/situation.ts';
import { releaseWatchMs } from '../../core/plan/fences.ts';
import { calmSinceMs, hostTimesMs } from './calm.ts';
import { checkMoved } from './checkLiveness.ts';
import type { Broken } from './checkRecord.ts';
import { lateWithinMs } from './fencerPort.ts';
import type { Watched, World } from './world.ts';

/** How long our own fence may stay on the side that traffic goes to, when all is well. */
const fenceWithinMs = lateWithinMs + 30_000;
/** A released fence is watched for a while by whoever knows of it, and then nobody needs to any more. */
const forgottenWithinMs = 2 * releaseWatchMs + 60_000;
/** A turn that acts may take this long before it tells what it decided. */
const tellMs = 10_000;

/** What should not be so for long; asked every second. */
export async function checkCalm(world: World): Promise<void> {
  for (const watched of world.watched) {
    await checkFence(world, watched);
    checkForgotten(world, watched);
    await checkMoved(world, watched);
    await checkTold(world, watched);
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

async function checkTold({ clock, lives, trouble }: World, watched: Watched): Promise<void> {
  const { judge, pair, targets, allowanceMs } = watched;
  const isGone = (vantage: string | null) => (trouble.storeGone.get(vantage) ?? 0) > 0;
  const well = lives.flatMap(({ process }) => {
    const isWell = process.isAlive() && !process.isFrozen() && !isGone(process.vantage) && !isGone(null);
    return isWell ? [process] : [];
  });
  const { everyMs, recheckMs, timeoutMs } = pair.probe;
  const withinMs = 2 * everyMs + recheckMs + 6 * timeoutMs + tellMs + 2 * allowanceMs();
  const readings = await Promise.all(targets.map((target) => target.read()));
  for (const { invariant, detail } of judge.told.check({ nowMs: clock.monotonicMs(), well, readings, withinMs }))
    judge.violate(invariant, detail);
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
  const isReported =
    isWithheld ||
    ['first-look-split', 'operation-stalled'].includes(reason) ||
    (reason === 'foreign-edit' && wasEdited(world, watched));
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

/** Somebody else changed a target; for whoever does not know what was decided, it looks like that as well. */
function wasEdited({ log }: World, { targets }: Watched): boolean {
  const isOurs = (target: string) => targets.some(({ id }) => id === target);
  return log.some(
    ({ event }) =>
      event.kind === 'store-lost' ||
      ((event.kind === 'target-edited' || event.kind === 'target-late') && isOurs(event.target)),
  );
}

type Leave = (invariant: string, detail: string) => void;

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
  if (fence === 'set' && site === judge.record().desired && judge.record().operation === null)
    leave('no-fence-on-the-active-side', `the fence of ${site} stays, and it is desired`);
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
