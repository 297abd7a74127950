import type { ResourceRecordSet } from '@aws-sdk/client-route-53';

/** What the marker says: which decision of which pair the record follows. */
export interface Marker {
  pair: string;
  site: string;
  epoch: number;
  /** Grows with each write of one epoch, so that no two writes leave the same marker. */
  write: number;
}

/** Nobody has to resolve it quickly. */
const markerTtlSeconds = 60;

/** Where the marker of a record is. A and CNAME of one name exclude each other; A and AAAA may be two targets. */
export function markerNameOf({ record, type }: { record: string; type: string }): string {
  return `_warren${type === 'AAAA' ? '-aaaa' : ''}.${record}`;
}

/** A TXT value is in quotation marks (developer guide, "TXT record type"); nothing in ours needs an escape. */
export function markerSet(name: string, { pair, site, epoch, write }: Marker): ResourceRecordSet {
  const value = `"warren pair=${pair} site=${site} epoch=${epoch} write=${write}"`;
  return { Name: name, Type: 'TXT', TTL: markerTtlSeconds, ResourceRecords: [{ Value: value }] };
}

/** @returns null when it is not one that Warren wrote */
export function parseMarker({ ResourceRecords = [], SetIdentifier }: ResourceRecordSet): Marker | null {
  const [only, ...others] = ResourceRecords;
  const parts = only?.Value?.match(/^"warren pair=([a-z0-9-]+) site=([a-z0-9-]+) epoch=(\d{1,15}) write=(\d{1,15})"$/);
  if (!parts || others.length > 0 || SetIdentifier !== undefined) return null;
  const [, pair = '', site = '', epoch, write] = parts;
  return { pair, site, epoch: Number(epoch), write: Number(write) };
}
