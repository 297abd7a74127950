import type { Pair } from '../../core/model/config.ts';
import { type FailureClass, failureClasses } from '../../core/model/probe.ts';
import type { PairRecord } from '../../core/model/record.ts';
import type { BrokerFault, Brokers } from './brokers.ts';
import type { Broken } from './checkRecord.ts';

/** Only a fresh connection, or the management API, shows these. */
const seenByFullProbes: readonly FailureClass[] = [
  'auth',
  'tls',
  'not-allowed',
  'metadata-stalled',
  'management-only',
  'partitioned',
  'draining',
];

interface Facts {
  pair: Pair;
  brokers: Brokers;
  nowMs: number;
  allowanceMs(): number;
}

/**
 * Promise 2: whatever is truly wrong with a node of the destination, and has been for longer than this vantage needs to see it,
 * forbids an automatic move; and so does a fence of ours. `isClaim`: it must also have served for as long as `rise` asks.
 */
export function checkDestination(
  { fences }: PairRecord,
  { to, vantage, isClaim }: { to: string; vantage: string; isClaim: boolean },
  facts: Facts,
): Broken[] {
  const { pair, brokers, nowMs } = facts;
  const seen = brokers.faultsSeenBy(vantage, to);
  const present = seen.find(({ fromMs, toMs, class: name }) => toMs > nowMs && nowMs - fromMs > noticedMs(name, facts));
  const broken: Broken[] = [];
  const violate = (detail: string) => void broken.push({ invariant: 'never-to-a-worse-place', detail });
  if (present) violate(`${present.nodes} of ${to}: ${present.class} for ${nowMs - present.fromMs} ms`);
  const lately = seen.find((fault) => wasServingAgainFor(fault, nowMs) < leastRiseMs(pair) && wasNoticed(fault, facts));
  if (isClaim && lately) violate(`${lately.nodes} of ${to} is well again for ${nowMs - lately.toMs} ms only`);
  const fence = fences[to];
  if (fence && fence.state !== 'released') violate(`${to} has a fence of ours, which is ${fence.state}`);
  return broken;
}

const wasServingAgainFor = ({ toMs }: BrokerFault, nowMs: number) =>
  toMs > nowMs ? Number.POSITIVE_INFINITY : nowMs - toMs;

const wasNoticed = ({ fromMs, toMs, class: name }: BrokerFault, facts: Facts) =>
  failureClasses[name].weight === 'votes' && toMs - fromMs > noticedMs(name, facts);

/** How long something may last before a prober that watches must have seen it. */
function noticedMs(name: FailureClass, { pair, allowanceMs }: Facts): number {
  const { recheckMs, timeoutMs, fullEveryMs } = pair.probe;
  const everyMs = seenByFullProbes.includes(name) ? fullEveryMs : recheckMs;
  return everyMs + 2 * timeoutMs + 1_000 + allowanceMs();
}

/** A kept and a fresh connection may both pass in one round, and no more than these. */
const leastRiseMs = ({ probe: { rise, recheckMs } }: Pair) => Math.max(0, Math.ceil(rise / 2) - 1) * 0.9 * recheckMs;
