/** `a`, `a and b`, `a, b and c`. */
export function list(items: string[]): string {
  if (items.length < 2) return items.join('');
  return `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}

/** `1 node`, `3 nodes`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** A length of time as people say it, to two units: `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`. */
export function span(ms: number): string {
  if (ms < 9_950) return `${(Math.max(0, ms) / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return two(Math.floor(seconds / 60), 'min', seconds % 60, 's');
  const minutes = Math.round(seconds / 60);
  if (minutes < 1_440) return two(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
  return two(Math.floor(minutes / 1_440), 'd', Math.floor((minutes % 1_440) / 60), 'h');
}

const two = (large: number, largeUnit: string, small: number, smallUnit: string) =>
  `${large} ${largeUnit}${small > 0 ? ` ${small} ${smallUnit}` : ''}`;

/** A moment in UTC to the second, the same on every host: `2026-01-31 03:04:05Z`. A sentence with it stays the same. */
export function moment(wallMs: number): string {
  return new Date(wallMs).toISOString().replace('T', ' ').replace(/\.\d+/, '');
}
