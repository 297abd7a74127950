import type { Pair, ProbePolicy } from '../model/config.ts';
import type { Conditions, NodeWindow, PairWindow } from '../model/health.ts';
import type { NodeProbe, TimedHint } from '../model/probe.ts';
import { observeNode, unseenNode } from './nodeWindow.ts';

/** By site and node: since when a process before this one saw a condition, on this one's monotonic clock. */
export type Inherited = Record<string, Record<string, Conditions>>;

/** A window that has seen nothing yet. */
export function emptyWindow(pair: Pair, generation: number, nowMs: number, inherited: Inherited = {}): PairWindow {
  const sites: PairWindow['sites'] = {};
  for (const [site, { nodes }] of Object.entries(pair.sites)) {
    sites[site] = Object.fromEntries(nodes.map(({ name }) => [name, unseenNode(name, nowMs, inherited[site]?.[name])]));
  }
  return { generation, startedAtMs: nowMs, sites };
}

/** The window after one more probe. Probes that started before the window did are from another life and are ignored. */
export function observe(window: PairWindow, probe: NodeProbe, policy: ProbePolicy): PairWindow {
  const before = window.sites[probe.site]?.[probe.node];
  if (!before || probe.startedAtMs < window.startedAtMs) return window;
  const after = observeNode(before, probe, policy);
  const next = withNode(window, probe.site, after);
  const newlyInDoubt = before.state !== after.state && (after.state === 'suspect' || after.state === 'failed');
  return newlyInDoubt ? requestFullProbes(next, probe.site, probe.finishedAtMs) : next;
}

/** A kept connection broke or was blocked: no failure yet, but the whole site is probed now. */
export function observeHint(window: PairWindow, hint: TimedHint): PairWindow {
  const node = window.sites[hint.site]?.[hint.node];
  if (!node) return window;
  // A pass that ended later was of a new connection; results and hints can arrive in either order.
  const keptAlive = node.keptAlive && (node.keptPassedAtMs ?? 0) > hint.atMs;
  const broken = { ...node, keptAlive, keptBrokenAtMs: hint.atMs };
  return requestFullProbes(withNode(window, hint.site, broken), hint.site, hint.atMs);
}

/**
 * The window of a prober that could see nothing until now: which nodes it took for silent, or refusing, says nothing about them. What
 * brokers said themselves goes on. Probes that are still under way count no more than those before.
 */
export function withoutAccusations(window: PairWindow, nowMs: number): PairWindow {
  const forget = (node: NodeWindow) =>
    node.servingFailures > 0 ? unseenNode(node.node, nowMs, node.conditionSinceMs) : node;
  const sites = Object.entries(window.sites).map(([site, nodes]) => [
    site,
    Object.fromEntries(Object.entries(nodes).map(([name, node]) => [name, forget(node)])),
  ]);
  return { ...window, startedAtMs: nowMs, sites: Object.fromEntries(sites) };
}

function withNode(window: PairWindow, site: string, node: NodeWindow): PairWindow {
  return { ...window, sites: { ...window.sites, [site]: { ...window.sites[site], [node.node]: node } } };
}

function requestFullProbes(window: PairWindow, site: string, nowMs: number): PairWindow {
  const nodes = Object.values(window.sites[site] ?? {}).map((node) => [
    node.node,
    { ...node, fullRequestedAtMs: nowMs },
  ]);
  return { ...window, sites: { ...window.sites, [site]: Object.fromEntries(nodes) } };
}
