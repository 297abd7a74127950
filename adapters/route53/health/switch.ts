import type { SwitchCopyConfig } from '../../../core/model/targets/route53Health.ts';

/** Where the switch is to be set, and who says so. */
export interface Order {
  pair: string;
  site: string;
  epoch: number;
}

/** What a copy of the switch says. */
export interface SwitchText extends Order {
  /** Grows with each write of one epoch, so that no two writes leave the same text, and so the same ETag. */
  write: number;
}

export function switchText({ pair, site, epoch, write }: SwitchText): string {
  return `${searchString(pair, site)}${epoch} write=${write}`;
}

/** @returns null when it is not one that Warren wrote */
export function parseSwitch(text: string): SwitchText | null {
  const parts = text.trim().match(/^warren pair=([a-z0-9-]+) site=([a-z0-9-]+) epoch=(\d{1,15}) write=(\d{1,15})$/);
  if (!parts) return null;
  const [, pair = '', site = '', epoch, write] = parts;
  return { pair, site, epoch: Number(epoch), write: Number(write) };
}

/**
 * What a health checker looks for in a copy, to know that it sends traffic to `site`. It ends behind the name, because the name
 * of one site may begin like that of the other.
 */
export function searchString(pair: string, site: string): string {
  return `warren pair=${pair} site=${site} epoch=`;
}

/** Where health checkers find a copy (S3 user guide, "Virtual hosting of buckets"). */
export function hostOf({ bucket, region }: SwitchCopyConfig): string {
  return `${bucket}.s3.${region}.amazonaws.com`;
}
