import { happen } from '../../../bench/simulation/happen.ts';
import { watch } from '../../../bench/simulation/run.ts';
import type { Watched, World } from '../../../bench/simulation/world.ts';
import { type Course, decisionsIn, operationsIn } from '../../../cli/scenario/course.ts';
import { type Stage, Unexpected } from '../../../cli/scenario/scenario.ts';
import { finishedOperation, reasonOf } from '../../../cli/scenario/stage.ts';
import type { CrashPoint } from '../../../cli/scenario/warrenProcess.ts';
import type { WarrenEvent } from '../../../core/model/event.ts';
import { carryOut, operationsOf } from './commands.ts';
import { createFaults } from './faults.ts';
import { createLimits } from './limits.ts';
import { openWarren } from './warren.ts';

const stepMs = 100;

/** A stage in the simulated world. */
export interface SimulatedStage extends Stage {
  /** Waits until Warren sees both sides well and would act. */
  ready(): Promise<void>;
  /** What was decided and done since it was ready for the first time. */
  course(): Promise<Course>;
}

/** Starts Warren in a world in which it does not run yet. Time passes while a scenario waits, and the judge watches it pass. */
export function openStage(world: World): SimulatedStage {
  const [watched] = world.watched as [Watched];
  const { pair, targets } = watched;
  const warren = openWarren(world);
  /** Indexes of what was said. */
  let since = 0;
  let readyAt: number | null = null;
  warren.start();

  // A command that nobody waits for lets time pass as well.
  let passing = Promise.resolve();
  async function pass(ms: number): Promise<void> {
    passing = passing.then(() => watch(world, world.clock.monotonicMs() + ms));
    await passing;
    if (world.violations.length > 0) throw new Unexpected('a promise was broken');
  }

  async function until(what: string, isSo: () => boolean, withinMs: number): Promise<void> {
    for (let passedMs = 0; !isSo(); passedMs += stepMs) {
      if (passedMs > withinMs) throw new Unexpected(`not seen within ${withinMs} ms: ${what}`);
      await pass(stepMs);
    }
  }
  const told = (what: string, matches: (event: WarrenEvent) => boolean, withinMs: number) =>
    until(what, () => warren.events.slice(since).some(matches), withinMs);
  const decided = (reason: string, withinMs: number) =>
    told(`the decision ${reason}`, (event) => reasonOf(event) === reason, withinMs);

  const mark = () => {
    since = warren.events.length;
  };
  const stop = () => warren.stop(() => pass(stepMs));
  async function restart(crashAt?: CrashPoint): Promise<void> {
    await stop();
    mark();
    warren.start(crashAt);
  }

  async function ready(): Promise<void> {
    await decided('all-well', 60_000);
    // A destination must have passed `rise` times in a row; all-well is said after the first.
    await pass((pair.probe.rise + 1) * pair.probe.recheckMs);
    mark();
    readyAt ??= since;
  }

  async function active(): Promise<string> {
    const reading = await targets[0]?.read();
    return reading?.status === 'read' ? reading.active : 'unreadable';
  }

  const command = (...words: string[]) => carryOut(world, pass, words);

  return {
    ...createFaults(world, pass),
    ...createLimits(world, watched),
    told,
    decided,
    mark,
    ready,
    active,
    command,
    moved: (to, withinMs) => told(`a move to ${to}`, (event) => finishedOperation(event)?.to === to, withinMs),
    async holds({ forMs, alert, reason }) {
      const before = await active();
      await pass(forMs);
      const seen = warren.events.slice(since);
      const moved = seen.find(({ kind }) => kind === 'operation');
      if (moved) throw new Unexpected(moved.sentence);
      if ((await active()) !== before) throw new Unexpected(`traffic went from ${before} to ${await active()}`);
      if (reason && !seen.some((event) => reasonOf(event) === reason))
        throw new Unexpected(`it was never decided ${reason}`);
      if (alert && !seen.some(({ kind, data }) => kind === 'alert' && data.class === alert))
        throw new Unexpected(`no alert of class ${alert} was given`);
    },
    async requireActive(site) {
      if ((await active()) !== site) throw new Unexpected(`traffic goes to ${await active()}, not to ${site}`);
    },
    async commandFails(...words) {
      const refused = await command(...words).then(
        () => false,
        () => true,
      );
      if (!refused) throw new Unexpected(`warren ${words[0]} was not refused`);
    },
    stopWarren: stop,
    startWarren: () => restart(),
    async startCrashingWarren(crashAt) {
      await restart(crashAt);
      await ready();
    },
    warrenEnded: (withinMs) => until('the point where Warren is killed', () => !warren.isAlive(), withinMs),
    deleteStore() {
      happen(world, { kind: 'store-lost', atMs: world.clock.monotonicMs() });
    },
    operations: () => operationsOf(world),
    pause: pass,
    async course() {
      const record = await world.store.readPair(pair.name);
      return {
        decisions: decisionsIn(warren.events.slice(readyAt ?? since)),
        operations: operationsIn(await operationsOf(world)),
        desired: record?.desired ?? null,
      };
    },
  };
}
