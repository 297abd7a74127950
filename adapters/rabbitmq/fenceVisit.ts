import type { Clock } from '../../core/flow/ports.ts';
import type { Pair } from '../../core/model/config.ts';
import type { FenceReading } from '../../core/model/fence.ts';
import type { Credentials, CredentialsSource } from './failure.ts';
import { Budget } from './fenceBudget.ts';
import { FenceClient } from './fenceClient.ts';
import { type FenceNode, type Finding, settled } from './fenceFinding.ts';
import { refusesTcp } from './fenceLogin.ts';
import { greet } from './fenceNode.ts';
import { within } from './ladder.ts';
import type { ManagementApi } from './managementApi.ts';

export interface FencerOptions {
  pair: Pair;
  /** This prober's own name; part of the name of the login that is to be refused. */
  vantage: string;
  clock: Clock;
  /**
   * By site: an administrator, and an application's login that proves the fence by its refusal. A rotated password is
   * picked up at the next call.
   */
  credentials: Record<string, { operator: CredentialsSource; proof: CredentialsSource | null }>;
}

/** Between two rounds at one node. */
const pauseMs = 100;
/** A round with less time than this is not begun: it would replace a finding by its own haste. */
const shortestRoundMs = 250;

/** Where, and about whom; the signal ends it. */
export interface Errand {
  site: string;
  users: readonly string[];
  signal: AbortSignal;
}

/** One call of the fencer: a site, the logins of this moment, and the time that is left. */
export class FenceVisit {
  readonly budget: Budget;
  readonly #options: FencerOptions;
  readonly #api: ManagementApi;
  readonly #site: string;
  readonly #users: readonly string[];
  readonly #signal: AbortSignal;

  constructor(options: FencerOptions, api: ManagementApi, { site, users, signal }: Errand, budgetMs: number) {
    this.#options = options;
    this.#api = api;
    this.#site = site;
    this.#users = users;
    this.#signal = signal;
    this.budget = new Budget(options.clock, budgetMs);
  }

  /** The nodes of the site, to be worked on; null when the operator's login cannot be read. */
  async open(): Promise<FenceNode[] | null> {
    const { pair, vantage, credentials } = this.#options;
    const site = pair.sites[this.#site];
    const sources = credentials[this.#site];
    if (!site || !sources) return null;
    const [operator, proof] = await Promise.all([
      this.#read(sources.operator),
      sources.proof && this.#read(sources.proof),
    ]);
    if (operator === 'unreadable') return null;
    return site.nodes.map((node) => ({
      node,
      client: new FenceClient(this.#api, node, operator),
      vhost: site.vhost,
      users: this.#users,
      peers: site.nodes.map(({ name }) => name),
      proof,
      connectionName: `warren probe ${vantage} fence`,
      closing: new Set(),
    }));
  }

  /** One finding of each node, side by side. */
  async once(work: (place: FenceNode, budget: Budget) => Promise<Finding>): Promise<FenceReading> {
    return this.#reading((places) => places.map((place) => work(place, this.budget)));
  }

  /**
   * Works at each node until nothing is left to do there or the budget is spent; only the greeting is waited for when no node
   * is of use, because a dead site must not cost the whole budget.
   */
  async untilDone(work: (place: FenceNode, budget: Budget) => Promise<Finding>): Promise<FenceReading> {
    return this.#reading((places) => {
      const short = this.budget.part(1 / 4);
      const greetings = places.map((place) => greet(place, short));
      const isDead = Promise.all(greetings).then((findings) => findings.every((finding) => finding !== null));
      return places.map(async (place, index) => {
        const finding = await greetings[index];
        if (finding && (finding.done || (await isDead))) return finding;
        return this.#repeat(() => work(place, this.budget));
      });
    });
  }

  async #repeat(work: () => Promise<Finding>): Promise<Finding> {
    for (;;) {
      const finding = await work();
      const isLast = this.#signal.aborted || this.budget.leftMs < pauseMs + shortestRoundMs;
      if (finding.done || isLast) return finding;
      await this.#options.clock.sleep(pauseMs, this.#signal);
    }
  }

  async #reading(work: (places: FenceNode[]) => Promise<Finding>[]): Promise<FenceReading> {
    const places = await this.open();
    const names = this.#options.pair.sites[this.#site]?.nodes.map(({ name }) => name) ?? [];
    const findings = await Promise.all(places ? this.#unlessNobody(places, work) : this.#unopened());
    const nodes = findings.map(({ verdict, detail }, index) => ({ node: names[index] ?? '', verdict, detail }));
    return { site: this.#site, nodes };
  }

  /** A fence against nobody is none: it must never be taken for proven. */
  #unlessNobody(places: FenceNode[], work: (places: FenceNode[]) => Promise<Finding>[]): Promise<Finding>[] {
    const isNobody = this.#users.length === 0 && places.length > 0;
    return isNobody ? places.map(async () => settled('unknown', 'there are no users to be fenced')) : work(places);
  }

  #unopened(): Promise<Finding>[] {
    const nodes = this.#options.pair.sites[this.#site]?.nodes ?? [];
    return nodes.map(async ({ amqp }) => {
      const isDown = await refusesTcp(amqp, this.budget.leftMs);
      if (isDown) return settled('down', 'refuses AMQP connections');
      return settled('unknown', 'the operatorCredentials could not be read');
    });
  }

  async #read(source: CredentialsSource): Promise<Credentials | 'unreadable'> {
    const longestMs = this.budget.part(1 / 4).leftMs;
    return within(longestMs, source(), () => new Error('too late')).catch(() => 'unreadable');
  }
}
