import type { Pair } from '../../core/model/config.ts';
import type { PairRecord } from '../../core/model/record.ts';
import type { Broken } from './checkRecord.ts';
import type { FenceTruth } from './fenceTruth.ts';

interface Facts {
  pair: Pair;
  fenceTruth: FenceTruth;
}

/** Promise 1: what is said of a fence is true when it is written. */
export function checkFenceWords(before: PairRecord, after: PairRecord, { fenceTruth }: Facts): Broken[] {
  const isOpen = (site: string) => !fenceTruth.isShut(site) && !fenceTruth.wasDisturbed(site);
  const called = Object.values(after.fences)
    .filter(({ site, state }) => state === 'set' && before.fences[site]?.state !== 'set' && isOpen(site))
    .map(({ site }) => ({ invariant: 'fence-is-real', detail: `the fence of ${site} is called set, and it is open` }));
  const isNew = (id: string) => !before.ended.some((each) => each.id === id);
  const reported = after.ended
    .filter(({ id, phase, fenced, from }) => isNew(id) && phase === 'finished' && fenced === 'fenced' && isOpen(from))
    .map(({ id, from }) => ({ invariant: 'fence-is-real', detail: `${id} is called fenced, and ${from} is open` }));
  return [...called, ...reported];
}

/** Section 8: a planned move never leaves a side that is open; nor does a failover whose policy waits for a person then. */
export function checkLeftOpen(before: PairRecord, { operation }: PairRecord, { pair, fenceTruth }: Facts): Broken[] {
  if (operation?.phase !== 'committed' || before.operation?.phase !== 'claimed') return [];
  const { id, verb, from, overrides } = operation;
  const mayBeOpen = verb === 'failover' && (pair.failover.unfenced === 'allow' || overrides.includes('fence-ready'));
  if (mayBeOpen || fenceTruth.isShut(from) || fenceTruth.wasDisturbed(from)) return [];
  const words = verb === 'failover' ? 'a failover that was to wait for a person' : 'a planned move';
  return [{ invariant: 'no-side-is-left-open', detail: `${id}, ${words}, leaves ${from} open` }];
}
