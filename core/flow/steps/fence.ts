import { fenceFindings, fenceSentence } from '../../explain/fence.ts';
import { abortedSentence, unfencedSentence } from '../../explain/operation.ts';
import { type FenceReading, isClosed, isOpen } from '../../model/fence.ts';
import type { Operation } from '../../model/operation.ts';
import type { Fence, PairRecord, SavedLimits } from '../../model/record.ts';
import { withFence } from '../../plan/fences.ts';
import { withOperation } from '../../plan/steps.ts';
import { agreedMs } from '../agreedClock.ts';
import { isRecent, momentOf } from '../moment.ts';
import { FenceError } from '../ports.ts';
import { type Turn, tell } from '../turn.ts';
import { gate } from './commit.ts';
import { abort } from './end.ts';
import { begin, ended, heldUp, openSteps } from './step.ts';

/** A dead site answers nothing, and must not cost the whole budget before that is believed. */
const shareForLimits = 1 / 4;

/**
 * Shuts applications out of the side that is left. The limits it replaces are stored before the first one is written. A planned
 * move without it ends here; a failover goes on and says so, unless its policy asks for a person.
 */
export async function fence(turn: Turn, record: PairRecord, operation: Operation): Promise<PairRecord> {
  const isPlanned = operation.verb !== 'failover';
  // Nobody is cut off before it is clear that traffic may move: also not where a failover was claimed a while ago, and the side
  // is back. Whoever takes over a planned move does not keep them waiting either.
  const isCutOff = record.fences[operation.from]?.epoch === operation.epoch;
  const halt = await gate(turn, record, operation, !isPlanned || !isCutOff);
  if (halt) return halt;
  const { pair } = turn.watch;
  const startedAtMs = turn.ports.clock.monotonicMs();
  await turn.fences.idle(operation.from);
  const { limits, problem } = await limitsOf(turn, record, operation.from);
  const wanted = newFence(turn, operation, limits, problem);
  const provenAt = momentOf(turn.ports.clock);
  const intent = await begin(turn, withFence(record, wanted), openSteps(operation, 'fence'));
  if (intent.operation?.phase === 'stalled') return intent;
  if (!isRecent(turn.ports.clock, provenAt)) throw heldUp();
  // The next turn gives the operation up.
  if (turn.ports.observeOnly()) return intent;
  const leftMs = pair.failover.fenceBudgetMs - (turn.ports.clock.monotonicMs() - startedAtMs);
  const users = Object.keys(limits ?? {});
  const reading = limits ? await turn.ports.fencer.set(operation.from, users, Math.max(1, leftMs)) : null;
  if (reading && isClosed(reading)) return fenced(turn, intent, wanted);
  const detail = reading ? fenceFindings(reading, 'closed') : problem;
  const waits = isPlanned || (pair.failover.unfenced === 'wait' && !operation.overrides.includes('fence-ready'));
  if (waits) return giveUp(turn, intent, detail);
  return goOnUnfenced(turn, intent, { ...wanted, detail });
}

/**
 * The limits to put back one day. Those of a fence that is in force are known; one that was released since may have been
 * followed by limits that somebody meant, but for those that are still, or again, our 0.
 */
async function limitsOf(
  { ports, watch }: Turn,
  record: PairRecord,
  site: string,
): Promise<{ limits: SavedLimits | null; problem: string }> {
  const fence = record.fences[site];
  const known = fence?.savedLimits ?? {};
  const users = [...new Set([...(watch.pair.sites[site]?.fenceUsers ?? []), ...Object.keys(known)])];
  const inForce = fence !== undefined && fence.state !== 'released';
  if (inForce && users.every((user) => Object.hasOwn(known, user))) return { limits: known, problem: '' };
  try {
    const budgetMs = watch.pair.failover.fenceBudgetMs * shareForLimits;
    const now = await ports.fencer.readLimits(site, users, budgetMs);
    const ours = Object.entries(known).filter(([user]) => inForce || now[user] === 0);
    return { limits: { ...now, ...Object.fromEntries(ours) }, problem: '' };
  } catch (error) {
    if (!(error instanceof FenceError)) throw error;
    return { limits: fence?.savedLimits ?? null, problem: error.message };
  }
}

