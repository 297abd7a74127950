import { rmSync } from 'node:fs';
import { createHaproxyTarget } from '../../adapters/haproxy/target.ts';
import { systemClock } from '../../adapters/system/clock.ts';
import type { WarrenEvent } from '../../core/model/event.ts';
import type { Operation } from '../../core/model/operation.ts';
import { type Knocks, knock } from '../../lab/clients/knocker.ts';
import { faults, injectFault } from '../../lab/faults.ts';
import { healFault } from '../../lab/heal.ts';
import type { Lab, OnProgress } from '../../lab/lab.ts';
import { limitsAt, setLimit } from '../../lab/limits.ts';
import { labUsers, type SiteName, siteOf } from '../../lab/topology.ts';
import { withoutRepeats } from '../printer.ts';
import type { Course } from './course.ts';
import type { ScenarioFiles } from './files.ts';
import { readCourse, readOperations } from './readStore.ts';
import { runCommand } from './runCommand.ts';
import { type HoldOptions, type Stage, Unexpected } from './scenario.ts';
import { type CrashPoint, startWarren, type WarrenProcess } from './warrenProcess.ts';

/** The stage of one scenario, and what its summary needs to know afterwards. */
export interface OpenStage extends Stage {
  /** When the first fault was about to be injected (wall-clock milliseconds). */
  injectedAtMs(): number | null;
  /** What was decided and done since it was ready for the first time; these decisions are waited for. */
  course(wanted: readonly string[] | undefined, withinMs: number): Promise<Course>;
  /** Waits until Warren sees both sides well and would act. */
  ready(withinMs: number): Promise<void>;
  close(): Promise<void>;
}

/** How long an application tries to get past a fence. */
const knockMs = 2_000;

