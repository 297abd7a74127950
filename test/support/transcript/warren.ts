import { createHash } from 'node:crypto';
import { type Answer, type Control, type OperationWanted, Refusal } from '../../../core/flow/control/control.ts';
import { createControl } from '../../../core/flow/control/local.ts';
import { duration } from '../../../core/model/duration.ts';
import type { World } from '../world.ts';

/** Asks what a person types: `alice warren switchover because the disks are new`. @returns what the person is told */
export async function askWarren(world: World, command: string, id: string): Promise<string> {
  const [who = '', , verb = '', ...rest] = command.split(' ');
  const at = rest.indexOf('because');
  const [words, reason] = [rest.slice(0, at), rest.slice(at + 1).join(' ')];
  if (at < 0) throw new Error(`${who} gives no reason`);
  const caller = { who, via: 'cli', from: 'desk' } as const;
  try {
    return await answerTo(controlOf(world, id), { caller, verb, words, reason, nowMs: world.clock.nowMs() });
  } catch (error) {
    if (error instanceof Refusal) return `refused: ${error.message}`;
    throw error;
  }
}

interface Asked {
  caller: Parameters<Control['operate']>[0];
  verb: string;
  words: string[];
  reason: string;
  nowMs: number;
}

async function answerTo(control: Control, { caller, verb, words, reason, nowMs }: Asked): Promise<string> {
  const why = { reason, dryRun: false };
  const [first = '', second = ''] = words;
  const lasting = (length: string) => ({ ...why, untilMs: nowMs + duration.parse(length) });
  const drift = first === '--adopt' ? 'adopt' : first === '--restore' ? 'restore' : undefined;
  const answers: Record<string, () => Promise<Answer>> = {
    ack: () => control.ack(caller, 'demo', { ...why, drift }),
    approve: () => control.approve(caller, 'demo', why),
    retry: () => control.retry(caller, 'demo', why),
    pause: () => control.pause(caller, 'demo', lasting(first)),
    resume: () => control.resume(caller, 'demo', why),
    maintenance: () => control.maintain(caller, 'demo', first, lasting(second)),
  };
  const answer = answers[verb];
  if (answer) return (await answer()).sentence;
  if (words.includes('--dry-run')) return rehearsed(control, verb as OperationWanted['verb'], reason);
  const nothing = { atMs: null, to: null, holdMs: null };
  const wanted = { ...nothing, verb: verb as OperationWanted['verb'], reason, overrides: words };
  const { from, to } = await control.operate(caller, 'demo', wanted);
  return `a ${verb} from ${from} to ${to} is asked for.`;
}

/** What would happen, and what is on each side. */
async function rehearsed(control: Control, verb: OperationWanted['verb'], reason: string): Promise<string> {
  const nothing = { atMs: null, to: null, holdMs: null, overrides: [] };
  const { from, to, allowed, guards, surveys } = await control.rehearse('demo', { ...nothing, verb, reason });
  const against = guards.filter(({ verdict }) => verdict !== 'pass').map(({ sentence }) => sentence);
  const counted = surveys.map(({ site, messages }) => `${messages ?? 'an unknown number of'} messages on ${site}`);
  const outcome = allowed ? 'would be done' : `would not be done: ${against.join(' ')}`;
  return `a ${verb} from ${from} to ${to} ${outcome}; ${counted.join(', ')}.`;
}

function controlOf({ pair, config, store, clock, target, fencer }: World, id: string): Control {
  return createControl({
    pairs: [pair],
    fleet: config.fleet,
    store,
    clock,
    targetsOf: () => [target],
    fencer: () => fencer,
    newId: () => id,
    fingerprint: (text) => createHash('sha256').update(text).digest('hex'),
    killSwitch: () => false,
  });
}
