import { type Clock, FenceError, type Fencer } from '../../core/flow/ports.ts';
import type { FenceReading, FenceVerdict } from '../../core/model/fence.ts';
import type { SiteSurvey } from '../../core/model/operation.ts';
import type { SavedLimits } from '../../core/model/record.ts';
import { createFaults, type Fault } from './faults.ts';

type Method = keyof Fencer;

/**
 * - `down`: refuses connections; when it is well again it takes over what a well node knows
 * - `silent`: costs the budget, and is `unknown`; what is written reaches it only if it `takesWrites`
 */
export type NodeState = 'well' | 'down' | 'silent';

/** A fencer that shuts nobody out but those it was told of, and can be treated as badly as a real one. */
export interface MemoryFencer extends Fencer {
  setNode(site: string, node: string, state: NodeState, options?: { takesWrites?: boolean }): void;
  /** The same for every node of a site. */
  setSite(site: string, state: NodeState, options?: { takesWrites?: boolean }): void;
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
    Object.entries(sites).map(([site, { nodes, users }]) => [site, new HeldSite(site, nodes, users)]),
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

type Limits = Map<string, number | null>;

interface HeldNode {
  state: NodeState;
  takesWrites: boolean;
  limits: Limits;
}

const uncounted = { connections: null, messages: null, queues: [] };

/** One cluster: limits at every node, so that a write may reach some of them only. */
class HeldSite {
  readonly #site: string;
  readonly nodes: Map<string, HeldNode>;
  readonly connections = new Map<string, number>();
  readonly queues = new Map<string, number>();

  constructor(site: string, nodes: readonly string[], users: readonly string[]) {
    this.#site = site;
    const limits = () => new Map(users.map((user) => [user, null]));
    this.nodes = new Map(nodes.map((node) => [node, { state: 'well', takesWrites: false, limits: limits() }]));
  }

  become(name: string, state: NodeState, takesWrites: boolean): void {
    const node = this.nodes.get(name);
    if (!node) throw new Error(`${this.#site} has no node ${name}`);
    const peer = this.answering();
    if (node.state === 'down' && state !== 'down' && peer) node.limits = new Map(peer.limits);
    Object.assign(node, { state, takesWrites });
    if ([...this.nodes.values()].every((each) => each.state === 'down')) this.connections.clear();
  }

  answering(): HeldNode | undefined {
    return [...this.nodes.values()].find(({ state }) => state === 'well');
  }

  /** Silent nodes cost the budget, and a quarter of it when no node answers at all. */
  costMs(budgetMs: number, latencyMs: number): number {
    const silent = [...this.nodes.values()].some(({ state }) => state === 'silent');
    if (!silent) return Math.min(latencyMs, budgetMs);
    return this.answering() ? budgetMs : budgetMs / 4;
  }

  connect(user: string, count: number): number {
    const open = [...this.nodes.values()].filter(({ state }) => state !== 'down');
    const limits = open.map(({ limits }) => limits.get(user) ?? Number.POSITIVE_INFINITY);
    const connected = this.connections.get(user) ?? 0;
    const letIn = Math.max(0, Math.min(count, Math.max(0, ...limits) - connected));
    this.connections.set(user, connected + letIn);
    return letIn;
  }

  write(values: Limits, reaches = ({ state, takesWrites }: HeldNode) => state === 'well' || takesWrites): void {
    for (const node of [...this.nodes.values()].filter(reaches)) {
      for (const [user, value] of values) node.limits.set(user, value);
    }
  }

  look(users: readonly string[]): FenceReading {
    return this.read(({ limits }) => {
      if (users.length === 0) return ['unknown', 'there are no users to be fenced'];
      const open = users.find((user) => limits.get(user) !== 0);
      const shut = users.find((user) => limits.get(user) === 0);
      if (open === undefined) return ['closed', 'every limit is 0'];
      const words = `the limit of ${open} is ${limits.get(open) ?? 'none'}`;
      return shut === undefined ? ['open', words] : ['partly', `the limit of ${shut} is 0, ${words}`];
    });
  }

  shut(users: readonly string[]): FenceReading {
    this.write(new Map(users.map((user) => [user, 0])));
    if (this.answering()) for (const user of users) this.connections.delete(user);
    const { site, nodes } = this.look(users);
    return { site, nodes: nodes.map((node) => (node.verdict === 'partly' ? { ...node, verdict: 'open' } : node)) };
  }

  reopen(saved: SavedLimits): FenceReading {
    this.write(new Map(Object.entries(saved)));
    return this.read(({ limits }) => {
      const shut = Object.keys(saved).find((user) => limits.get(user) === 0 && saved[user] !== 0);
      return shut === undefined ? ['open', 'limits are as they were'] : ['closed', `the limit of ${shut} is 0`];
    });
  }

  read(judge: (node: HeldNode) => [FenceVerdict, string]): FenceReading {
    const nodes = [...this.nodes].map(([node, held]) => {
      const [verdict, detail] = verdictOf(held) ?? judge(held);
      return { node, verdict, detail };
    });
    return { site: this.#site, nodes };
  }

  survey(users: readonly string[]): Omit<SiteSurvey, 'atMs'> {
    if (!this.answering()) return { site: this.#site, ...uncounted };
    const connected = users.reduce((sum, user) => sum + (this.connections.get(user) ?? 0), 0);
    const counted = [...this.queues].filter(([name]) => !name.startsWith('warren.'));
    const queues = counted.map(([name, messages]) => ({ name, messages })).filter(({ messages }) => messages > 0);
    const messages = queues.reduce((sum, queue) => sum + queue.messages, 0);
    return {
      site: this.#site,
      connections: users.length === 0 ? null : connected,
      messages,
      queues: queues.sort((one, other) => other.messages - one.messages).slice(0, 10),
    };
  }
}

function verdictOf({ state }: HeldNode): [FenceVerdict, string] | null {
  if (state === 'down') return ['down', 'refuses connections'];
  return state === 'silent' ? ['unknown', 'does not answer'] : null;
}
