import type { GuardName } from '../../../core/model/decision.ts';
import { duration } from '../../../core/model/duration.ts';
import type { OperationRequest, PairRecord } from '../../../core/model/record.ts';
import { otherSite } from '../../../core/model/situation.ts';
import type { World } from '../world.ts';

/** What a person's words do to the records; undefined: these are not a person's words. */
export function obeyPerson(world: World, command: string): Promise<void> | undefined {
  const [verb = '', first = '', second = ''] = command.split(' ');
  switch (verb) {
    case 'ack':
    case 'adopt':
    case 'restore':
      return answer(world, verb);
    case 'approve':
      return approve(world);
    case 'cancel':
      return cancel(world);
    case 'drill':
      return drill(world, duration.parse(first), duration.parse(command.split(' ')[3] ?? '0s'));
    case 'failover':
      return request(world, { overrides: command.split(' ').slice(1) as GuardName[] });
    case 'maintenance':
    case 'pause':
      return pause(world, first, second);
    case 'pause-all':
      return pauseAll(world, first);
    case 'supersede':
      return supersede(world, first);
    case 'switchover':
      return request(world, { verb, afterMs: first ? duration.parse(first) : 0 });
    default:
      return undefined;
  }
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

async function pause({ store, clock, record }: World, first: string, second: string): Promise<void> {
  const current = await record();
  if (!current) throw new Error('nothing is recorded yet');
  const owned = { owner: 'alice', reason: 'upgrade', untilMs: clock.nowMs() + duration.parse(second || first) };
  if (second) await store.writePair({ ...current, maintenance: { [first]: owned } });
  else await store.writePair({ ...current, pause: owned });
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
