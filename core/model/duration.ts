import * as z from 'zod';

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** A duration as people write it (`500ms`, `5s`, `2m`, `1h`, `7d`), parsed to milliseconds. */
export const duration = z
  .string({ error: 'expected a duration such as 500ms, 5s, 2m or 1h' })
  .regex(/^\d+(ms|s|m|h|d)$/, 'expected a duration such as 500ms, 5s, 2m or 1h')
  .transform((text) => {
    const unit = text.replace(/^\d+/, '') as keyof typeof unitMs;
    return Number.parseInt(text, 10) * unitMs[unit];
  });

/** The shortest exact way to write a duration: 90000 -> `90s`, 3600000 -> `1h`. */
export function formatDuration(ms: number): string {
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    if (ms !== 0 && ms % unitMs[unit] === 0) return `${ms / unitMs[unit]}${unit}`;
  }
  return ms === 0 ? '0s' : `${ms}ms`;
}
