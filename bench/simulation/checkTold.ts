import { rules } from '../../core/decide/rules.ts';
import type { Decision, DecisionRow } from '../../core/model/decision.ts';
import type { WarrenEvent } from '../../core/model/event.ts';
import type { Operation } from '../../core/model/operation.ts';
import type { PairRecord } from '../../core/model/record.ts';
import { activeSide } from '../../core/model/situation.ts';
import type { TargetReading } from '../../core/model/target.ts';
import type { Broken } from './checkRecord.ts';
import type { Process } from './process.ts';

/** What must not be silent, and who has said what of it. */
export interface ToldLedger {
  /** @param by null: a person wrote */
  onRecord(before: PairRecord, after: PairRecord, by: Process | null, nowMs: number): void;
  /** A process told people something. */
  onTold(holder: string, event: Told): void;
  /** A decision was kept in history. */
  onKept(row: Pick<DecisionRow, 'vantage' | 'decision'>, nowMs: number): void;
  /** The store is lost, and what was decided with it. */
  forget(): void;
  /** Asked every second. */
  check(now: Now): Broken[];
}

/** What people are told. */
export type Told = Pick<WarrenEvent, 'kind' | 'sentence' | 'data'>;

interface Now {
  nowMs: number;
  /** Who is alive, does not stand still, and reaches the store. */
  well: readonly Process[];
  /** What the targets truly say. */
  readings: TargetReading[];
  /** Whoever is well for so long has had the time to say something. */
  withinMs: number;
}

/** Something that is to be told, by whomever. */
interface Due {
  what: string;
  atMs: number;
  isTold(event: Told): boolean;
}

/** A claim whose decision is to be kept, by whoever claimed. */
interface Claimed {
  operation: Operation;
  by: Process;
  atMs: number;
}

/** Whoever decides by one of these rows has seen that a target does not say what was decided, or that it cannot be known. */
const aware: readonly string[] = rules
  .slice(0, rules.findIndex(({ reason }) => reason === 'foreign-edit') + 1)
  .map(({ reason }) => reason);

/** Promise 8: people are told of what happens, and what was decided is kept with its reason. */
export function createToldLedger(): ToldLedger {
  const wellSinceMs = new Map<string, number>();
  const toldLast = new Map<string, string>();
  let kept: { vantage: string; decision: Decision; atMs: number }[] = [];
  let due: Due[] = [];
  let claims: Claimed[] = [];
  let record: PairRecord | null = null;
  let deviation: { what: string; sinceMs: number } | null = null;

  function noteWell({ well, nowMs }: Now): void {
    const holders = well.map(({ holder }) => holder);
    for (const holder of wellSinceMs.keys()) if (!holders.includes(holder)) wellSinceMs.delete(holder);
    for (const holder of holders) if (!wellSinceMs.has(holder)) wellSinceMs.set(holder, nowMs);
  }

  /** The targets say something else than was decided, and no operation is about to change that. */
  function noteDeviation({ readings, nowMs }: Now): void {
    const active = activeSide(readings);
    const isDeviating = record !== null && record.desired !== null && !record.operation && active !== record.desired;
    const what = `${active} instead of ${record?.desired} of epoch ${record?.epoch}`;
    if (!isDeviating) deviation = null;
    else if (deviation?.what !== what) deviation = { what, sinceMs: nowMs };
  }

  return {
    onRecord(before, after, by, nowMs) {
      record = after;
      const { operation } = after;
      if (operation?.phase !== 'stalled') due = due.filter(({ isTold }) => isTold !== saysStalled);
      else if (before.operation?.phase !== 'stalled')
        due.push({ what: `${operation.id} is stalled`, atMs: nowMs, isTold: saysStalled });
      if (operation?.phase !== 'claimed' || operation.id === before.operation?.id) return;
      due.push({ what: `${operation.id} is claimed`, atMs: nowMs, isTold: (event) => isAbout(event, operation) });
      const isKept = kept.some(({ vantage, decision }) => vantage === by?.vantage && isWhy(decision, operation));
      if (by && !isKept) claims.push({ operation, by, atMs: nowMs });
    },
    onTold(holder, event) {
      due = due.filter(({ isTold }) => !isTold(event));
      const reason = reasonOf(event);
      if (reason !== undefined) toldLast.set(holder, reason);
    },
    onKept({ vantage, decision }, nowMs) {
      // Another process of the vantage may have decided something else since, and the same decision is not kept again at once.
      kept = [...kept.filter(({ atMs }) => nowMs - atMs <= keptAgainMs), { vantage, decision, atMs: nowMs }];
      claims = claims.filter(({ by, operation }) => by.vantage !== vantage || !isWhy(decision, operation));
    },
    forget() {
      due = [];
      claims = [];
      record = null;
      deviation = null;
    },
    check(now) {
      noteWell(now);
      noteDeviation(now);
      const { well, withinMs, nowMs } = now;
      const couldTell = ({ holder }: Process, sinceMs: number) =>
        nowMs - Math.max(sinceMs, wellSinceMs.get(holder) ?? nowMs) > withinMs;
      const silent = due.flatMap(({ what, atMs }) => (well.some((each) => couldTell(each, atMs)) ? [what] : []));
      const { what, sinceMs } = deviation ?? { what: '', sinceMs: nowMs };
      const unaware = well.filter(
        (each) => couldTell(each, sinceMs) && !aware.includes(toldLast.get(each.holder) ?? ''),
      );
      silent.push(...unaware.map(({ holder }) => `the targets say ${what}, which ${holder} does not say`));
      // Whoever was struck after its claim could not keep why.
      claims = claims.filter(({ by }) => well.includes(by));
      const lacking = claims.filter(({ by, atMs }) => couldTell(by, atMs));
      return [
        ...silent.map((detail) => ({ invariant: 'nothing-is-silent', detail: `nobody was told: ${detail}` })),
        ...lacking.map(({ operation: { id }, by }) => ({
          invariant: 'nothing-is-silent',
          detail: `${by.holder} claimed ${id}, and history does not say why`,
        })),
      ];
    },
  };
}

/** A decision that does not change is kept again after a minute. */
const keptAgainMs = 70_000;

const isWhy = (decision: Decision, { from, to }: Operation) =>
  decision.outcome === 'failover' && decision.from === from && decision.to === to;

const reasonOf = ({ data }: Told) => (data.decision as Decision | undefined)?.reason;

const saysStalled: Due['isTold'] = (event) =>
  (event.kind === 'operation' && event.sentence.includes('is stalled')) || reasonOf(event) === 'operation-stalled';

/** It names the operation, or says that one is under way, or what a step of it came to. */
function isAbout(event: Told, { id }: Operation): boolean {
  const named = (event.data.operation as Operation | undefined)?.id;
  return named === undefined ? event.kind === 'step' || /^operation-/.test(reasonOf(event) ?? '') : named === id;
}
