import type { Clock } from '../../core/flow/ports.ts';
import type { FenceReading, FenceVerdict } from '../../core/model/fence.ts';
import type { SiteSurvey } from '../../core/model/operation.ts';
import type { SavedLimits } from '../../core/model/record.ts';

/**
 * - `down`: refuses connections; when it is well again it takes over what a well node knows
 * - `drained`: its management API works, and it takes no connections
 * - `silent`: costs the budget, and is `unknown`; what is written reaches it only if it `takesWrites`
 * - `stalled`: as the peers of a node that hangs. It tells its limits, and neither writes any nor tells who is connected; what is
 *   written reaches it when that is over, if it `takesWrites`
 */
export type NodeState = 'well' | 'drained' | 'down' | 'silent' | 'stalled';

type Limits = Map<string, number | null>;

interface HeldNode {
  state: NodeState;
  takesWrites: boolean;
  limits: Limits;
  /** For how long what is written is on its way. */
  lagMs: number;
  /** What is on its way, in the order in which it was written. */
  late: Limits[];
  /** What was written while it was stalled, and lands afterwards. */
  overdue: Limits[];
}

/** What is said of a site that tells nothing. */
export const uncounted = { connections: null, messages: null, queues: [] };

/** One cluster: limits at every node, so that a write may reach some of them only. */
export class HeldSite {
  readonly #site: string;
  readonly #clock: Clock;
  readonly nodes: Map<string, HeldNode>;
  readonly connections = new Map<string, number>();
  readonly queues = new Map<string, number>();

  constructor(site: string, nodes: readonly string[], users: readonly string[], clock: Clock) {
    this.#site = site;
    this.#clock = clock;
    const newNode = (): HeldNode => ({
      state: 'well',
      takesWrites: false,
      limits: new Map(users.map((user) => [user, null])),
      lagMs: 0,
      late: [],
      overdue: [],
    });
    this.nodes = new Map(nodes.map((node) => [node, newNode()]));
  }

  become(name: string, state: NodeState, takesWrites: boolean): void {
    const node = this.#named(name);
    const peer = this.answering();
    if (node.state === 'down' && state !== 'down' && peer)
      Object.assign(node, { limits: new Map(peer.limits), late: [], overdue: [] });
    const isOver = node.state === 'stalled' && state !== 'stalled';
    Object.assign(node, { state, takesWrites });
    if (isOver) for (const values of node.overdue.splice(0)) this.#reach(node, values);
    if ([...this.nodes.values()].every(takesNoConnections)) this.connections.clear();
  }

  lag(name: string, lagMs: number): void {
    const node = this.#named(name);
    node.lagMs = lagMs;
    if (lagMs === 0) for (const values of node.late.splice(0)) apply(node, values);
  }

  /** A node that says what its limits are. */
  answering(): HeldNode | undefined {
    return [...this.nodes.values()].find(answers);
  }

  /** A node that does what it is asked for. */
  #working(): HeldNode | undefined {
    return [...this.nodes.values()].find(works);
  }

  /** Silent nodes cost the budget, and a quarter of it when no node answers at all. */
  costMs(budgetMs: number, latencyMs: number): number {
    const silent = [...this.nodes.values()].some(({ state }) => state === 'silent');
    if (!silent) return Math.min(latencyMs, budgetMs);
    return this.answering() ? budgetMs : budgetMs / 4;
  }

  connect(user: string, count: number): number {
    const open = [...this.nodes.values()].filter((node) => !takesNoConnections(node));
    const limits = open.map(({ limits }) => limits.get(user) ?? Number.POSITIVE_INFINITY);
    const connected = this.connections.get(user) ?? 0;
    const letIn = Math.max(0, Math.min(count, Math.max(0, ...limits) - connected));
    this.connections.set(user, connected + letIn);
    return letIn;
  }

  write(values: Limits, reaches = isReached): void {
    for (const node of [...this.nodes.values()].filter(reaches)) this.#reach(node, values);
  }

  #reach(node: HeldNode, values: Limits): void {
    const isOverdue = node.state === 'stalled' && node.takesWrites;
    if (isOverdue) node.overdue.push(values);
    else if (node.lagMs === 0) apply(node, values);
    else this.#send(node, values);
  }

  #send(node: HeldNode, values: Limits): void {
    node.late.push(values);
    void this.#clock.sleep(node.lagMs).then(() => {
      // Not there any more: it came sooner, or the node was down and took over what the others knew.
      if (!node.late.includes(values)) return;
      for (let next = node.late.shift(); next; next = next === values ? undefined : node.late.shift())
        apply(node, next);
    });
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
    if (this.#working()) for (const user of users) this.connections.delete(user);
    const { site, nodes } = this.look(users);
    return { site, nodes: nodes.map((node) => ({ ...node, ...this.#proof(node) })) };
  }

  /** What a look calls it is no proof yet that everybody is shut out. */
  #proof({ node, verdict, detail }: FenceReading['nodes'][number]): { verdict: FenceVerdict; detail: string } {
    if (verdict === 'closed' && this.#named(node).state === 'stalled')
      return { verdict: 'unknown', detail: 'does not tell who is connected' };
    return { verdict: verdict === 'partly' ? 'open' : verdict, detail };
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
    if (!this.#working()) return { site: this.#site, ...uncounted };
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

  #named(name: string): HeldNode {
    const node = this.nodes.get(name);
    if (!node) throw new Error(`${this.#site} has no node ${name}`);
    return node;
  }
}

const works = ({ state }: HeldNode) => state === 'well' || state === 'drained';
const answers = (node: HeldNode) => works(node) || node.state === 'stalled';
const takesNoConnections = ({ state }: HeldNode) => state === 'down' || state === 'drained';
const isReached = (node: HeldNode) => works(node) || node.takesWrites;

function apply(node: HeldNode, values: Limits): void {
  for (const [user, value] of values) node.limits.set(user, value);
}

function verdictOf({ state }: HeldNode): [FenceVerdict, string] | null {
  if (state === 'down') return ['down', 'refuses connections'];
  return state === 'silent' ? ['unknown', 'does not answer'] : null;
}
