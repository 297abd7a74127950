import { answerWords, endedWords, refusalWords, type Tense } from '../../explain/control.ts';
import { operationSentence } from '../../explain/operation.ts';
import type { Caller } from '../../model/act.ts';
import type { Operation } from '../../model/operation.ts';
import type { Drill, PairRecord } from '../../model/record.ts';
import { answered } from './audit.ts';
import { changePair } from './change.ts';
import type { Answer, Why } from './control.ts';
import { copyEnded, type Withdrawn, withWithdrawn } from './ended.ts';
import { locate, locateIn } from './locate.ts';
import type { ControlOptions } from './options.ts';
import { refuse } from './refuse.ts';

/** What calling something off changes: the record, or nothing because it was called off before. */
interface CalledOff {
  record: PairRecord | undefined;
  /** What ends with it, before anything was moved. */
  withdrawn: Withdrawn;
  sentence: string;
}

const nothing: Withdrawn = { request: null, drill: null };

interface By {
  who: string;
  reason: string;
  nowMs: number;
  tense: Tense;
}

/** @throws Refusal `unknown-operation`, `nothing-to-cancel`, `past-point-of-no-return` */
export async function cancel(options: ControlOptions, caller: Caller, id: string, why: Why): Promise<Answer> {
  const found = (await locate(options, id)) ?? refuse('unknown-operation', refusalWords.unknownOperation(id));
  const { pair } = found;
  const asked = { pair: pair.name, verb: 'cancel', details: { operation: id } } as const;
  return await answered(options, caller, asked, why, async (reason) => {
    if (found.at === 'ended')
      refuse('nothing-to-cancel', refusalWords.hasEnded(id, operationSentence(found.operation)));
    const by: By = { who: caller.who, reason, nowMs: options.clock.nowMs(), tense: why.dryRun ? 'would' : 'done' };
    let done: CalledOff | undefined;
    const written = await changePair(
      options,
      pair.name,
      (record) => {
        done = callOff(record, id, by);
        const { record: after, withdrawn = nothing } = done ?? {};
        return after && withWithdrawn(after, withdrawn, by.nowMs, (what) => endedWords.calledOff(what, by));
      },
      why.dryRun,
    );
    if (!done) return await refuseGone(options, pair.name, id);
    if (written && !why.dryRun) await copyEnded(options, written);
    return { changed: written !== undefined, sentence: done.sentence };
  });
}

/** It was there when it was looked for, and left the record since. */
async function refuseGone(options: ControlOptions, name: string, id: string): Promise<never> {
  const pair = options.pairs.find((each) => each.name === name);
  const found = pair && (await locateIn(options, pair, id));
  const outcome = found?.at === 'ended' ? operationSentence(found.operation) : 'nothing came of it.';
  return refuse('nothing-to-cancel', refusalWords.hasEnded(id, outcome));
}

function callOff(record: PairRecord, id: string, by: By): CalledOff | undefined {
  const { drill, request, operation } = record;
  if (drill && (drill.id === id || (request?.id === id && drill.operations.includes(id))))
    return callOffDrill(record, drill, by);
  if (request?.id === id)
    return {
      record: { ...record, request: null },
      withdrawn: { request, drill: null },
      sentence: answerWords.calledOff(by.tense, request),
    };
  return operation?.id === id ? abort(record, operation, by) : undefined;
}

/** Before anything has moved it ends; while traffic is on the other side, that time is cut short. */
function callOffDrill(record: PairRecord, drill: Drill, by: By): CalledOff {
  const { request, operation } = record;
  if (drill.phase === 'back') return refuse('nothing-to-cancel', refusalWords.drillReturns(drill));
  if (drill.phase === 'holding') return endHold(record, drill, by);
  if (operation) return abort(record, operation, by);
  // Its switchover has ended, and the service has not noted yet what follows from that.
  if (!request) return refuse('changed-meanwhile', refusalWords.drillTurns(drill));
  return {
    record: { ...record, request: null, drill: null },
    withdrawn: { request, drill },
    sentence: answerWords.drillCalledOff(by.tense, drill),
  };
}

function endHold(record: PairRecord, drill: Drill, by: By): CalledOff {
  if (drill.cutShort !== '')
    return { record: undefined, withdrawn: nothing, sentence: answerWords.holdEndsAlready(drill) };
  const ended = { ...drill, holdUntilMs: by.nowMs, cutShort: endedWords.holdEnded(by) };
  return { record: { ...record, drill: ended }, withdrawn: nothing, sentence: answerWords.holdEnds(by.tense, drill) };
}

/** The process that holds the operation aborts it: it alone knows whether a step is being taken right now. */
function abort(record: PairRecord, operation: Operation, { who, reason, tense }: By): CalledOff {
  if (operation.phase === 'stalled') refuse('past-point-of-no-return', refusalWords.stalled(operation));
  if (operation.phase !== 'claimed') refuse('past-point-of-no-return', refusalWords.tooLate(operation));
  if (operation.cancelled)
    return { record: undefined, withdrawn: nothing, sentence: answerWords.abortsAlready(operation) };
  const cancelled = { ...operation, cancelled: { who, reason } };
  return {
    record: { ...record, operation: cancelled },
    withdrawn: nothing,
    sentence: answerWords.aborts(tense, operation),
  };
}
