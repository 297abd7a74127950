import type { ProbePolicy } from '../model/config.ts';
import type {
  Finding,
  HealthState,
  NodeHealth,
  NodeState,
  NodeWindow,
  PairWindow,
  SiteHealth,
} from '../model/health.ts';
import { type FailureClass, failureClasses } from '../model/probe.ts';

/**
 * What the window says about a site now. `previous` only carries `sinceMs` on.
 *
 * | nodes that pass | the others                         | health     |
 * |-----------------|------------------------------------|------------|
 * | all             | -                                  | `up`       |
 * | >= minNodes     | anything                           | `degraded` |
 * | < minNodes      | so many failed that too few remain | `down`     |
 * | < minNodes      | some blind or unseen               | `unknown`  |
 * | < minNodes      | some suspect or recovering         | `suspect`  |
 */
export function siteHealth(
  window: PairWindow,
  site: string,
  policy: ProbePolicy,
  nowMs: number,
  previous?: SiteHealth,
): SiteHealth {
  const windows = Object.values(window.sites[site] ?? {});
  const nodes = windows.map((node) => asOfNow(node, policy, nowMs));
  const state = judgeSite(
    nodes.map((node) => node.state),
    policy.minNodes,
  );
  const firstFailures = nodes.flatMap((node) => node.firstFailureAtMs ?? []);
  const lastFailures = nodes.flatMap((node) => node.lastFailureEndedAtMs ?? []);
  return {
    site,
    state,
    sinceMs: previous?.state === state ? previous.sinceMs : nowMs,
    cause: state === 'up' ? null : causeOf(nodes.flatMap(knownFindings)),
    nodes: nodes.map((node) => nodeHealth(node, nowMs)),
    firstFailureAtMs: firstFailures.length > 0 ? Math.min(...firstFailures) : null,
    lastFailureAtMs: lastFailures.length > 0 ? Math.max(...lastFailures) : null,
  };
}

function nodeHealth(node: NodeWindow, nowMs: number): NodeHealth {
  const { state, servingFailures, conditionFailures, passes } = node;
  const lasting = Object.entries(node.conditionSinceMs).map(([name, sinceMs]) => [name, nowMs - sinceMs]);
  return {
    node: node.node,
    state,
    failures: Math.max(servingFailures, conditionFailures),
    passes,
    findings: knownFindings(node),
    ...(lasting.length > 0 && { lastingMs: Object.fromEntries(lasting) }),
  };
}

function asOfNow(node: NodeWindow, policy: ProbePolicy, nowMs: number): NodeWindow {
  const state = freshState(node, policy, nowMs);
  return state === node.state ? node : { ...node, state };
}

/**
 * Old news never votes. A node that has not been heard of for several turns is as good as unseen; one that failed, and has
 * since only given results that do not vote, cannot be judged any more.
 */
function freshState(node: NodeWindow, policy: ProbePolicy, nowMs: number): NodeState {
  const staleAfterMs = 3 * policy.everyMs + 4 * policy.timeoutMs;
  const isStale = (atMs: number | null) => atMs === null || nowMs - atMs > staleAfterMs;
  if (isStale(node.lastResultAtMs)) return 'unseen';
  const accused = node.state === 'failed' || node.state === 'suspect';
  return accused && isStale(node.lastFailureEndedAtMs) ? 'blind' : node.state;
}

/**
 * What cannot be judged counts as if it passed: a site is down when `minNodes` could not pass even so. Otherwise one more node that
 * passes would be what condemns it.
 */
function judgeSite(nodes: NodeState[], minNodes: number): HealthState {
  const count = (...states: NodeState[]) => nodes.filter((state) => states.includes(state)).length;
  const passing = count('passing', 'warned');
  if (passing === nodes.length && count('warned') === 0) return 'up';
  if (passing >= minNodes) return 'degraded';
  if (nodes.length - count('failed') < minNodes) return 'down';
  return count('blind', 'unseen') > 0 ? 'unknown' : 'suspect';
}

function knownFindings(node: NodeWindow): Finding[] {
  const byClass = new Map<FailureClass, Finding>();
  for (const finding of [...node.findings.kept, ...node.findings.full]) byClass.set(finding.class, finding);
  return [...byClass.values()];
}

/** The class most nodes share, the more serious one first: what votes, then what votes later, then what alerts. */
function causeOf(findings: Finding[]): FailureClass | null {
  const counts = new Map<FailureClass, number>();
  for (const { class: name } of findings) counts.set(name, (counts.get(name) ?? 0) + 1);
  const order = ['votes', 'votes-later', 'alerts'];
  const seriousness = (name: FailureClass) => order.indexOf(failureClasses[name].weight);
  const ranked = [...counts].sort(([a, countA], [b, countB]) => seriousness(a) - seriousness(b) || countB - countA);
  return ranked[0]?.[0] ?? null;
}

/** Classes that a person should hear of, with the nodes that show them. */
export interface Alert {
  site: string;
  class: FailureClass;
  nodes: string[];
  detail: string;
}

/** What does not (or not yet) vote still alerts: one alert per site and class. */
export function alertsOf(health: SiteHealth): Alert[] {
  const alerts = new Map<FailureClass, Alert>();
  for (const { node, findings } of health.nodes) {
    for (const finding of findings.filter(({ class: name }) => failureClasses[name].weight !== 'votes')) {
      const alert = alerts.get(finding.class) ?? {
        site: health.site,
        class: finding.class,
        nodes: [],
        detail: finding.detail,
      };
      alerts.set(finding.class, { ...alert, nodes: [...alert.nodes, node] });
    }
  }
  return [...alerts.values()];
}
