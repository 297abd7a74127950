import { textIn } from './rdata.ts';

/** Who wrote the record last: a TXT record beside it, changed in the same update. */
export interface Marker {
  pair: string;
  site: string;
  epoch: number;
}

export function markerText({ pair, site, epoch }: Marker): string {
  return `warren pair=${pair} site=${site} epoch=${epoch}`;
}

/** Null: it is not one of Warren's. */
export function parseMarker(data: Buffer): Marker | null {
  const [, pair, site, digits] =
    textIn(data).match(/^warren pair=([a-z0-9-]+) site=([a-z0-9-]+) epoch=(\d{1,16})$/) ?? [];
  const epoch = Number(digits);
  return pair && site && Number.isSafeInteger(epoch) ? { pair, site, epoch } : null;
}
