import { TargetError } from '../../core/flow/ports.ts';
import type { GuardName } from '../../core/model/decision.ts';
import { duration } from '../../core/model/duration.ts';
import type { FailureClass } from '../../core/model/probe.ts';
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
 * | `store gone/back`                    | it can be neither read nor written / it can again           |
 * | `kill-switch on/off`                 |                                                             |
 * | `failover GUARD…`                    | a person asks for one, overriding these guards              |
 * | `pause DURATION` / `maintenance SITE DURATION` | by a person                                       |
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
  const options = {
    probe: {} as Record<string, unknown>,
    failover: {} as Record<string, unknown>,
    reference: [] as string[],
  };
  const failoverKeys = ['mode', 'quorum', 'cooldown'];
  for (const command of commands) {
    const [, key = '', value = ''] = command.split(' ');
    const parsed = /^\d+$/.test(value) ? Number(value) : value;
    if (key === 'reference') options.reference.push(value);
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
  if (subject === 'failover') return request(world, command.split(' ').slice(1) as GuardName[]);
  if (subject === 'approve') return approve(world);
  if (subject === 'clock') return world.clock.setWallClock(world.clock.nowMs() + duration.parse(verb));
  if (subject === 'kill-switch') return world.setKillSwitch(verb === 'on');
  if (subject === 'ack' || subject === 'adopt' || subject === 'restore') return answer(world, subject);
  if (subject === 'store') return world.setStoreProblem(verb === 'gone' ? 'The disk is full.' : null);
  return obeyBroker(world, subject, verb);
}

async function approve({ store, clock, record }: World): Promise<void> {
  const current = await record();
  if (!current) throw new Error('nothing is recorded yet');
  const way = { from: 'beijing', to: 'shanghai', untilMs: clock.nowMs() + 120_000 };
  await store.writePair({ ...current, approval: { ...way, who: 'alice', reason: 'beijing is lost' } });
}

async function request({ store, clock, record }: World, overrides: GuardName[]): Promise<void> {
  const current = await record();
  if (!current) throw new Error('nothing is recorded yet');
  const way = { from: 'beijing', to: 'shanghai', untilMs: clock.nowMs() + 60_000 };
  await store.writePair({
    ...current,
    request: { id: 'asked-1', who: 'alice', reason: 'the site burns', overrides, ...way },
  });
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

/** Existing connections outlive a changed password; everything else is noticed by both depths of probe. */
function obeyBroker({ pair, prober }: World, name: string, state: string): void {
  const site = pair.sites[name]
    ? name
    : Object.keys(pair.sites).find((key) => pair.sites[key]?.nodes.some((node) => node.name === name));
  if (!site) throw new Error(`no site or node is called ${name}`);
  const nodes = (pair.sites[site]?.nodes ?? [])
    .map((node) => node.name)
    .filter((node) => name === site || node === name);
  for (const node of nodes) {
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
