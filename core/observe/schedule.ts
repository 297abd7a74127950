import type { Pair, ProbePolicy } from '../model/config.ts';
import type { NodeWindow, PairWindow } from '../model/health.ts';
import { failureClasses, type ProbeDepth } from '../model/probe.ts';

/** One probe that is due, or the moment (monotonic) at which it will be. */
export interface ScheduledProbe {
  site: string;
  node: string;
  depth: ProbeDepth;
  dueAtMs: number;
}

/** When a probe of this node and depth was last started; null: never. */
export type LastStarted = (site: string, node: string, depth: ProbeDepth) => number | null;

/**
 * Every probe of the pair with the moment it is due.
 *
 * | node is                          | full probe every | kept connection exercised every |
 * |----------------------------------|------------------|---------------------------------|
 * | passing, warned                  | `fullEvery`      | `recheck`                       |
 * | the same, but the kept one is silent | half a `recheck` | -                            |
 * | under a condition about to vote  | `recheck`        | `recheck`                       |
 * | under another condition          | `every`          | `recheck`                       |
 * | unseen, suspect, recovering      | `recheck`        | -                               |
 * | suspect, and the whole site refuses | a third of `recheck` | -                        |
 * | failed, others vote too, and traffic should be there | `recheck` | -                  |
 * | failed, blind                    | `every`          | -                               |
 *
 * A refusal is an answer, and arrives at once: three of them within one `recheck` are worth as much as three silences,
 * which need their full deadline each. So refusing sites are rechecked three times as fast.
 *
 * A vote is as old as the last probe behind it. Where several vantages vote, outages that each of them saw at another time must not
 * add up to one that nobody could see at once. Nobody votes on the side where traffic should not be.
 * @param desired where traffic should be; null: not known yet
 */
export function scheduleProbes(
  window: PairWindow,
  { probe: policy, vantages }: Pick<Pair, 'probe' | 'vantages'>,
  lastStarted: LastStarted,
  desired: string | null,
): ScheduledProbe[] {
  const due: ScheduledProbe[] = [];
  for (const [site, nodes] of Object.entries(window.sites)) {
    const isVotedOn = vantages.length > 1 && (desired === null || site === desired);
    const failedEveryMs = isVotedOn ? policy.recheckMs : policy.everyMs;
    const siteRefuses = Object.values(nodes).every(isRefusing);
    const regularEveryMs = (node: NodeWindow) =>
      node.state === 'failed' ? failedEveryMs : fullEveryMs(node, siteRefuses, policy);
    for (const node of Object.values(nodes)) {
      const started = (depth: ProbeDepth) => lastStarted(site, node.node, depth);
      const [fullMs, keptMs] = [started('full'), started('kept')];
      const regularMs = fullMs === null ? window.startedAtMs : fullMs + regularEveryMs(node);
      const requests = [
        requestedAtMs(node, fullMs, policy),
        unansweredAtMs(node, fullMs, keptMs, window.startedAtMs, policy),
      ];
      due.push({ site, node: node.node, depth: 'full', dueAtMs: Math.min(regularMs, ...requests) });
      const keptDueMs = keptMs === null ? window.startedAtMs : keptMs + policy.recheckMs;
      if (isServing(node)) due.push({ site, node: node.node, depth: 'kept', dueAtMs: keptDueMs });
    }
  }
  return due;
}

/** A request made just after a full probe started waits a little: several nodes in doubt ask for one round, not many. */
function requestedAtMs(node: NodeWindow, fullMs: number | null, policy: ProbePolicy): number {
  if (node.fullRequestedAtMs === null || (fullMs ?? 0) >= node.fullRequestedAtMs) return Number.POSITIVE_INFINITY;
  return Math.max(node.fullRequestedAtMs, (fullMs ?? 0) + refusalRecheckMs(policy));
}

/** The kept connection should have answered long ago: ask in another way instead of waiting for its deadline. */
function unansweredAtMs(
  node: NodeWindow,
  fullMs: number | null,
  keptMs: number | null,
  windowStartMs: number,
  policy: ProbePolicy,
): number {
  const answeredMs = node.keptAnsweredStartMs ?? windowStartMs - 1;
  if (keptMs === null || keptMs <= answeredMs) return Number.POSITIVE_INFINITY;
  return Math.max(keptMs, fullMs ?? 0) + policy.recheckMs / 2;
}

/** How soon a site whose nodes all refuse is probed again. */
export const refusalRecheckMs = (policy: ProbePolicy) => Math.ceil(policy.recheckMs / 3);

const isServing = (node: NodeWindow) => node.state === 'passing' || node.state === 'warned' || node.keptAlive;

function isRefusing({ state, keptAlive, findings: { full } }: NodeWindow): boolean {
  const inDoubt = state === 'suspect' || state === 'failed';
  return inDoubt && !keptAlive && full.length > 0 && full.every((finding) => finding.class === 'refused');
}

function fullEveryMs(node: NodeWindow, siteRefuses: boolean, policy: ProbePolicy): number {
  if (siteRefuses && node.state === 'suspect') return refusalRecheckMs(policy);
  if (node.state === 'blind') return policy.everyMs;
  const conditions = Object.keys(node.conditionSinceMs).length > 0;
  if (node.conditionFailures > 0) return policy.recheckMs;
  const mayVote = node.findings.full.some(({ class: name }) => failureClasses[name].weight !== 'alerts');
  if (conditions || mayVote) return Math.min(policy.everyMs, policy.fullEveryMs);
  if (node.state === 'passing' || node.state === 'warned') return policy.fullEveryMs;
  return policy.recheckMs;
}
