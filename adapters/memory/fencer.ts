import { type Clock, FenceError, type Fencer } from '../../core/flow/ports.ts';
import type { SavedLimits } from '../../core/model/record.ts';
import { createFaults, type Fault } from './faults.ts';
import { HeldSite, type NodeState, uncounted } from './heldSite.ts';

export type { NodeState } from './heldSite.ts';

type Method = keyof Fencer;

/** A fencer that shuts nobody out but those it was told of, and can be treated as badly as a real one. */
export interface MemoryFencer extends Fencer {
  setNode(site: string, node: string, state: NodeState, options?: { takesWrites?: boolean }): void;
  /** The same for every node of a site. */
  setSite(site: string, state: NodeState, options?: { takesWrites?: boolean }): void;
  /** What is written reaches the node so much later, in the order in which it was written; 0: at once, and what is late now. */
  setLag(site: string, node: string, lagMs: number): void;
  /** An administrator sets a limit; null: none. */
  setLimit(site: string, user: string, value: number | null): void;
  setQueue(site: string, queue: string, messages: number): void;
  /** Applications connect. @returns how many were let in */
  connect(site: string, user: string, count: number): number;
  /** One of them goes. */
  disconnect(site: string, user: string): void;
  connections(site: string, user: string): number;
  /** What a node holds, whether it answers or not. */
  limits(site: string, node: string): SavedLimits;
  /** A method that never rejects says `unknown` of every node instead, or counts nothing. */
  failNext(method: Method, error: Error, fault?: Fault): void;
  readonly calls: readonly { method: Method; site: string; budgetMs: number; atMs: number }[];
}

export interface MemoryFencerOptions {
  clock: Clock;
  sites: Record<string, { nodes: readonly string[]; users: readonly string[] }>;
  /** How long a call takes when every node answers or is down. */
  latencyMs?: number;
}

export function createMemoryFencer({ clock, sites, latencyMs = 0 }: MemoryFencerOptions): MemoryFencer {
  const faults = createFaults<Method>();
  const calls: { method: Method; site: string; budgetMs: number; atMs: number }[] = [];
  const held = new Map(
    Object.entries(sites).map(([site, { nodes, users }]) => [site, new HeldSite(site, nodes, users, clock)]),
  );

  const at = (site: string): HeldSite => {
    const found = held.get(site);
    if (!found) throw new Error(`the pair has no site ${site}`);
    return found;
  };

  /** Does the work before and after the time that it costs, as what is tried again until the budget is spent. */
  const run = <T>(method: Method, site: string, budgetMs: number, work: (held: HeldSite) => T): Promise<T> => {
    calls.push({ method, site, budgetMs, atMs: clock.nowMs() });
    return faults.around(method, async () => {
      work(at(site));
      const costMs = at(site).costMs(budgetMs, latencyMs);
      if (costMs > 0) await clock.sleep(costMs);
      return work(at(site));
    });
  };

  const unproven = (site: string) => (error: Error) => at(site).read(() => ['unknown', error.message]);
  const setNode: MemoryFencer['setNode'] = (site, node, state, { takesWrites = false } = {}) =>
    at(site).become(node, state, takesWrites);

  return {
    look: (site, users, budgetMs) => run('look', site, budgetMs, (held) => held.look(users)).catch(unproven(site)),
    set: (site, users, budgetMs) => run('set', site, budgetMs, (held) => held.shut(users)).catch(unproven(site)),
    release: (site, saved, budgetMs) =>
      run('release', site, budgetMs, (held) => held.reopen(saved)).catch(unproven(site)),
    async readLimits(site, users, budgetMs) {
      const limits = await run('readLimits', site, budgetMs, (held) => held.answering()?.limits);
      if (!limits) throw new FenceError(`no node of ${site} answers`);
      return Object.fromEntries(users.map((user) => [user, limits.get(user) ?? null]));
    },
    survey: (site, users, budgetMs) =>
      run('survey', site, budgetMs, (held) => held.survey(users)).catch(() => ({ site, ...uncounted })),
    setNode,
    setSite: (site, state, options) => {
      for (const node of at(site).nodes.keys()) setNode(site, node, state, options);
    },
    setLag: (site, node, lagMs) => at(site).lag(node, lagMs),
    setLimit: (site, user, value) => at(site).write(new Map([[user, value]]), () => true),
    setQueue: (site, queue, messages) => void at(site).queues.set(queue, messages),
    connect: (site, user, count) => at(site).connect(user, count),
    disconnect: (site, user) =>
      void at(site).connections.set(user, Math.max(0, (at(site).connections.get(user) ?? 0) - 1)),
    connections: (site, user) => at(site).connections.get(user) ?? 0,
    limits: (site, node) => Object.fromEntries(at(site).nodes.get(node)?.limits ?? []),
    failNext: faults.failNext,
    calls,
  };
}
