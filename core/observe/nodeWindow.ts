import type { ProbePolicy } from '../model/config.ts';
import type { Conditions, Finding, NodeState, NodeWindow } from '../model/health.ts';
import { type FailureClass, failureClasses, type NodeProbe } from '../model/probe.ts';
import { refusalRecheckMs } from './schedule.ts';

/**
 * How one probe counts:
 *
 * | the probe found                              | counts as                                          |
 * |----------------------------------------------|----------------------------------------------------|
 * | nothing, and messages went through           | a pass                                             |
 * | a class that votes                           | a serving failure, unless the kept connection is   |
 * |                                              | alive or a later probe passed                      |
 * | a condition that votes later, old enough     | a condition failure                                |
 * | a condition that votes later, not old enough | a warning; and the end of failures of other classes |
 * | only classes that alert                      | nothing: neither counts nor resets; but as long as |
 * |                                              | it is the last result, the node cannot be judged   |
 */
type Verdict = 'pass' | 'serving-failure' | 'condition-failure' | 'warning' | 'abstain';

export function unseenNode(node: string, nowMs: number, inheritedSinceMs: Conditions = {}): NodeWindow {
  return {
    node,
    state: 'unseen',
    sinceMs: nowMs,
    servingFailures: 0,
    conditionFailures: 0,
    passes: 0,
    lastFailureStartedAtMs: null,
    lastFailureEndedAtMs: null,
    firstFailureAtMs: null,
    keptAlive: false,
    keptBrokenAtMs: null,
    keptPassedAtMs: null,
    keptAnsweredStartMs: null,
    lastPassStartedAtMs: { kept: null, full: null },
    lastResultAtMs: null,
    findings: { kept: [], full: [] },
    conditionSinceMs: {},
    inheritedSinceMs,
    fullRequestedAtMs: null,
    identity: null,
  };
}

/** The recent past of a node after one more probe. */
export function observeNode(before: NodeWindow, probe: NodeProbe, policy: ProbePolicy): NodeWindow {
  const found = findingsOf(probe);
  const findings = [...found, ...notTriedAgain(before, probe)];
  if (isOutdated(before, probe, found)) return { ...before, ...answered(before, probe) };
  const conditions = conditionsAfter(before, probe, findings);
  const verdict = judge(before, probe, found, conditions.conditionSinceMs, policy);
  const node: NodeWindow = {
    ...before,
    ...count(before, probe, verdict, policy),
    findings: findingsAfter(before, probe, findings),
    ...conditions,
    ...keptAfter(before, probe, verdict),
    lastPassStartedAtMs: served(probe)
      ? { ...before.lastPassStartedAtMs, [probe.depth]: probe.startedAtMs }
      : before.lastPassStartedAtMs,
    lastResultAtMs: Math.max(before.lastResultAtMs ?? 0, probe.finishedAtMs),
    identity: probe.identity ?? before.identity,
  };
  const state = stateAfter(before, node, verdict, policy);
  return { ...node, state, sinceMs: state === before.state ? before.sinceMs : probe.finishedAtMs };
}

/**
 * A full probe that passes has also done what a kept one does, and ends what that had found. One that fails takes the place of what
 * a kept connection that is gone had failed with: nobody exercises that any more.
 */
function findingsAfter(before: NodeWindow, probe: NodeProbe, findings: Finding[]): NodeWindow['findings'] {
  if (probe.depth === 'full' && findings.length === 0 && served(probe)) return { kept: [], full: [] };
  if (probe.depth === 'full' && !before.keptAlive && findings.some(votes))
    return { kept: before.findings.kept.filter((finding) => !votes(finding)), full: findings };
  return { ...before.findings, [probe.depth]: findings };
}

export function findingsOf(probe: NodeProbe): Finding[] {
  return probe.checks.flatMap((check) =>
    check.status === 'fail' ? [{ class: check.class, detail: check.detail }] : [],
  );
}

/** Messages went through: a publish was confirmed and got back. */
export function served(probe: NodeProbe): boolean {
  return probe.checks.some(({ check, status }) => check === 'publish-confirm-get' && status === 'pass');
}

/**
 * A stalled declare keeps a channel of the broker busy, so it is not tried again at once. Meanwhile its finding stands,
 * but only declares that were tried count.
 */
function notTriedAgain(before: NodeWindow, probe: NodeProbe): Finding[] {
  const skipped = probe.checks.some(({ check, status }) => check === 'declare' && status === 'skipped');
  return skipped ? before.findings.full.filter((finding) => finding.class === 'metadata-stalled') : [];
}

/**
 * Rechecks overlap, so a slow result can arrive after that of a probe that started later: a failure after a pass, or the
 * pass of a full probe, whose message went through long before it ended, after a failure.
 */
function isOutdated(before: NodeWindow, probe: NodeProbe, found: Finding[]): boolean {
  if (probe.depth === 'full' && served(probe)) return probe.startedAtMs < (before.lastFailureStartedAtMs ?? 0);
  const { kept, full } = before.lastPassStartedAtMs;
  const newestPassMs = probe.depth === 'full' ? full : Math.max(kept ?? 0, full ?? 0);
  return found.length > 0 && newestPassMs !== null && newestPassMs > probe.startedAtMs;
}

const votes = (finding: Finding) => failureClasses[finding.class].weight === 'votes';
const votesLater = (finding: Finding) => failureClasses[finding.class].weight === 'votes-later';

