import { type Control, type OperationWanted, Refusal } from '../../core/flow/control/control.ts';
import { createControl } from '../../core/flow/control/local.ts';
import { StoreUnavailable } from '../../core/flow/ports.ts';
import type { Event } from './events.ts';
import { storeFor } from './storePort.ts';
import { targetFor } from './targetPort.ts';
import type { Watched, World } from './world.ts';

const caller = { who: 'alice', via: 'cli', from: 'a desk' } as const;
const why = { reason: 'a trace', dryRun: false };

/** Why what a person asked for was not accepted; null: it was. */
export type Refused = Refusal | StoreUnavailable | null;

/** Does what a person does, and notes what was answered; a refusal is an answer. */
export async function actAsPerson(
  world: World,
  watched: Watched,
  event: Extract<Event, { kind: 'person' }>,
): Promise<Refused> {
  try {
    const answer = await act(world, watched, controlOf(world, watched), event);
    world.note('person', `${nameOf(world, watched)}${event.act}: ${answer}`);
    return null;
  } catch (error) {
    if (!(error instanceof Refusal) && !(error instanceof StoreUnavailable)) throw error;
    world.note('person', `${nameOf(world, watched)}${event.act} is refused: ${error.message}`);
    return error;
  }
}

async function act(
  world: World,
  { pair, judge }: Watched,
  control: Control,
  event: Extract<Event, { kind: 'person' }>,
): Promise<string> {
  const untilMs = peoplesTimeMs(world) + event.forMs;
  switch (event.act) {
    case 'switchover':
      return operate(control, pair.name, 'switchover', {});
    case 'switchover-later':
      return operate(control, pair.name, 'switchover', { atMs: untilMs });
    case 'failover':
      return operate(control, pair.name, 'failover', {});
    case 'failover-overridden':
      return operate(control, pair.name, 'failover', { overrides: ['quorum', 'standby-ready', 'self-trust'] });
    case 'drill':
      return operate(control, pair.name, 'drill', { holdMs: event.holdMs ?? null });
    case 'cancel': {
      const { operation, request, drill } = judge.record();
      return said(control.cancel(caller, (drill ?? request ?? operation)?.id ?? 'none', why));
    }
    case 'ack': {
      const { changed, sentence } = await control.ack(caller, pair.name, why);
      judge.onAck(changed);
      return sentence;
    }
    case 'adopt':
    case 'restore':
      return said(control.ack(caller, pair.name, { ...why, drift: event.act }));
    case 'pause':
      return said(control.pause(caller, pair.name, { ...why, untilMs }));
    case 'resume':
      return said(control.resume(caller, pair.name, why));
    case 'pause-all':
      return said(control.pause(caller, null, { ...why, untilMs }));
    case 'resume-all':
      return said(control.resume(caller, null, why));
    case 'maintenance':
      return said(control.maintain(caller, pair.name, event.site, { ...why, untilMs }));
    case 'end-maintenance':
      return said(control.endMaintenance(caller, pair.name, event.site, why));
    case 'retry':
      return said(control.retry(caller, pair.name, why));
    case 'approve':
      return said(control.approve(caller, pair.name, why));
  }
}

/** Where there is one host, people work on it; else their clock is right, whatever that of a vantage says. */
function peoplesTimeMs({ hosts, clock }: World): number {
  const [host] = hosts.values();
  return clock.nowMs() + (host && hosts.size === 1 ? host.wallOffsetMs : 0);
}

const nameOf = ({ watched }: World, { pair }: Watched) => (watched.length > 1 ? `${pair.name}: ` : '');

async function operate(
  control: Control,
  pair: string,
  verb: 'switchover' | 'failover' | 'drill',
  how: Partial<Pick<OperationWanted, 'overrides' | 'atMs' | 'holdMs'>>,
): Promise<string> {
  const wanted = { verb, reason: why.reason, overrides: [], atMs: null, to: null, holdMs: null, ...how };
  const { id, from, to } = await control.operate(caller, pair, wanted);
  return `${id} from ${from} to ${to}`;
}

const said = async (answer: Promise<{ sentence: string }>) => (await answer).sentence;

function controlOf(world: World, watched: Watched): Control {
  const { trace, clock: time, trouble } = world;
  const clock = { ...time, nowMs: () => peoplesTimeMs(world) };
  let ids = 0;
  return createControl({
    pairs: [watched.pair],
    fleet: trace.config.fleet,
    store: storeFor(watched, null),
    clock,
    targetsOf: () => watched.targets.map((target) => targetFor(watched, target, null)),
    newId: () => `act-${clock.monotonicMs()}-${ids++}`,
    fingerprint: (text) => digest(`${text}${clock.monotonicMs()}`),
    killSwitch: () => trouble.killSwitch > 0,
  });
}

function digest(text: string): string {
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193) >>> 0;
  return hash.toString(16).padStart(8, '0');
}
