import { refusalWords } from '../../explain/control.ts';
import type { Pair } from '../../model/config.ts';
import type { HealthState } from '../../model/health.ts';
import type { HealthTransition } from '../ports.ts';
import type { HealthSlice } from './control.ts';
import type { ControlOptions } from './options.ts';
import { refuse } from './refuse.ts';

const leastResolutionMs = 60_000;
const slicesMax = 2_000;
/** Of a range with more changes than this, what is older counts as unknown. */
const changesMax = 50_000;
/** How many changes before the range are looked at for the state in which it began. */
const beforeMax = 1_000;

interface Range {
  fromMs: number;
  toMs: number;
  resolutionMs: number;
}

/** The shares of every slice of a range, site by site, oldest first. @throws Refusal `bad-time` */
export async function healthSlices(
  { store, clock }: ControlOptions,
  { name, primary, standby }: Pair,
  range: Range,
): Promise<HealthSlice[]> {
  requireRange(range);
  const { fromMs, toMs } = range;
  const changes = await store.listTransitions(name, { fromMs, toMs, limit: changesMax });
  const before = await store.listTransitions(name, { fromMs: 0, toMs: fromMs - 1, limit: beforeMax });
  const endMs = Math.min(toMs, clock.nowMs());
  return [primary, standby].flatMap((site) => slicesOf(site, periodsOf(site, changes, before, fromMs, endMs), range));
}

function requireRange({ fromMs, toMs, resolutionMs }: Range): void {
  if (!(fromMs < toMs)) refuse('bad-time', refusalWords.badRange());
  const fits = resolutionMs >= leastResolutionMs && (toMs - fromMs) / resolutionMs <= slicesMax;
  if (!fits) refuse('bad-time', refusalWords.badSlices(leastResolutionMs, slicesMax));
}

interface Period {
  fromMs: number;
  toMs: number;
  state: HealthState;
}

/** What a site was, from the beginning of the range to its end, without a gap. Both lists are newest first. */
function periodsOf(
  site: string,
  changes: HealthTransition[],
  before: HealthTransition[],
  fromMs: number,
  endMs: number,
): Period[] {
  const own = changes.filter((change) => change.site === site).toReversed();
  const first = before.find((change) => change.site === site)?.to ?? own[0]?.from ?? 'unknown';
  const starts = [{ fromMs, state: first }, ...own.map(({ atMs, to }) => ({ fromMs: atMs, state: to }))];
  return starts.map((start, index) => ({ ...start, toMs: Math.min(endMs, starts[index + 1]?.fromMs ?? endMs) }));
}

function slicesOf(site: string, periods: Period[], { fromMs, toMs, resolutionMs }: Range): HealthSlice[] {
  const count = Math.ceil((toMs - fromMs) / resolutionMs);
  const slices = Array.from({ length: count }, (_, index): HealthSlice => {
    const beginMs = fromMs + index * resolutionMs;
    return { site, fromMs: beginMs, toMs: Math.min(toMs, beginMs + resolutionMs), shares: {} };
  });
  for (const period of periods) addTo(slices, period, { fromMs, resolutionMs });
  for (const slice of slices) {
    const known = Object.values(slice.shares).reduce((sum, share) => sum + share, 0);
    // Rounding leaves less than this.
    if (known < 1 - 1e-9) slice.shares.unknown = (slice.shares.unknown ?? 0) + 1 - known;
  }
  return slices;
}

function addTo(slices: HealthSlice[], period: Period, { fromMs, resolutionMs }: Omit<Range, 'toMs'>): void {
  let index = Math.floor((period.fromMs - fromMs) / resolutionMs);
  for (let slice = slices[index]; slice && slice.fromMs < period.toMs; slice = slices[++index]) {
    const sharedMs = Math.min(slice.toMs, period.toMs) - Math.max(slice.fromMs, period.fromMs);
    if (sharedMs <= 0) continue;
    slice.shares[period.state] = (slice.shares[period.state] ?? 0) + sharedMs / (slice.toMs - slice.fromMs);
  }
}
