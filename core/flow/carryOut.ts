import { abortedSentence } from '../explain/operation.ts';
import { isForgotten, type Latch, type PairRecord } from '../model/record.ts';
import { activeSide, type Situation, wasRestarted } from '../model/situation.ts';
import type { Plan } from '../plan/plan.ts';
import { flipTargets } from './act.ts';
import { claimOperation, refuseRequest } from './claim.ts';
import { momentOf } from './moment.ts';
import { advance, mayTakeOver } from './operation.ts';
import { StoreUnavailable, VersionConflict } from './ports.ts';
import { abort } from './steps/end.ts';
import { type Turn, tell } from './turn.ts';

/**
 * Does what the plan says. Whatever cannot be done now is decided again in the next turn, from a state read anew:
 * a lost conditional write means that someone else acted, a store that fails means that nothing may be done.
 */
export async function carryOut(turn: Turn, situation: Situation, plan: Plan): Promise<void> {
  const restarted = plan.act === 'nothing' && restartedAndWell(situation);
  if (plan.act === 'nothing' && !restarted) return;
  turn.memory.state = null;
  try {
    if (restarted) await noteRestarts(turn, situation);
    else await act(turn, situation, plan);
  } catch (error) {
    if (error instanceof VersionConflict) return;
    if (!(error instanceof StoreUnavailable)) throw error;
    tell(turn, 'alert', 'critical', `No store, no act: ${error.message}`);
  }
}

async function act(turn: Turn, situation: Situation, plan: Plan): Promise<void> {
  switch (plan.act) {
    case 'nothing':
      return;
    case 'adopt':
      await adopt(turn, situation.record, plan.site);
      return;
    case 'repair':
      await repair(turn, situation.record, plan.site, plan.targets);
      return;
    case 'start':
      await advance(turn, await claimOperation(turn, situation, plan));
      return;
    case 'refuse':
      await refuseRequest(turn, situation, plan.request);
      return;
    case 'advance':
      await advance(turn, situation.record);
      return;
    case 'abandon':
      await abandon(turn, situation.record, plan.because);
      return;
  }
}

/** Only the process that holds the operation gives it up; another one may be about to commit it. */
async function abandon(turn: Turn, record: PairRecord, because: 'mode' | 'kill-switch'): Promise<void> {
  const { operation } = record;
  if (!operation || !mayTakeOver(turn, record)) return;
  const { mode } = turn.watch.pair.failover;
  const why = because === 'mode' ? `the mode is ${mode} now.` : 'the kill switch is on.';
  await abort(turn, record, abortedSentence(operation, why));
}

/** Takes what the targets say as what was decided. Writes nothing to them. After a loss of the store a person must look. */
async function adopt(turn: Turn, record: PairRecord, site: string): Promise<void> {
  const nowMs = turn.ports.clock.nowMs();
  const writes: PairRecord['writes'] = {};
  for (const reading of await Promise.all(turn.ports.targets.map((target) => target.read()))) {
    if (reading.status !== 'read' || reading.active !== site) return;
    writes[reading.target] = { site, epoch: record.epoch + 1, instance: reading.instance, atMs: nowMs };
  }
  const evidenceGeneration = record.evidenceGeneration + 1;
  const epoch = record.epoch + 1;
  const reason = 'what was decided before is not known';
  const latch: Latch | null = isForgotten(record)
    ? { because: 'store-lost', epoch, sinceMs: nowMs, reason }
    : record.latch;
  await turn.ports.store.writePair({
    ...record,
    desired: site,
    epoch,
    latch,
    driftAnswer: null,
    writes,
    evidenceGeneration,
  });
}

/** Drives deviating targets back to `desired`, with the same code that flips them. The intent is stored first. */
async function repair(turn: Turn, record: PairRecord, site: string, targets: string[]): Promise<void> {
  const provenAt = momentOf(turn.ports.clock);
  const intent = await turn.ports.store.writePair(record);
  const results = await flipTargets(turn, targets, { site, epoch: record.epoch, provenAt });
  const written = results.flatMap(({ target, write }) => (write ? [[target, write] as const] : []));
  const writes = { ...intent.writes, ...Object.fromEntries(written) };
  const failed = results.filter(({ write }) => !write);
  const driftAnswer = failed.length > 0 ? intent.driftAnswer : null;
  await turn.ports.store.writePair({ ...intent, writes, driftAnswer });
  for (const { target, write, detail } of results) {
    const outcome = write ? `is set back to ${site}` : `could not be set back to ${site}: ${detail}`;
    tell(turn, 'step', write ? 'warning' : 'critical', `${target} ${outcome}.`);
  }
}

/** A target came back from a restart and still says what was decided: nothing to do, but its new instance is to be known. */
function restartedAndWell(situation: Situation): boolean {
  const { record, readings, storeProblem } = situation;
  if (storeProblem !== null || record.operation !== null || activeSide(readings) !== record.desired) return false;
  return readings.some((reading) => wasRestarted(situation, reading));
}

/** Without this, a later foreign edit of the restarted target would be taken for what its file says, and undone. */
async function noteRestarts({ ports }: Turn, { record, readings }: Situation): Promise<void> {
  const writes = { ...record.writes };
  for (const reading of readings) {
    const write = writes[reading.target];
    if (write && reading.status === 'read') writes[reading.target] = { ...write, instance: reading.instance };
  }
  await ports.store.writePair({ ...record, writes });
}
