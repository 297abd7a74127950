import { type HookAnswer, TargetError } from '../../core/flow/ports.ts';
import type { GuardName } from '../../core/model/decision.ts';
import { duration } from '../../core/model/duration.ts';
import type { FailureClass } from '../../core/model/probe.ts';
import type { OperationRequest, PairRecord } from '../../core/model/record.ts';
import { otherSite } from '../../core/model/situation.ts';
import { createWorld, type World, type WorldOptions } from './world.ts';

/**
 * Plays a story and returns what Warren said, one line per event: seconds since the start, kind, sentence.
 *
 * | command                              | meaning                                                     |
 * |--------------------------------------|-------------------------------------------------------------|
 * | `policy KEY VALUE`                   | a key of `probe` or `failover` (before the first `wait`)    |
 * | `wait DURATION`                      | time passes                                                 |
 * | `SITE CLASS` / `NODE CLASS`          | from now on probes of it fail with this class; `well` heals |
 * | `SITE broken`                        | its kept connections break                                  |
 * | `target restart/unreadable/readable` | what happens to the target; `target edit SITE` by somebody  |
 * | `target fails-to-flip TIMES`         | so many flips fail                                          |
 * | `ack` / `adopt` / `restore` / `approve` | what a person says                                       |
 * | `references dark/visible`            |                                                             |
 * | `kill` / `start`                     | kill -9 of Warren, and its next start                       |
 * | `store gone/back/lost`               | it can be neither read nor written / it can again / it is empty |
 * | `kill-switch on/off`                 |                                                             |
 * | `failover GUARD…`                    | a person asks for one, overriding these guards              |
 * | `switchover` / `switchover DURATION` | away from where traffic should be; after so long            |
 * | `drill HOLD` / `drill HOLD in DURATION` / `cancel` | by a person                                   |
 * | `supersede SITE`                     | a failover there, in place of the stalled operation         |
 * | `app SITE COUNT`                     | so many connections of the application try to get in        |
 * | `limit SITE NUMBER/none`             | an administrator sets the limit of the user `app`           |
 * | `queue SITE NUMBER`                  | so many messages are in a queue of the site                 |
 * | `management SITE well/down/silent`   | how its nodes answer what the fence asks                    |
 * | `hook proceed/refuse/silent`         | what the hook before the point of no return answers         |
 * | `pause DURATION` / `pause-all DURATION` / `maintenance SITE DURATION` | by a person                |
 * | `clock DURATION`                     | the wall clock jumps ahead                                  |
 */
export async function play(script: string): Promise<string[]> {
  const lines = script.split('\n').map((line) => line.trim());
  const commands = lines.filter((line) => line !== '' && !line.startsWith('#'));
  const options = policyOf(commands.filter((line) => line.startsWith('policy ')));
  const world = createWorld(options);
  const startMs = world.clock.nowMs();
  let life = world.start();
  const told: string[] = [];
  let seen = 0;
  const note = () => {
    for (const { atMs, kind, sentence } of world.notifier.events.slice(seen))
      told.push(`${((atMs - startMs) / 1_000).toFixed(1).padStart(7)}  ${kind.padEnd(9)}  ${sentence}`);
    seen = world.notifier.events.length;
  };
  for (const command of commands.filter((line) => !line.startsWith('policy '))) {
    if (command === 'kill') await life.stop();
    else if (command === 'start') life = world.start();
    else await obey(world, command);
    note();
    if (!command.startsWith('wait ')) told.push(`         > ${command}`);
  }
  await life.stop();
  return told;
}

function policyOf(commands: string[]): WorldOptions {
  const options: WorldOptions & Record<'probe' | 'failover', Record<string, unknown>> & { reference: string[] } = {
    probe: {} as Record<string, unknown>,
    failover: {} as Record<string, unknown>,
    reference: [] as string[],
  };
  const failoverKeys = ['mode', 'quorum', 'cooldown', 'unfenced', 'fenceBudget'];
  for (const command of commands) {
    const [, key = '', value = ''] = command.split(' ');
    const parsed = /^\d+$/.test(value) ? Number(value) : value;
    if (key === 'fence' || key === 'hook') options[key] = true;
    else if (key === 'reference') options.reference.push(value);
    else (failoverKeys.includes(key) ? options.failover : options.probe)[key] = parsed;
  }
  return options;
}

