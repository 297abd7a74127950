import { latchedSince } from '../../core/explain/latch.ts';
import type { PairStatus } from '../../core/explain/status.ts';
import { moment } from '../../core/explain/words.ts';
import { type Control, Refusal } from '../../core/flow/control/control.ts';
import type { Clock, Store } from '../../core/flow/ports.ts';
import type { AlarmConfig } from '../../core/model/alarmConfig.ts';
import type { Pair } from '../../core/model/config.ts';
import { eventMaxAgeSeconds } from './contract.ts';
import type { AlarmChange } from './event.ts';

/** What the function works with. */
export interface Tools {
  control: Control;
  store: Store;
  clock: Clock;
}

/** What came of one entry of the configuration, in one sentence. */
export interface Outcome {
  done: boolean;
  sentence: string;
}

const reasonCharactersMax = 300;

/**
 * Asks for a failover of the site that the alarm says is down, once per event. The running watch carries it out under every guard
 * of a person's failover; those that hold back what happens by itself are asked here, because no person has looked.
 * @throws StoreUnavailable
 */
export async function request(tools: Tools, pair: Pair, entry: AlarmConfig, change: AlarmChange): Promise<Outcome> {
  const { control } = tools;
  const against = await reasonNotToAsk(tools, pair, entry, change);
  if (against !== null) return { done: false, sentence: `Nothing is asked for: ${against}.` };
  const caller = { who: `alarm ${change.name}`, via: 'alarm', from: change.arn } as const;
  const details = { overrides: [], atMs: null, to: null, holdMs: null };
  const idempotencyKey = `${change.id}/${pair.name}`;
  try {
    const reason = reasonOf(change);
    const { id, to } = await control.operate(caller, pair.name, {
      verb: 'failover',
      reason,
      ...details,
      idempotencyKey,
    });
    return { done: true, sentence: `Asked for a failover of ${pair.name} from ${entry.site} to ${to} (${id}).` };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { done: false, sentence: `Asked for a failover of ${pair.name}, which was refused: ${error.message}` };
  }
}

async function reasonNotToAsk(
  { control, store, clock }: Tools,
  pair: Pair,
  { site }: AlarmConfig,
  { state, atMs }: AlarmChange,
): Promise<string | null> {
  if (state !== 'ALARM') return `the alarm is in ${state}`;
  if (clock.nowMs() - atMs > eventMaxAgeSeconds * 1_000) return 'the event is too old';
  const [[status], fleet] = await Promise.all([control.status(pair.name), store.readFleet()]);
  if (status?.active !== site) return `traffic does not go to ${site}`;
  if (pair.failover.mode === 'observe') return 'the mode is observe';
  if (fleet.pause) return 'all pairs are paused';
  return heldBack(status.record, clock.nowMs());
}

function heldBack({ pause, latch, cooldownUntilMs }: PairStatus['record'], nowMs: number): string | null {
  if (pause) return 'the pair is paused';
  if (latch) return `it is latched since ${latchedSince(latch)}`;
  return (cooldownUntilMs ?? 0) > nowMs ? `it cools down until ${moment(cooldownUntilMs ?? 0)}` : null;
}

/** One line, and not too long: it becomes part of sentences. */
function reasonOf({ name, reason }: AlarmChange): string {
  const words = reason.replace(/[\p{C}\p{Z}]+/gu, ' ').trim();
  return `alarm ${name} is in ALARM: ${words || 'it does not say why'}`.slice(0, reasonCharactersMax);
}
