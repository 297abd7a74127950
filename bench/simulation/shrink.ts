import type { Pair } from '../../core/model/config.ts';
import type { Event, Way } from './events.ts';
import type { Violation } from './judge.ts';
import { targetNames, vantageNames } from './policy.ts';
import { runTrace } from './run.ts';
import type { Trace } from './trace.ts';
import type { Mutation } from './world.ts';

/**
 * Makes a trace smaller for as long as the same promise is still broken: fewer pairs, vantages and nodes, then fewer events, and
 * what lasts for a shorter time.
 */
export async function shrink(trace: Trace, { invariant }: Violation, mutation: Mutation = {}): Promise<Trace> {
  let smallest = trace;
  const tries = async (candidates: (from: Trace) => Iterable<Trace>) => {
    for (const candidate of candidates(smallest)) {
      if (!(await breaks(candidate, invariant, mutation))) continue;
      smallest = candidate;
      return true;
    }
    return false;
  };
  for (const candidates of [withOnePair, withFewerVantages, withFewerNodes]) while (await tries(candidates));
  for (let index = trace.events.length - 1; index >= 0; index -= 1) await tries((from) => withoutEvent(from, index));
  for (const candidates of [plainer, withFewerVantages, withFewerNodes]) while (await tries(candidates));
  for (let index = 0; index < smallest.events.length; index += 1) while (await tries((from) => briefer(from, index)));
  while (await tries(sooner));
  return smallest;
}

async function breaks(trace: Trace, invariant: string, mutation: Mutation): Promise<boolean> {
  const { violations } = await runTrace(trace, mutation);
  return violations.some((violation) => violation.invariant === invariant);
}

function* withoutEvent(trace: Trace, index: number): Iterable<Trace> {
  if (trace.events[index]) yield { ...trace, events: trace.events.filter((_, at) => at !== index) };
}

function* withOnePair(trace: Trace): Iterable<Trace> {
  const { pairs } = trace.config;
  if (pairs.length > 1) for (const pair of pairs) yield withPairs(trace, [pair]);
}

function* withFewerVantages(trace: Trace): Iterable<Trace> {
  const names = vantageNames(trace.config.pairs[0] as Pair);
  // A single one would be another policy: it needs to be asked for by number.
  if (names.length <= 2) return;
  for (const name of names) {
    const pairs = trace.config.pairs.map((pair) => ({
      ...pair,
      vantages: pair.vantages.filter((vantage) => vantage.name !== name),
    }));
    yield withPairs(trace, pairs);
  }
}

function* withFewerNodes(trace: Trace): Iterable<Trace> {
  const { probe, sites } = trace.config.pairs[0] as Pair;
  const count = Math.max(...Object.values(sites).map(({ nodes }) => nodes.length));
  if (count <= probe.minNodes) return;
  const pairs = trace.config.pairs.map((pair) => {
    const smaller = Object.entries(pair.sites).map(([name, site]) => [
      name,
      { ...site, nodes: site.nodes.slice(0, count - 1) },
    ]);
    return { ...pair, sites: Object.fromEntries(smaller) };
  });
  yield withPairs(trace, pairs);
}

/** Without what is unusual about the hosts. */
function* plainer(trace: Trace): Iterable<Trace> {
  if (trace.wrongClock) yield { ...trace, wrongClock: null };
  if (trace.runs === 'short') yield { ...trace, runs: 'long' };
}

/** Half as long. */
function* briefer(trace: Trace, index: number): Iterable<Trace> {
  const event = trace.events[index];
  if (!event || !('forMs' in event) || event.forMs < 1_000) return;
  const half: Event = { ...event, forMs: Math.round(event.forMs / 2) };
  yield { ...trace, events: trace.events.with(index, half) };
}

/** With a shorter time before everything is healed. */
function* sooner(trace: Trace): Iterable<Trace> {
  const lastMs = Math.max(0, ...trace.events.map(({ atMs }) => atMs));
  const lengthMs = Math.round((lastMs + trace.lengthMs) / 2);
  if (trace.lengthMs - lengthMs > 1_000) yield { ...trace, lengthMs };
}

/** The trace with these pairs, and without whatever happens to anything else. */
function withPairs(trace: Trace, pairs: Pair[]): Trace {
  const [first] = pairs as [Pair];
  const vantages = vantageNames(first);
  const targets = pairs.flatMap(targetNames);
  const known: Record<string, string[]> = { pair: pairs.map(({ name }) => name), vantage: vantages, target: targets };
  const isKnown = (event: Event) =>
    Object.entries(known).every(([key, names]) => {
      const name: unknown = event[key as keyof Event];
      return name === undefined || name === null || names.includes(String(name));
    });
  const events = trace.events.filter(isKnown).flatMap((event) => knownNodes(event, first, vantages));
  const wrongClock = vantages.includes(trace.wrongClock?.vantage ?? '') ? trace.wrongClock : null;
  return { ...trace, config: { ...trace.config, pairs }, events, wrongClock };
}

/** The event as far as it is about nodes and vantages that are there. */
function knownNodes(event: Event, { sites }: Pair, vantages: string[]): Event[] {
  const all = Object.values(sites).flatMap(({ nodes }) => nodes.map(({ name }) => name));
  const isThere = (node: string) => all.includes(node);
  if (event.kind === 'hung-node') {
    const peers = event.peers.filter(isThere);
    return isThere(event.node) && peers.length > 0 ? [{ ...event, peers }] : [];
  }
  if ('node' in event) return isThere(event.node) ? [event] : [];
  if (event.kind === 'minority')
    return [{ ...event, crashed: event.crashed.filter(isThere), left: event.left.filter(isThere) }];
  if (event.kind === 'drained' || event.kind === 'limits-lag')
    return event.nodes.some(isThere) ? [{ ...event, nodes: event.nodes.filter(isThere) }] : [];
  if (event.kind === 'cut') {
    const isKnown = ({ vantage, node }: Way) => isThere(node) && (vantage === null || vantages.includes(vantage));
    const [ways, paused] = [event.ways.filter(isKnown), event.paused.filter(isThere)];
    return ways.length + paused.length === 0 ? [] : [{ ...event, ways, paused }];
  }
  if (event.kind !== 'fault') return [event];
  const seenBy = event.seenBy?.filter((name) => vantages.includes(name)) ?? null;
  const nodes = event.nodes.filter(isThere);
  return nodes.length === 0 || seenBy?.length === 0 ? [] : [{ ...event, nodes, seenBy }];
}