async function obey(world: World, command: string): Promise<void> {
  const [subject = '', verb = '', object = ''] = command.split(' ');
  if (subject === 'wait') return world.clock.advance(duration.parse(verb));
  if (subject === 'target') return obeyTarget(world, verb, object);
  if (subject === 'references') return world.prober.setReference(world.pair.reference[0] ?? '', verb === 'visible');
  if (subject === 'pause' || subject === 'maintenance') return pause(world, verb, object);
  if (subject === 'pause-all') return pauseAll(world, verb);
  if (subject === 'failover') return request(world, { overrides: command.split(' ').slice(1) as GuardName[] });
  if (subject === 'supersede') return supersede(world, verb);
  if (subject === 'switchover') return request(world, { verb: 'switchover', afterMs: verb ? duration.parse(verb) : 0 });
  if (subject === 'drill') return drill(world, duration.parse(verb), duration.parse(command.split(' ')[3] ?? '0s'));
  if (subject === 'cancel') return cancel(world);
  if (['app', 'limit', 'queue', 'management', 'hook'].includes(subject))
    return obeyOutside(world, subject, verb, object);
  if (subject === 'approve') return approve(world);
  if (subject === 'clock') return world.clock.setWallClock(world.clock.nowMs() + duration.parse(verb));
  if (subject === 'kill-switch') return world.setKillSwitch(verb === 'on');
  if (subject === 'ack' || subject === 'adopt' || subject === 'restore') return answer(world, subject);
  if (command === 'store lost') return world.store.lose();
  if (subject === 'store') return world.setStoreProblem(verb === 'gone' ? 'The disk is full.' : null);
  return obeyBroker(world, subject, verb);
}

async function approve({ store, clock, record }: World): Promise<void> {
  const current = await record();
  if (!current) throw new Error('nothing is recorded yet');
  const way = { from: 'beijing', to: 'shanghai', untilMs: clock.nowMs() + 120_000 };
  await store.writePair({ ...current, approval: { ...way, who: 'alice', reason: 'beijing is lost' } });
}

interface Asked {
  verb?: OperationRequest['verb'];
  overrides?: GuardName[];
  afterMs?: number;
}

async function request(world: World, asked: Asked): Promise<void> {
  const current = await known(world);
  await world.store.writePair({ ...current, request: requestFrom(world, current.desired ?? '', asked) });
}

function requestFrom({ pair, clock }: World, from: string, { verb = 'failover', overrides = [], afterMs = 0 }: Asked) {
  const notBeforeMs = clock.nowMs() + afterMs;
  const way = { from, to: otherSite(pair, from), notBeforeMs, untilMs: notBeforeMs + 60_000 };
  const reason = verb === 'failover' ? 'the site burns' : 'planned work';
  return { id: `asked-${clock.nowMs()}`, verb, who: 'alice', reason, overrides, supersedes: null, ...way };
}

async function supersede(world: World, to: string): Promise<void> {
  const current = await known(world);
  const asked = requestFrom(world, otherSite(world.pair, to), { overrides: ['quorum'] });
  await world.store.writePair({ ...current, request: { ...asked, supersedes: current.operation?.epoch ?? 0 } });
}

async function drill(world: World, holdMs: number, afterMs: number): Promise<void> {
  const current = await known(world);
  const there = requestFrom(world, current.desired ?? '', { verb: 'switchover', afterMs });
  const { from: home, to: away, who } = there;
  const begun = { id: 'drill', who, reason: 'quarterly', home, away, phase: 'there' as const, holdMs };
  const times = { startedAtMs: world.clock.nowMs(), holdUntilMs: null, operations: ['drill-1'], cutShort: '' };
  await world.store.writePair({ ...current, request: { ...there, id: 'drill-1' }, drill: { ...begun, ...times } });
}

async function cancel(world: World): Promise<void> {
  const current = await known(world);
  const cancelled = { who: 'alice', reason: 'not today' };
  const { operation } = current;
  await world.store.writePair(
    operation ? { ...current, operation: { ...operation, cancelled } } : { ...current, request: null },
  );
}

async function pauseAll({ store, clock }: World, length: string): Promise<void> {
  const untilMs = clock.nowMs() + duration.parse(length);
  await store.writeFleet({ ...(await store.readFleet()), pause: { owner: 'alice', reason: 'network work', untilMs } });
}

