import type { DnsTargetConfig } from '../../core/model/targets/dns.ts';
import { types } from './codes.ts';
import { type Marker, parseMarker } from './marker.ts';
import { dataOf, valueIn } from './rdata.ts';
import type { Published } from './zone.ts';

/** What is published means: the site whose values are there, exactly; `split` for anything that is of no one site. */
export function activeSite({ type, values }: DnsTargetConfig, { records }: Published): string {
  if (records.length === 0) return 'none';
  if (records.some((record) => record.type !== types[type])) return 'split';
  const published = records.map(({ data }) => valueIn(type, data));
  const sites = Object.keys(values).filter((site) => sameSet(spelt(type, values[site] ?? []), published));
  return sites[0] ?? 'split';
}

/** The values, what is strange about them, and the marker, for people. */
export function describePublished({ type, values }: DnsTargetConfig, published: Published): string {
  const found = published.records.filter((record) => record.type === types[type]);
  // Servers turn the order round with each answer.
  const shown = found.map(({ data }) => valueIn(type, data)).sort();
  const ours = Object.values(values).flatMap((list) => spelt(type, list));
  const strange = shown.filter((value) => !ours.includes(value));
  const otherTypes = new Set(published.records.flatMap((record) => (found.includes(record) ? [] : [record.type])));
  return [
    `published: ${shown.join(', ') || 'nothing'}`,
    ...missingValues(type, values, shown),
    ...(strange.length === 0 ? [] : [`of neither site: ${strange.join(', ')}`]),
    ...[...otherTypes].map(
      (other) => `instead of ${type} there is ${other === types.CNAME ? 'CNAME' : `type ${other}`}`,
    ),
    describeMarker(published),
  ].join('; ');
}

function missingValues(type: DnsTargetConfig['type'], values: DnsTargetConfig['values'], shown: string[]): string[] {
  return Object.entries(values).flatMap(([site, list]) => {
    const missing = spelt(type, list).filter((value) => !shown.includes(value));
    return missing.length === 0 || missing.length === list.length ? [] : [`missing of ${site}: ${missing.join(', ')}`];
  });
}

function describeMarker({ markers }: Published): string {
  const marker = markerIn({ markers });
  if (marker === null) return 'no marker yet';
  if (marker === 'unknown') return 'the marker is not one of Warren';
  return `marker: pair ${marker.pair}, epoch ${marker.epoch}, ${marker.site}`;
}

/** The epoch of this pair's marker, if there is one. */
export function markerEpochOf(published: Pick<Published, 'markers'>, pair: string): { markerEpoch?: number } {
  const marker = markerIn(published);
  return marker !== null && marker !== 'unknown' && marker.pair === pair ? { markerEpoch: marker.epoch } : {};
}

/** Null: there is none yet. `unknown`: there is something that Warren has not written. */
export function markerIn({ markers }: Pick<Published, 'markers'>): Marker | null | 'unknown' {
  const [first, ...more] = markers;
  if (first === undefined) return null;
  return (more.length === 0 && first.type === types.TXT && parseMarker(first.data)) || 'unknown';
}

function spelt(type: DnsTargetConfig['type'], list: readonly string[]): string[] {
  return list.map((value) => valueIn(type, dataOf(type, value)));
}

function sameSet(ones: string[], others: string[]): boolean {
  return ones.length === others.length && ones.every((one) => others.includes(one));
}
