import { mayCommit } from '../decide/commit.ts';
import { abortSentence, operationSentence, stepSentence, verifySentence } from '../explain/operation.ts';
import type { Operation, Step, StepName } from '../model/operation.ts';
import type { PairRecord } from '../model/record.ts';
import { withOperation, withPresentTargets, withStep } from '../plan/steps.ts';
import { flipTargets, leaseMs, verify } from './act.ts';
import { releaseSlot } from './claim.ts';
import { type Turn, tell } from './turn.ts';

const attemptsMax = 20;
const retryAfterMs = { first: 1_000, longest: 10_000 };
const evidenceWaitMs = 60_000;

/**
 * Advances the operation under way as far as it will go now: one idempotent step after the other, the intent stored
 * before each act and the outcome after it. Stops where it has to wait; the next turn goes on from what is stored.
 * @returns the record as it is afterwards. @throws VersionConflict, StoreUnavailable: nothing more is done this turn.
 */
export async function advance(turn: Turn, start: PairRecord): Promise<PairRecord> {
  let record = start;
  for (;;) {
    const { operation } = record;
    // Asked before every step: the switch is there to stop what is under way.
    if (!operation || operation.phase === 'stalled' || turn.ports.observeOnly()) return record;
    if (operation.holder !== turn.watch.holder) {
      if (!mayTakeOver(turn, record)) return record;
      record = await turn.ports.store.writePair(withOperation(record, { holder: turn.watch.holder }));
      continue;
    }
    const next = operation.steps.find(({ status }) => status !== 'done' && status !== 'skipped');
    if (!next || isTooSoon(turn, next)) return record;
    const after = await takeStep[next.name](turn, record, operation);
    if (after.version === record.version) return after;
    record = after;
    const step = record.operation?.steps.find(({ name, target }) => name === next.name && target === next.target);
    if (step?.status === 'failed') return record;
  }
}

/** This process holds the operation, or the one that does has not written for a lease time. */
export function mayTakeOver({ memory, ports, watch }: Turn, record: PairRecord): boolean {
  if (record.operation?.holder === watch.holder) return true;
  const { version, sinceMs } = memory.seenVersion;
  return version === record.version && ports.clock.monotonicMs() - sinceMs >= leaseMs;
}

/** A step that failed is tried again after a pause that doubles, with jitter: a target that restarts gets its time. */
function isTooSoon({ ports }: Turn, { status, attempts, endedAtMs }: Step): boolean {
  if (status !== 'failed' || endedAtMs === null) return false;
  const pauseMs = Math.min(retryAfterMs.longest, retryAfterMs.first * 2 ** (attempts - 1));
  return ports.clock.nowMs() - endedAtMs < pauseMs * (0.75 + ports.random() / 2);
}

type TakeStep = (turn: Turn, record: PairRecord, operation: Operation) => Promise<PairRecord>;

const takeStep: Record<StepName, TakeStep> = {
  commit,
  flip,
  verify: prove,
  report: finish,
};

/** The point of no return: `desired` changes here and nowhere else in an operation. */
async function commit(turn: Turn, record: PairRecord, operation: Operation): Promise<PairRecord> {
  const situation = await turn.freshSituation(record, operation);
  const verdict = mayCommit(situation, operation);
  if (verdict.answer === 'abort') return abort(turn, record, abortSentence(operation, verdict, situation));
  if (verdict.answer === 'wait') {
    const nowMs = turn.ports.clock.monotonicMs();
    const waiting = turn.memory.waiting?.operation === operation.id ? turn.memory.waiting : null;
    turn.memory.waiting = waiting ?? { operation: operation.id, sinceMs: nowMs };
    if (waiting && nowMs - waiting.sinceMs > evidenceWaitMs)
      return abort(turn, record, abortSentence(operation, verdict, situation));
    return record;
  }
  if (turn.ports.observeOnly()) return record;
  const nowMs = turn.ports.clock.nowMs();
  const done = withStep(record, 'commit', { status: 'done', startedAtMs: nowMs, endedAtMs: nowMs, attempts: 1 });
  const timeline = { ...operation.timeline, committedAtMs: nowMs };
  const written = { ...withOperation(done, { phase: 'committed', timeline }), desired: operation.to };
  const committed = await turn.ports.store.writePair(written);
  tell(turn, 'step', 'info', stepSentence(operation, 'commit', ''));
  return committed;
}

/** Ends an operation before its point of no return. @throws VersionConflict, StoreUnavailable */
export async function abort(turn: Turn, record: PairRecord, because: string): Promise<PairRecord> {
  if (!record.operation) return record;
  const ended = { ...record.operation, phase: 'aborted' as const, outcome: because };
  ended.timeline = { ...ended.timeline, endedAtMs: turn.ports.clock.nowMs() };
  await turn.ports.store.saveOperation(ended);
  const evidenceGeneration = record.evidenceGeneration + 1;
  const after = await turn.ports.store.writePair({ ...record, operation: null, evidenceGeneration });
  await releaseSlot(turn, ended);
  tell(turn, 'report', 'warning', because, { operation: ended });
  return after;
}