function newFence(turn: Turn, operation: Operation, savedLimits: SavedLimits | null, detail: string): Fence {
  const { from: site, epoch } = operation;
  return { site, epoch, savedLimits, state: 'wanted', sinceMs: agreedMs(turn), untilMs: null, detail };
}

async function fenced(turn: Turn, record: PairRecord, wanted: Fence): Promise<PairRecord> {
  const set: Fence = { ...wanted, state: 'set', sinceMs: agreedMs(turn), detail: '' };
  const done = ended(turn, withFence(record, set), 'fence', { status: 'done', detail: '' });
  const after = await turn.ports.store.writePair(withOperation(done, { fenced: 'fenced' }));
  tell(turn, 'step', 'info', fenceSentence(set), { fence: set });
  return after;
}

async function goOnUnfenced(turn: Turn, record: PairRecord, wanted: Fence): Promise<PairRecord> {
  const { detail } = wanted;
  const skipped = ended(turn, withFence(record, wanted), 'fence', { status: 'skipped', detail });
  const after = await turn.ports.store.writePair(skipped);
  tell(turn, 'step', 'warning', unfencedSentence(wanted.site, detail), { fence: wanted });
  return after;
}

/** A person must decide: a planned move just ends, one that began by itself does not try again either. */
async function giveUp(turn: Turn, record: PairRecord, detail: string): Promise<PairRecord> {
  const { operation } = record;
  if (!operation) return record;
  const why = `${operation.from} could not be fenced (${detail})`;
  const aftermath = operation.startedBy.kind === 'automatic' ? { latch: why } : {};
  return abort(turn, record, abortedSentence(operation, `${why}.`), aftermath);
}

/** Lifts our own fence of the destination, before applications are sent there. Nothing is cut off yet: it may fail. */
export async function release(turn: Turn, record: PairRecord, operation: Operation): Promise<PairRecord> {
  const { to } = operation;
  const held = record.fences[to];
  await turn.fences.idle(to);
  const lifting = held ? withFence(record, { ...held, state: 'releasing', sinceMs: agreedMs(turn) }) : record;
  const provenAt = momentOf(turn.ports.clock);
  const intent = await begin(turn, lifting, openSteps(operation, 'release'));
  if (intent.operation?.phase === 'stalled') return intent;
  if (!isRecent(turn.ports.clock, provenAt)) throw heldUp();
  const reading = await liftFence(turn, held);
  if (held && reading && !isOpen(reading)) {
    const why = `the fence of ${to} could not be lifted (${fenceFindings(reading, 'open')}).`;
    return abort(turn, intent, abortedSentence(operation, why));
  }
  return lifted(turn, intent, held);
}

/** Null: there was nothing to lift. */
async function liftFence({ ports, watch }: Turn, held: Fence | undefined): Promise<FenceReading | null> {
  if (!held?.savedLimits) return null;
  return ports.fencer.release(held.site, held.savedLimits, watch.pair.failover.fenceBudgetMs);
}

async function lifted(turn: Turn, record: PairRecord, held: Fence | undefined): Promise<PairRecord> {
  const done = ended(turn, record, 'release', { status: 'done', detail: '' });
  if (!held) return turn.ports.store.writePair(done);
  const released: Fence = { ...held, state: 'released', sinceMs: agreedMs(turn), detail: '' };
  const { [held.site]: _, ...others } = done.fences;
  const after = await turn.ports.store.writePair(
    held.savedLimits ? withFence(done, released) : { ...done, fences: others },
  );
  tell(turn, 'step', 'info', fenceSentence(released), { fence: released });
  return after;
}
