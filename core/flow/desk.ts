import type { Pair } from '../model/config.ts';
import type { NodeProbe, ProbeDepth, TimedHint } from '../model/probe.ts';
import type { LastStarted, ScheduledProbe } from '../observe/schedule.ts';
import type { Clock, Prober, ReferenceProbe } from './ports.ts';

/** A slow node must not pile up probes: rechecks overlap, but only so far. */
const fullProbesInFlightMax = 4;

/** What happens to a site reaches its nodes' probes within milliseconds of each other, and should be judged as one. */
const gatherMs = 20;

/** What arrived since somebody last looked. */
export interface Arrived {
  probes: NodeProbe[];
  hints: TimedHint[];
}

/**
 * Where probes are started and their results collected. Probes run beside the loop: a silent node costs its deadline,
 * and must not delay what is known about the others. The loop sleeps here until something arrives.
 */
export interface ProbeDesk {
  /** Starts the probes that are due at `nowMs` (monotonic) and may run. */
  start(scheduled: ScheduledProbe[], nowMs: number): void;
  /** Probes every node of a site now and waits for the results, which `take` then returns. */
  probeNow(site: string, depth: ProbeDepth): Promise<void>;
  /** Looks at the references now and waits. */
  lookAtReferences(): Promise<void>;
  /** Everything that arrived since the last call. */
  take(): Arrived;
  /** What the last look said, and when it ended (monotonic); null: none has yet. */
  references(): { seen: ReferenceProbe[]; atMs: number } | null;
  lastStarted: LastStarted;
  /** Ends the present wait: something else than a probe arrived. */
  wake(): void;
  /** Resolves when something arrives, after `ms`, or when the signal aborts. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

export function openDesk(pair: Pair, prober: Prober, clock: Clock): ProbeDesk {
  const started = new Map<string, number>();
  const inFlight = new Map<string, number>();
  let probes: NodeProbe[] = [];
  let hints: TimedHint[] = [];
  let references: { seen: ReferenceProbe[]; atMs: number } | null = null;
  let arrived = new AbortController();
  let woken = false;
  prober.onHint((hint) => {
    hints.push({ ...hint, atMs: clock.monotonicMs() });
    arrived.abort();
  });

  const key = (site: string, node: string, depth: ProbeDepth) => `${depth} ${site} ${node}`;
  const mayStart = (name: string, depth: ProbeDepth) =>
    (inFlight.get(name) ?? 0) < (depth === 'kept' ? 1 : fullProbesInFlightMax);

  async function run(site: string, nodeName: string, depth: ProbeDepth): Promise<void> {
    const node = pair.sites[site]?.nodes.find(({ name }) => name === nodeName);
    if (!node) return;
    const name = key(site, nodeName, depth);
    started.set(name, clock.monotonicMs());
    inFlight.set(name, (inFlight.get(name) ?? 0) + 1);
    const result = await prober.probe(site, node, depth);
    probes.push(result);
    inFlight.set(name, (inFlight.get(name) ?? 1) - 1);
    arrived.abort();
  }

  return {
    start(scheduled, nowMs) {
      for (const { site, node, depth, dueAtMs } of scheduled) {
        if (dueAtMs <= nowMs && mayStart(key(site, node, depth), depth)) void run(site, node, depth);
      }
    },
    async probeNow(site, depth) {
      const nodes = pair.sites[site]?.nodes ?? [];
      await Promise.all(nodes.map(({ name }) => run(site, name, depth)));
    },
    async lookAtReferences() {
      if (pair.reference.length === 0) return;
      const seen = await prober.probeReferences();
      references = { seen, atMs: clock.monotonicMs() };
    },
    take() {
      const taken = { probes, hints };
      probes = [];
      hints = [];
      return taken;
    },
    references: () => references,
    lastStarted: (site, node, depth) => started.get(key(site, node, depth)) ?? null,
    wake() {
      woken = true;
      arrived.abort();
    },
    async wait(ms, signal) {
      if (probes.length === 0 && hints.length === 0 && !woken) {
        arrived = new AbortController();
        await clock.sleep(ms, AbortSignal.any([arrived.signal, signal]));
        if (probes.length + hints.length > 0) await clock.sleep(gatherMs, signal);
      }
      woken = false;
    },
  };
}
