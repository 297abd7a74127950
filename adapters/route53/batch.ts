import type { Change, ResourceRecordSet } from '@aws-sdk/client-route-53';
import type { Published } from './list.ts';
import { fingerprintOf } from './recordSets.ts';

/**
 * One batch that replaces the marker and every set that is not as wanted. Old sets are deleted exactly as they were read:
 * Route 53 refuses a DELETE that does not match what is there, and with it the whole batch ("ChangeResourceRecordSets"). So
 * a batch that was made from what is no longer true changes nothing, and nobody ever sees a part of one.
 */
export function batchOf(published: Published, wanted: ResourceRecordSet[], marker: ResourceRecordSet): Change[] {
  const there = new Set(published.sets.map(fingerprintOf));
  const kept = new Set(wanted.map(fingerprintOf).filter((fingerprint) => there.has(fingerprint)));
  const without = (sets: ResourceRecordSet[]) => sets.filter((set) => !kept.has(fingerprintOf(set)));
  const old = published.marker ? [published.marker] : [];
  return [
    ...[...old, ...without(published.sets)].map((set) => ({ Action: 'DELETE' as const, ResourceRecordSet: set })),
    ...[marker, ...without(wanted)].map((set) => ({ Action: 'CREATE' as const, ResourceRecordSet: set })),
  ];
}
