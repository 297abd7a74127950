import { createMemoryStore, type MemoryStore } from '../../../adapters/memory/store.ts';
import { type Course, decisionsIn, operationsIn } from '../../../cli/scenario/course.ts';
import { crashing } from '../../../cli/scenario/crashing.ts';
import { type Scenario, type Stage, Unexpected } from '../../../cli/scenario/scenario.ts';
import { finishedOperation, reasonOf } from '../../../cli/scenario/stage.ts';
import type { CrashPoint } from '../../../cli/scenario/warrenProcess.ts';
import type { WarrenEvent } from '../../../core/model/event.ts';
import { askWarren } from '../transcript/warren.ts';
import { createWorld, type World } from '../world.ts';
import { healFault, injectFault } from './faults.ts';

const everything = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, limit: 100 };
const stepMs = 100;
/** How long a command is waited for. */
const commandMs = 90_000;
/** As on real clusters, a while after the story still counts. */
const afterglowMs = 3_000;

/** Plays a scenario that is written for real clusters in memory, under virtual time. @throws Unexpected as there */
export async function playInMemory(scenario: Scenario): Promise<Course> {
  const { probe = {}, failover = {} } = scenario;
  const reference = ['tcp://10.0.9.1:9999'];
  const world = createWorld({ fence: true, reference, probe, failover: { cooldown: '30s', ...failover } });
  const stage = openMemoryStage(world);
  await stage.ready();
  await scenario.play(stage);
  await stage.pause(afterglowMs);
  const course = await stage.course();
  await stage.stopWarren();
  return course;
}

interface MemoryStage extends Stage {
  ready(): Promise<void>;
  course(): Promise<Course>;
}

function openMemoryStage(world: World): MemoryStage {
  const { clock, target, fencer, pair } = world;
  const events: WarrenEvent[] = [];
  const notifier = { notify: (event: WarrenEvent) => void events.push(event) };
  let store: MemoryStore = world.store;
  let since = 0;
  let readyAt = 0;
  let asked = 0;
  let isDead = false;
  let life = world.start(store, { notifier });
  // A command that nobody waits for lets time pass as well.
  let passing = Promise.resolve();
  const pass = (ms: number) => {
    passing = passing.then(() => clock.advance(ms));
    return passing;
  };

  async function told(what: string, matches: (event: WarrenEvent) => boolean, withinMs: number): Promise<void> {
    for (let passedMs = 0; !events.slice(since).some(matches); passedMs += stepMs) {
      if (passedMs > withinMs) throw new Unexpected(`not seen within ${withinMs} ms: ${what}`);
      await pass(stepMs);
    }
  }
  const decided = (reason: string, withinMs: number) => told(reason, (event) => reasonOf(event) === reason, withinMs);

  /** What is dead waits for ever where it died. */
  async function stop(): Promise<void> {
    if (!isDead) await life.stop();
    isDead = false;
  }

  async function restart(crashAt?: CrashPoint): Promise<void> {
    await stop();
    since = events.length;
    const die = () => {
      isDead = true;
      return new Promise<never>(() => {});
    };
    life = world.start(
      store.reopen(),
      crashAt ? { notifier, decorate: (ports) => crashing(ports, crashAt, die) } : { notifier },
    );
  }

  async function active(): Promise<string> {
    const reading = await target.read();
    return reading.status === 'read' ? reading.active : 'unreadable';
  }
  const limitsAt = (site: string) => (pair.sites[site]?.nodes ?? []).map(({ name }) => fencer.limits(site, name).app);
  const requireLimits = (site: string, fits: (limit: number | null | undefined) => boolean) => {
    if (!limitsAt(site).every(fits)) throw new Unexpected(`the limits at ${site} are ${limitsAt(site).join(', ')}`);
  };

  return {
    told,
    decided,
    active,
    async ready() {
      await decided('all-well', 60_000);
      await pass((pair.probe.rise + 1) * pair.probe.recheckMs);
      since = events.length;
      readyAt ||= since;
    },
    inject: (name, site) => injectFault(world, name, site),
    heal: (name, site) => healFault(world, name, site),
    moved: (to, withinMs) => told(`a move to ${to}`, (event) => finishedOperation(event)?.to === to, withinMs),
    async holds({ forMs, alert, reason }) {
      const before = await active();
      await pass(forMs);
      const seen = events.slice(since);
      if (seen.some(({ kind }) => kind === 'operation') || (await active()) !== before)
        throw new Unexpected('it moved');
      if (reason && !seen.some((event) => reasonOf(event) === reason))
        throw new Unexpected(`it never decided ${reason}`);
      if (alert && !seen.some(({ kind, data }) => kind === 'alert' && data.class === alert))
        throw new Unexpected(`no alert of class ${alert} was given`);
    },
    mark() {
      since = events.length;
    },
    async requireActive(site) {
      if ((await active()) !== site) throw new Unexpected(`traffic goes to ${await active()}, not to ${site}`);
    },
    requireShut: async (site) => requireLimits(site, (limit) => limit === 0),
    requireOpen: async (site) => requireLimits(site, (limit) => limit !== 0),
    requireLimit: async (site, value) => requireLimits(site, (limit) => limit === value),
    setLimit: async (site, value) => fencer.setLimit(site, 'app', value),
    async command(...words) {
      asked += 1;
      await typed({ ...world, store }, pass, words, `asked-${asked}`);
    },
    async commandFails(...words) {
      const refused = await this.command(...words).then(
        () => false,
        () => true,
      );
      if (!refused) throw new Unexpected(`warren ${words[0]} was not refused`);
    },
    stopWarren: stop,
    startWarren: () => restart(),
    async startCrashingWarren(crashAt) {
      await restart(crashAt);
      await this.ready();
    },
    async warrenEnded(withinMs) {
      for (let passedMs = 0; !isDead; passedMs += stepMs) {
        if (passedMs > withinMs) throw new Unexpected('Warren did not reach the point where it was to be killed');
        await pass(stepMs);
      }
    },
    deleteStore() {
      store = createMemoryStore();
    },
    operations: () => store.listOperations('demo', everything),
    pause: pass,
    async course() {
      const record = await store.readPair('demo');
      return {
        decisions: decisionsIn(events.slice(readyAt)),
        operations: operationsIn(await this.operations()),
        desired: record?.desired ?? null,
      };
    },
  };
}

/** What a person types, until it has ended, as the command waits for it. @throws Error when it is refused or comes to nothing */
async function typed(world: World, pass: Stage['pause'], words: string[], id: string): Promise<void> {
  const [verb = '', , ...rest] = words;
  const reason = rest[rest.indexOf('--reason') + 1];
  const options = rest.slice(0, rest.indexOf('--reason')).map((word) => (word === '--hold' ? '' : word));
  const line = ['alice', 'warren', verb, ...options.filter((word) => word !== ''), 'because', reason].join(' ');
  const answer = await askWarren(world, line, id);
  if (answer.startsWith('refused')) throw new Error(answer);
  if (verb !== 'switchover' && verb !== 'failover') return;
  const askedAtMs = world.clock.nowMs();
  for (let passedMs = 0; passedMs < commandMs; passedMs += stepMs) {
    const operations = await world.store.listOperations('demo', { ...everything, fromMs: askedAtMs });
    const ended = operations.find(({ timeline }) => timeline.claimedAtMs >= askedAtMs);
    if (ended?.phase === 'aborted') throw new Error(ended.outcome);
    if (ended) return;
    await pass(stepMs);
  }
  throw new Error(`warren ${verb} did not end within ${commandMs} ms`);
}