/** Writes every target that does not have its flip done, all at once: a slow one must not hold up the others. */
async function flip(turn: Turn, record: PairRecord, operation: Operation): Promise<PairRecord> {
  const steps = withPresentTargets(
    operation.steps,
    turn.ports.targets.map(({ id }) => id),
  );
  const open = steps.filter(({ name, status }) => name === 'flip' && status !== 'done' && status !== 'skipped');
  const provenAtMs = turn.ports.clock.monotonicMs();
  const intent = await begin(turn, withOperation(record, { steps }), open);
  if (intent.operation?.phase === 'stalled') return intent;
  const ids = open.flatMap(({ target }) => target ?? []);
  const results = await flipTargets(turn, ids, { site: operation.to, epoch: operation.epoch, provenAtMs });
  let after = intent;
  for (const { target, write, detail } of results) {
    const status = write ? ('done' as const) : ('failed' as const);
    const endedAtMs = turn.ports.clock.nowMs();
    after = withStep(after, 'flip', { status, detail, endedAtMs }, target);
    if (write) after = { ...after, writes: { ...after.writes, [target]: write } };
  }
  const failed = results.filter(({ write }) => !write);
  if (failed.length === 0 && after.operation)
    after = withOperation(after, { timeline: { ...after.operation.timeline, flippedAtMs: turn.ports.clock.nowMs() } });
  const stored = await turn.ports.store.writePair(after);
  for (const { target, write, detail } of results)
    tell(turn, 'step', write ? 'info' : 'warning', stepSentence(operation, 'flip', write ? '' : detail, target));
  return stored;
}

async function prove(turn: Turn, record: PairRecord, operation: Operation): Promise<PairRecord> {
  const open = operation.steps.filter(({ name }) => name === 'verify');
  const intent = await begin(turn, record, open);
  if (intent.operation?.phase === 'stalled') return intent;
  const { proven, detail } = await verify(turn, operation.to);
  const endedAtMs = turn.ports.clock.nowMs();
  const status = proven ? ('done' as const) : ('failed' as const);
  const stored = await turn.ports.store.writePair(withStep(intent, 'verify', { status, detail, endedAtMs }));
  tell(turn, 'step', proven ? 'info' : 'warning', verifySentence(proven, detail));
  return stored;
}

/** Stores the intent of the steps, or stalls the operation when they used up their attempts. */
async function begin(turn: Turn, record: PairRecord, steps: Step[]): Promise<PairRecord> {
  const worn = steps.find(({ attempts }) => attempts >= attemptsMax);
  if (worn && record.operation) {
    const outcome = `${worn.name}${worn.target ? ` of ${worn.target}` : ''} failed ${worn.attempts} times: ${worn.detail}`;
    const stalled = await turn.ports.store.writePair(withOperation(record, { phase: 'stalled', outcome }));
    if (stalled.operation) tell(turn, 'operation', 'critical', operationSentence(stalled.operation));
    return stalled;
  }
  let after = record;
  for (const { name, target, attempts, startedAtMs } of steps) {
    const started = startedAtMs ?? turn.ports.clock.nowMs();
    after = withStep(after, name, { status: 'running', attempts: attempts + 1, startedAtMs: started }, target);
  }
  return turn.ports.store.writePair(after);
}

/**
 * Ends the operation. The report is kept first: a crash in between writes it again, never loses it. An automatic
 * failover leaves the latch; the cooldown starts; evidence must be gathered anew.
 */
async function finish(turn: Turn, record: PairRecord, operation: Operation): Promise<PairRecord> {
  const nowMs = turn.ports.clock.nowMs();
  const done = withStep(record, 'report', { status: 'done', startedAtMs: nowMs, endedAtMs: nowMs, attempts: 1 });
  const timeline = { ...operation.timeline, endedAtMs: nowMs };
  const outcome = `traffic is on ${operation.to}`;
  const finished = withOperation(done, { phase: 'finished', timeline, outcome }).operation ?? operation;
  await turn.ports.store.saveOperation(finished);
  const automatic = operation.startedBy.kind === 'automatic';
  const latch = { epoch: operation.epoch, sinceMs: nowMs, reason: operation.startedBy.reason };
  const after = await turn.ports.store.writePair({
    ...record,
    operation: null,
    latch: automatic ? latch : record.latch,
    cooldownUntilMs: nowMs + turn.watch.pair.failover.cooldownMs,
    evidenceGeneration: record.evidenceGeneration + 1,
  });
  tell(turn, 'report', 'critical', operationSentence(finished), { operation: finished });
  return after;
}