/** Stands between a scenario and the real things: the lab's brokers and HAProxy, a Warren process and its store. */
export function openStage(lab: Lab, files: ScenarioFiles, onProgress: OnProgress): OpenStage {
  /** Of every process, from when the first one was ready. */
  let heard: WarrenEvent[] = [];
  let isReady = false;
  let warren: WarrenProcess = run();
  let since = 0;
  let injectedAtMs: number | null = null;
  const target = createHaproxyTarget(files.haproxy, { clock: systemClock, timeoutMs: 2_000 });

  function run(crashAt?: CrashPoint): WarrenProcess {
    const { configPath, environment } = files;
    const { notify } = withoutRepeats(({ sentence }) => onProgress(sentence));
    const onEvent = (event: WarrenEvent) => {
      heard.push(event);
      notify(event);
    };
    return startWarren({ configPath, environment, onEvent, crashAt });
  }

  async function told(what: string, matches: (event: WarrenEvent) => boolean, timeoutMs: number): Promise<void> {
    await warren.until(matches, { what, timeoutMs, since }).catch((error: Error) => {
      throw new Unexpected(error.message);
    });
  }

  async function restart(crashAt?: CrashPoint): Promise<void> {
    await warren.stop();
    warren = run(crashAt);
    since = 0;
  }

  async function knockAt(site: SiteName): Promise<[Knocks, Knocks]> {
    const place = siteOf(lab.topology, site);
    return Promise.all([knock(place, labUsers.app, knockMs), knock(place, labUsers.probe, knockMs)]);
  }

  const decided = (reason: string, withinMs: number) =>
    told(`the decision ${reason}`, (event) => reasonOf(event) === reason, withinMs);

  return {
    injectedAtMs: () => injectedAtMs,
    told,
    decided,
    async ready(withinMs) {
      await decided('all-well', withinMs);
      // A destination must have passed `rise` times in a row; all-well is said after the first.
      await systemClock.sleep(files.riseMs);
      since = warren.events.length;
      if (!isReady) heard = [];
      isReady = true;
    },
    async inject(name, site) {
      onProgress(`>>> ${site}: ${faults[name].description}`);
      injectedAtMs ??= Date.now();
      await injectFault(lab, name, { site });
    },
    async heal(name, site) {
      onProgress(`>>> healing ${name} (${site})`);
      await healFault(lab, name, { site, onProgress });
    },
    moved: (to, withinMs) => told(`a finished move to ${to}`, (event) => finishedOperation(event)?.to === to, withinMs),
    async holds({ forMs, alert, reason }: HoldOptions) {
      const before = await activeOf(target);
      await systemClock.sleep(forMs);
      const seen = warren.events.slice(since);
      const moved = seen.find(({ kind }) => kind === 'operation');
      if (moved) throw new Unexpected(moved.sentence);
      const active = await activeOf(target);
      if (active !== before) throw new Unexpected(`traffic went from ${before} to ${active}`);
      if (reason && !seen.some((event) => reasonOf(event) === reason))
        throw new Unexpected(`it was never decided ${reason}; last: ${seen.at(-1)?.sentence ?? 'nothing was said'}`);
      if (alert && !seen.some((event) => event.kind === 'alert' && event.data.class === alert))
        throw new Unexpected(`no alert of class ${alert} was given`);
    },
    mark() {
      since = warren.events.length;
    },
    active: () => activeOf(target),
    async requireActive(site) {
      const active = await activeOf(target);
      if (active !== site) throw new Unexpected(`HAProxy sends traffic to ${active}, not to ${site}`);
    },
    async requireShut(site) {
      onProgress(`>>> an application tries to reach ${site} directly, without a pause`);
      const [app, probe] = await knockAt(site);
      if (app.letIn > 0) throw new Unexpected(`${site} let applications in ${app.letIn} times of ${app.tried}`);
      if (probe.letIn < probe.tried) throw new Unexpected(`${site} refused the probe's user`);
    },
    setLimit: (site, value) => setLimit(lab, site, value),
    async requireLimit(site, value) {
      const limits = await limitsAt(lab, site);
      if (limits.some((limit) => limit !== value))
        throw new Unexpected(`the limit at ${site} is ${limits.join(', ')}, not ${value}`);
    },
    async requireOpen(site) {
      const [app] = await knockAt(site);
      if (app.letIn < app.tried)
        throw new Unexpected(`${site} let applications in ${app.letIn} times of ${app.tried} only`);
    },
    async command(...words) {
      onProgress(`>>> warren ${words.join(' ')}`);
      await runCommand([...words, '--config', files.configPath], files.environment);
    },
    async commandFails(...words) {
      const refused = await this.command(...words).then(
        () => false,
        (error: Error) => onProgress(error.message) ?? true,
      );
      if (!refused) throw new Unexpected(`warren ${words[0]} was not refused`);
    },
    async stopWarren() {
      onProgress('>>> stopping Warren');
      await warren.stop();
    },
    async startWarren() {
      onProgress('>>> starting Warren');
      await restart();
    },
    async startCrashingWarren(crashAt) {
      onProgress(`>>> restarting Warren so that it kills itself ${crashAt.replaceAll('-', ' ')}`);
      await restart(crashAt);
      await this.ready(30_000);
    },
    async warrenEnded(withinMs) {
      const timeout = systemClock.sleep(withinMs).then(() => {
        throw new Unexpected('Warren did not reach the point where it was to be killed');
      });
      await Promise.race([warren.ended, timeout]);
      onProgress('>>> Warren is dead');
    },
    deleteStore() {
      onProgress('>>> deleting the store');
      for (const suffix of ['', '-wal', '-shm']) rmSync(files.storePath + suffix, { force: true });
    },
    operations: () => readOperations(files.storePath),
    course: (wanted, withinMs) => readCourse(files.storePath, () => heard, wanted, withinMs),
    pause: (ms) => systemClock.sleep(ms),
    close: async () => void (await Promise.all([warren.stop(), target.close()])),
  };
}

async function activeOf(target: ReturnType<typeof createHaproxyTarget>): Promise<string> {
  const reading = await target.read();
  return reading.status === 'read' ? reading.active : `unreadable (${reading.detail})`;
}

/** Why, when the event tells of a decision. */
export function reasonOf(event: WarrenEvent): string | undefined {
  return event.kind === 'decision' ? (event.data.decision as { reason: string } | undefined)?.reason : undefined;
}

/** The operation that a report tells of, when it was finished. */
export function finishedOperation(event: WarrenEvent): Operation | undefined {
  const operation = event.kind === 'report' ? (event.data.operation as Operation | undefined) : undefined;
  return operation?.phase === 'finished' ? operation : undefined;
}
