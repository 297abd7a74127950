import type { Node, Pair } from '../model/config.ts';
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
  const lines = openLines(pair);
  let probes: NodeProbe[] = [];
  let hints: TimedHint[] = [];
  let references: { seen: ReferenceProbe[]; atMs: number } | null = null;
  let arrived = new AbortController();
  let woken = false;
  // An abort without a reason of its own makes an error with a stack trace, several times a second.
  const ring = () => arrived.abort('arrived');
  prober.onHint((hint) => {
    hints.push({ ...hint, atMs: clock.monotonicMs() });
    ring();
  });

  async function run(line: Line): Promise<void> {
    line.startedAtMs = clock.monotonicMs();
    line.inFlight += 1;
    const result = await prober.probe(line.site, line.node, line.depth);
    probes.push(result);
    line.inFlight -= 1;
    ring();
  }

  return {
    start(scheduled, nowMs) {
      for (const { site, node, depth, dueAtMs } of scheduled) {
        const line = lines[site]?.[node]?.[depth];
        if (line && dueAtMs <= nowMs && mayStart(line)) void run(line);
      }
    },
    async probeNow(site, depth) {
      await Promise.all(Object.values(lines[site] ?? {}).map((ofNode) => run(ofNode[depth])));
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
    lastStarted: (site, node, depth) => lines[site]?.[node]?.[depth].startedAtMs ?? null,
    wake() {
      woken = true;
      ring();
    },
    async wait(ms, signal) {
      if (probes.length === 0 && hints.length === 0 && !woken) {
        arrived = new AbortController();
        signal.addEventListener('abort', ring);
        if (!signal.aborted) await clock.sleep(ms, arrived.signal);
        signal.removeEventListener('abort', ring);
        if (probes.length + hints.length > 0) await clock.sleep(gatherMs, signal);
      }
      woken = false;
    },
  };
}

/** The probes of one depth to one node. */
interface Line {
  readonly site: string;
  readonly node: Node;
  readonly depth: ProbeDepth;
  /** When the last one was started (monotonic); null: none was. */
  startedAtMs: number | null;
  inFlight: number;
}

/** By site and name of the node. */
function openLines({ sites }: Pair): Record<string, Record<string, Record<ProbeDepth, Line>>> {
  const line = (site: string, node: Node, depth: ProbeDepth) => ({ site, node, depth, startedAtMs: null, inFlight: 0 });
  const linesOf = (site: string, nodes: readonly Node[]) =>
    nodes.map((node) => [node.name, { kept: line(site, node, 'kept'), full: line(site, node, 'full') }] as const);
  return Object.fromEntries(
    Object.entries(sites).map(([site, { nodes }]) => [site, Object.fromEntries(linesOf(site, nodes))]),
  );
}

const mayStart = ({ depth, inFlight }: Line) => inFlight < (depth === 'kept' ? 1 : fullProbesInFlightMax);
