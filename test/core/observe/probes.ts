import fc from 'fast-check';
import type { Pair } from '../../../core/model/config.ts';
import type { HealthState, NodeState, PairWindow } from '../../../core/model/health.ts';
import { type CheckResult, type FailureClass, failureClasses, type NodeProbe } from '../../../core/model/probe.ts';
import { siteHealth } from '../../../core/observe/siteHealth.ts';
import { emptyWindow, observe } from '../../../core/observe/window.ts';
import { testConfig } from '../../support/world.ts';

/** Any policy that the configuration accepts, as far as counting depends on it, over a site of three nodes. */
export const anyPair: fc.Arbitrary<Pair> = fc
  .record({
    fall: fc.integer({ min: 1, max: 5 }),
    rise: fc.integer({ min: 1, max: 6 }),
    minNodes: fc.integer({ min: 1, max: 3 }),
    alarmsAfter: fc.constantFrom('0s', '10s', '5m'),
    metadataStalledAfter: fc.constantFrom('0s', '10s'),
  })
  .map((probe) => testConfig({ probe }).pairs[0] as Pair);

/** What a probe found; `pass`: messages went through, and a full one declared as well. */
export type Found = FailureClass | 'pass';

export const votingClasses = (Object.keys(failureClasses) as FailureClass[]).filter(
  (name) => failureClasses[name].weight === 'votes',
);

export interface ProbeStep {
  node: string;
  depth: NodeProbe['depth'];
  found: Found;
  /** Since the probe before it began. */
  afterMs: number;
  tookMs: number;
}

const anyFound = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Found>('pass') },
  { weight: 3, arbitrary: fc.constantFrom<Found>(...votingClasses) },
  { weight: 2, arbitrary: fc.constantFrom<Found>(...(Object.keys(failureClasses) as FailureClass[])) },
);

/** What happens to be probed: every kind of result, in time and late. */
export const anySteps: fc.Arbitrary<ProbeStep[]> = fc.array(
  fc.record({
    node: fc.constantFrom('bj1', 'bj2', 'bj3'),
    depth: fc.constantFrom<NodeProbe['depth']>('kept', 'full'),
    found: anyFound,
    afterMs: fc.constantFrom(0, 300, 1_000, 1_500, 5_000, 40_000),
    tookMs: fc.constantFrom(1, 500, 2_000),
  }),
  { maxLength: 30 },
);

/** The probes of these steps, in the order in which they began. */
export function probesOf(steps: readonly ProbeStep[]): NodeProbe[] {
  let startedAtMs = 1_000;
  return steps.map(({ node, depth, found, afterMs, tookMs }) => {
    startedAtMs += afterMs;
    return probeOf({ node, depth, found, startedAtMs, tookMs });
  });
}

/** One probe as the ladder reports it. */
export function probeOf(options: Omit<ProbeStep, 'afterMs'> & { startedAtMs: number }): NodeProbe {
  const { node, depth, found, startedAtMs, tookMs } = options;
  const checks: CheckResult[] = [];
  const serves = ['pass', 'metadata-stalled', 'management-only', 'partitioned'].includes(found);
  if (serves) checks.push({ check: 'publish-confirm-get', status: 'pass', latencyMs: tookMs });
  if (found === 'pass' && depth === 'full') checks.push({ check: 'declare', status: 'pass', latencyMs: tookMs });
  if (found !== 'pass') checks.push({ check: 'tcp', status: 'fail', latencyMs: tookMs, class: found, detail: '' });
  return { site: 'beijing', node, depth, startedAtMs, finishedAtMs: startedAtMs + tookMs, checks };
}

export function windowAfter(pair: Pair, probes: readonly NodeProbe[]): PairWindow {
  return probes.reduce((window, each) => observe(window, each, pair.probe), emptyWindow(pair, 0, 0));
}

/** When the last probe began, and when all have ended. */
export function timesOf(probes: readonly NodeProbe[]) {
  const begins = probes.map(({ startedAtMs }) => startedAtMs);
  const ends = probes.map(({ finishedAtMs }) => finishedAtMs);
  return { lastBeganMs: Math.max(1_000, ...begins), endedMs: Math.max(1_000, ...ends) };
}

export const stateOf = (pair: Pair, window: PairWindow, nowMs: number): HealthState =>
  siteHealth(window, 'beijing', pair.probe, nowMs).state;

export const nodeStateOf = (window: PairWindow, node: string): NodeState | undefined =>
  window.sites.beijing?.[node]?.state;

/** How bad a site is. What is suspect and what is not known are not better or worse than each other. */
export const badness: Record<HealthState, number> = { up: 0, degraded: 1, suspect: 2, unknown: 2, down: 3 };
