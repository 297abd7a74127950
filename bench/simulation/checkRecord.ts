import type { PairRecord } from '../../core/model/record.ts';

/** What is remembered of earlier records. */
export interface Memo {
  /** How each operation ended, by id. */
  ended: Map<string, string>;
  desiredOfEpoch: Map<number, string>;
  /** The epoch of the automatic failover that nobody has acknowledged yet. */
  movedByItself: number | null;
  /** Sites that had a fence when the store was lost: nobody can tell its 0 from anybody else's. */
  forgotten: ReadonlySet<string>;
}

export const newMemo = (forgotten: ReadonlySet<string> = new Set()): Memo => {
  return { ended: new Map(), desiredOfEpoch: new Map(), movedByItself: null, forgotten };
};

/** A promise that a change of the record breaks. */
export interface Broken {
  invariant: string;
  detail: string;
}

/** Promises 1 and 6: what may become of the record in one write. Changes `memo`. */
export function checkRecord(before: PairRecord, after: PairRecord, memo: Memo): Broken[] {
  const broken: Broken[] = [];
  const violate = (invariant: string, detail: string) => void broken.push({ invariant, detail });
  if (after.version !== before.version + 1) violate('versions', `${before.version} was followed by ${after.version}`);
  if (after.epoch < before.epoch) violate('epochs-grow', `${before.epoch} was followed by ${after.epoch}`);
  if (after.desired !== before.desired && !mayChangeDesired(before, after))
    violate('desired-by-commit', `desired became ${after.desired}, and nothing allowed it`);
  checkEpoch(after, memo, violate);
  checkOperation(before, after, memo, violate);
  checkLatch(before, after, memo, violate);
  for (const { site, savedLimits } of Object.values(after.fences))
    if (Object.values(savedLimits ?? {}).includes(0) && !memo.forgotten.has(site))
      violate('our-own-zero-is-never-saved', `of ${site}`);
  return broken;
}

type Violate = (invariant: string, detail: string) => void;

/** The point of no return, or an adoption. */
function mayChangeDesired({ desired, operation, driftAnswer }: PairRecord, after: PairRecord): boolean {
  if (desired === null) return true;
  if (driftAnswer?.choice === 'adopt' && driftAnswer.site === after.desired) return true;
  const { phase, to } = after.operation ?? {};
  return operation?.phase === 'claimed' && phase === 'committed' && to === after.desired;
}

/** An epoch that was accepted has one side. */
function checkEpoch({ epoch, desired, operation }: PairRecord, { desiredOfEpoch }: Memo, violate: Violate): void {
  if (desired === null || operation?.phase === 'claimed') return;
  const known = desiredOfEpoch.get(epoch);
  // An epoch that was claimed and given up keeps the side of the one before.
  if (known !== undefined && known !== desired)
    violate('one-side-per-epoch', `epoch ${epoch}: ${known} and ${desired}`);
  desiredOfEpoch.set(epoch, desired);
}

function checkOperation(before: PairRecord, after: PairRecord, { ended }: Memo, violate: Violate): void {
  const { operation } = after;
  if (operation && ended.has(operation.id)) violate('ends-once', `${operation.id} has ended, and is under way again`);
  for (const { id, phase } of after.ended) {
    const known = ended.get(id);
    if (known !== undefined && known !== phase) violate('ends-once', `${id} ended as ${known} and as ${phase}`);
    if (known !== undefined && !before.ended.some((each) => each.id === id)) violate('ends-once', `${id} ended twice`);
    if (phase !== 'finished' && phase !== 'aborted') violate('ends-once', `${id} ended as ${phase}`);
    ended.set(id, phase);
  }
  const gone = before.operation;
  if (!gone || gone.id === operation?.id || after.superseded?.id === gone.id) return;
  if (!ended.has(gone.id)) violate('ends-once', `${gone.id} left the record without an end`);
}

/** After an automatic failover nothing moves by itself until a person has looked, whatever the record says of a latch. */
function checkLatch(before: PairRecord, { operation }: PairRecord, memo: Memo, violate: Violate): void {
  const isCommit = operation?.phase === 'committed' && before.operation?.phase === 'claimed';
  if (!isCommit || operation.startedBy.kind !== 'automatic') return;
  if (memo.movedByItself !== null)
    violate('no-automatic-failback', `epoch ${operation.epoch} follows epoch ${memo.movedByItself}, and nobody looked`);
  memo.movedByItself = operation.epoch;
}
