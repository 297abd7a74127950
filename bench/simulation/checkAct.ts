import type { DecisionRow } from '../../core/model/decision.ts';
import type { PairRecord } from '../../core/model/record.ts';
import type { TargetReading } from '../../core/model/target.ts';
import type { Broken } from './checkRecord.ts';

/** A record that was stored until then; infinite: it still is. */
export interface Stored {
  record: PairRecord;
  untilMs: number;
}

/** What a process proved may be acted on for so long: half a lease. */
export const provenForMs = 2_500;

/** A write of a target: what it asks for. */
export interface Flip {
  target: string;
  site: string;
  epoch: number;
}

/** Promise 6: a flip is begun only where its intent is stored: an open step of that operation, or a repair to what is desired. */
export function checkFlipIntent(stored: readonly Stored[], { target, site, epoch }: Flip): Broken[] {
  const allows = ({ record: { operation, desired, epoch: accepted } }: Stored) => {
    if (operation === null) return site === desired && epoch === accepted;
    const step = operation.steps.find((each) => each.name === 'flip' && each.target === target);
    const isItsOwn = operation.phase === 'committed' && operation.epoch === epoch && operation.to === site;
    return isItsOwn && step?.status === 'running';
  };
  if (stored.some(allows)) return [];
  return [{ invariant: 'intent-before-flip', detail: `${target} to ${site} for epoch ${epoch} is nobody's open step` }];
}

/** Promise 6: nobody is shut out of a side unless a stored fence says so. */
export function checkFenceIntent(stored: readonly Stored[], site: string): Broken[] {
  const states = stored.map(({ record }) => record.fences[site]?.state);
  if (states.includes('wanted') || states.includes('set')) return [];
  return [{ invariant: 'intent-before-fence', detail: `no stored fence is for ${site}` }];
}

/**
 * Promise 1 and section 8, of a flip that took effect: the marker of an older epoch never replaces a newer one, and a target is
 * never left empty by us. @param marker the newest epoch that was written where a marker is kept; null: none is kept, or was
 */
export function checkFlipEffect(
  flip: Flip,
  marker: number | null,
  before: TargetReading,
  after: TargetReading,
): Broken[] {
  const { target, site, epoch } = flip;
  const broken: Broken[] = [];
  const violate = (invariant: string, detail: string) =>
    void broken.push({ invariant, detail: `${target}: ${detail}` });
  const known = Math.max(marker ?? 0, markerOf(before) ?? 0);
  if (known > epoch) violate('markers-grow', `epoch ${epoch} was written over ${known}`);
  if (marker !== null && after.status === 'read' && markerOf(after) !== epoch)
    violate('markers-grow', `a flip for epoch ${epoch} left the marker ${markerOf(after)}`);
  if (after.status === 'read' && after.active !== site)
    violate('never-empty', `a flip to ${site} left it at ${after.active}`);
  return broken;
}

const markerOf = (reading: TargetReading) => (reading.status === 'read' ? (reading.markerEpoch ?? null) : null);

/** Promise 8: what is kept of a decision says why, in words, and what was seen of both sites. */
export function checkDecision(sites: readonly string[], row: Pick<DecisionRow, 'decision' | 'health'>): Broken[] {
  const { decision, health } = row;
  const broken: Broken[] = [];
  if (decision.sentence.trim() === '')
    broken.push({ invariant: 'nothing-is-silent', detail: `${decision.reason} has no sentence` });
  for (const site of sites.filter((name) => !health.some((each) => each.site === name && each.nodes.length > 0)))
    broken.push({ invariant: 'nothing-is-silent', detail: `${decision.reason}: nothing is kept of ${site}` });
  return broken;
}