/** An alarm is over when a publish is confirmed; stalled metadata when a declare succeeds. Nothing else says so. */
function conditionsAfter(before: NodeWindow, probe: NodeProbe, findings: Finding[]) {
  const [since, inherited] = [{ ...before.conditionSinceMs }, { ...before.inheritedSinceMs }];
  const over = (name: FailureClass) => {
    delete since[name];
    delete inherited[name];
  };
  const declared = probe.checks.some(({ check, status }) => check === 'declare' && status === 'pass');
  if (served(probe) && !findings.some((finding) => finding.class === 'alarm')) over('alarm');
  if (declared) over('metadata-stalled');
  for (const { class: name } of findings.filter(votesLater)) since[name] ??= inherited[name] ?? probe.finishedAtMs;
  return { conditionSinceMs: since, inheritedSinceMs: inherited };
}

function judge(
  before: NodeWindow,
  probe: NodeProbe,
  findings: Finding[],
  since: Conditions,
  policy: ProbePolicy,
): Verdict {
  if (findings.length === 0) return served(probe) ? 'pass' : 'abstain';
  if (findings.some(votes)) return isContradicted(before, probe, policy) ? 'warning' : 'serving-failure';
  const matured = findings.filter(votesLater).some((finding) => {
    const afterMs = finding.class === 'alarm' ? policy.alarmsAfterMs : policy.metadataStalledAfterMs;
    return probe.finishedAtMs - (since[finding.class] ?? probe.finishedAtMs) >= afterMs;
  });
  if (matured) return 'condition-failure';
  return findings.some(votesLater) || served(probe) ? 'warning' : 'abstain';
}

/**
 * A fresh connection that fails beside a kept one that works warns, it does not vote. The kept one works as long as its
 * last pass is no older than the next one should be.
 */
function isContradicted({ keptAlive, keptPassedAtMs }: NodeWindow, probe: NodeProbe, policy: ProbePolicy): boolean {
  if (probe.depth !== 'full' || !keptAlive || keptPassedAtMs === null) return false;
  return probe.finishedAtMs - keptPassedAtMs <= 1.25 * policy.recheckMs;
}

function answered({ keptAnsweredStartMs }: NodeWindow, probe: NodeProbe) {
  if (probe.depth === 'full') return { keptAnsweredStartMs };
  return { keptAnsweredStartMs: Math.max(keptAnsweredStartMs ?? probe.startedAtMs, probe.startedAtMs) };
}

/** What is known of the kept connection after this probe. */
function keptAfter(before: NodeWindow, probe: NodeProbe, verdict: Verdict) {
  const { keptAlive, keptPassedAtMs, keptAnsweredStartMs } = before;
  if (probe.depth === 'full')
    return { keptAlive: keptAlive && verdict !== 'serving-failure', keptPassedAtMs, keptAnsweredStartMs };
  const passed = served(probe);
  return {
    keptAlive: passed && probe.finishedAtMs > (before.keptBrokenAtMs ?? Number.NEGATIVE_INFINITY),
    keptPassedAtMs: passed ? probe.finishedAtMs : keptPassedAtMs,
    ...answered(before, probe),
  };
}

function count(before: NodeWindow, probe: NodeProbe, verdict: Verdict, policy: ProbePolicy) {
  let { servingFailures, conditionFailures, passes, lastFailureStartedAtMs } = before;
  const counts =
    probe.startedAtMs - (lastFailureStartedAtMs ?? Number.NEGATIVE_INFINITY) >= separationMs(probe, policy);
  const standing = notTriedAgain(before, probe).length > 0;
  // Only a broker that was reached says that it has an alarm, or cannot declare: whatever failed before is over.
  if (served(probe) || (verdict === 'warning' && findingsOf(probe).some(votesLater))) servingFailures = 0;
  if (verdict === 'serving-failure' && counts) servingFailures += 1;
  if (verdict === 'condition-failure' && counts) conditionFailures += 1;
  // Only a full probe can say that a condition is over: a kept one does not look.
  if (verdict !== 'condition-failure' && served(probe) && probe.depth === 'full' && !standing) conditionFailures = 0;
  const failing = servingFailures + conditionFailures > 0;
  if (failing || (verdict === 'warning' && !served(probe))) passes = 0;
  else if (served(probe)) passes += 1;
  const firstFailureAtMs = failing ? (before.firstFailureAtMs ?? probe.startedAtMs) : null;
  if (counts && verdict.endsWith('-failure')) lastFailureStartedAtMs = probe.startedAtMs;
  const lastFailureEndedAtMs = verdict.endsWith('-failure') ? probe.finishedAtMs : before.lastFailureEndedAtMs;
  return { servingFailures, conditionFailures, passes, firstFailureAtMs, lastFailureStartedAtMs, lastFailureEndedAtMs };
}

/**
 * Failures that began closer together than this are one piece of evidence, not several: a refusal is an answer and may be
 * asked for again soon, silences overlap.
 */
function separationMs(probe: NodeProbe, policy: ProbePolicy): number {
  const refused = findingsOf(probe).every((finding) => finding.class === 'refused');
  return 0.9 * (refused ? refusalRecheckMs(policy) : policy.recheckMs);
}

function stateAfter(before: NodeWindow, node: NodeWindow, verdict: Verdict, policy: ProbePolicy): NodeState {
  const failures = Math.max(node.servingFailures, node.conditionFailures);
  const hadFailed = before.state === 'failed' || before.state === 'recovering';
  // Something answered, which is not what had failed: it cannot be judged, and is not accused by what was before.
  if (verdict === 'abstain' && !node.keptAlive) return 'blind';
  if (failures >= policy.fall) return 'failed';
  if (failures > 0) return hadFailed ? 'failed' : 'suspect';
  if (hadFailed && node.passes < policy.rise) return 'recovering';
  return node.findings.kept.length + node.findings.full.length > 0 ? 'warned' : 'passing';
}