async function known({ record }: World): Promise<PairRecord> {
  const current = await record();
  if (!current) throw new Error('nothing is recorded yet');
  return current;
}

function obeyOutside({ fencer, setHook }: World, subject: string, first: string, second: string): void {
  if (subject === 'hook')
    setHook({ answer: first as HookAnswer['answer'], detail: first === 'refuse' ? 'a freeze is on' : '' });
  else if (subject === 'app') fencer.connect(first, 'app', Number(second));
  else if (subject === 'limit') fencer.setLimit(first, 'app', second === 'none' ? null : Number(second));
  else if (subject === 'queue') fencer.setQueue(first, 'orders', Number(second));
  else fencer.setSite(first, second as 'well' | 'down' | 'silent');
}

async function pause({ store, clock, record }: World, first: string, second: string): Promise<void> {
  const current = await record();
  if (!current) throw new Error('nothing is recorded yet');
  const owned = { owner: 'alice', reason: 'upgrade', untilMs: clock.nowMs() + duration.parse(second || first) };
  if (second) await store.writePair({ ...current, maintenance: { [first]: owned } });
  else await store.writePair({ ...current, pause: owned });
}

function obeyTarget({ target }: World, verb: string, object: string): void {
  if (verb === 'restart') target.restart();
  else if (verb === 'edit') target.edit(object);
  else if (verb === 'fails-to-flip') {
    for (let times = 0; times < Number(object); times += 1)
      target.failNext('flip', new TargetError('the runtime API did not answer'));
  } else target.makeUnreadable(verb === 'unreadable' ? 'connection refused' : null);
}

async function answer({ store, clock, record, target }: World, choice: 'ack' | 'adopt' | 'restore'): Promise<void> {
  const current = await record();
  if (!current) throw new Error('nothing is recorded yet');
  const evidenceGeneration = current.evidenceGeneration + 1;
  const by = { who: 'alice', reason: 'test', atMs: clock.nowMs() };
  if (choice === 'ack') await store.writePair({ ...current, latch: null, cooldownUntilMs: null, evidenceGeneration });
  else if (choice === 'restore') await store.writePair({ ...current, driftAnswer: { ...by, choice } });
  else {
    const reading = await target.read();
    const site = reading.status === 'read' ? reading.active : 'unknown';
    await store.writePair({ ...current, driftAnswer: { ...by, choice, site } });
  }
}

const rungOf: Partial<Record<FailureClass, 'tcp' | 'amqp-open' | 'declare' | 'management'>> = {
  unreachable: 'tcp',
  refused: 'tcp',
  hung: 'amqp-open',
  auth: 'amqp-open',
  'not-allowed': 'amqp-open',
  'metadata-stalled': 'declare',
  'management-only': 'management',
  partitioned: 'management',
};
const silent: FailureClass[] = ['unreachable', 'hung', 'publish-stalled', 'metadata-stalled'];

/** How what happens to a broker looks to the fence. */
const managementOf: Partial<Record<string, 'well' | 'down' | 'silent'>> = {
  refused: 'down',
  hung: 'silent',
  unreachable: 'silent',
  well: 'well',
};

/** Existing connections outlive a changed password; everything else is noticed by both depths of probe. */
function obeyBroker({ pair, prober, fencer }: World, name: string, state: string): void {
  const site = pair.sites[name]
    ? name
    : Object.keys(pair.sites).find((key) => pair.sites[key]?.nodes.some((node) => node.name === name));
  if (!site) throw new Error(`no site or node is called ${name}`);
  const nodes = (pair.sites[site]?.nodes ?? [])
    .map((node) => node.name)
    .filter((node) => name === site || node === name);
  const management = managementOf[state];
  for (const node of nodes) {
    if (management) fencer.setNode(site, node, management);
    if (state === 'broken') prober.hint({ site, node, kind: 'broken', detail: 'connection closed' });
    else if (state === 'well') prober.setNode(site, node, null);
    else {
      const failure = state as FailureClass;
      const check = rungOf[failure] ?? 'publish-confirm-get';
      const latencyMs = silent.includes(failure) ? pair.probe.timeoutMs : 1;
      const depths = failure === 'auth' ? { depths: ['full'] as const } : {};
      prober.setNode(site, node, { check, class: failure, latencyMs, ...depths });
    }
  }
}
