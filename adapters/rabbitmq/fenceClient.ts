import type { Node } from '../../core/model/config.ts';
import type { Credentials } from './failure.ts';
import { connectionNodesIn, limitIn } from './fenceAnswers.ts';
import type { Budget } from './fenceBudget.ts';
import type { ManagementApi, ManagementCall } from './managementApi.ts';

/**
 * Why something could not be read or written.
 * - `silent`: no answer
 * - `denied`: the operator's login or tag does not do; to try again could lock the account
 * - `missing`: there is no such user, virtual host or page
 * - `odd`: another answer than expected
 */
export class Trouble extends Error {
  override readonly name = 'Trouble';
  readonly kind: 'silent' | 'denied' | 'missing' | 'odd';

  constructor(kind: Trouble['kind'], detail: string) {
    super(detail);
    this.kind = kind;
  }
}

/**
 * One node's management API, as its operator (RabbitMQ HTTP API reference). Every method throws Trouble. Limits of a user need
 * the feature flag `user_limits`, connections by user name 3.10.8 or newer.
 */
export class FenceClient {
  readonly #api: ManagementApi;
  readonly #base: string | undefined;
  readonly #operator: Credentials;

  constructor(api: ManagementApi, node: Node, operator: Credentials) {
    this.#api = api;
    this.#base = node.management;
    this.#operator = operator;
  }

  /** Answers also while a peer hangs. */
  async greet(budget: Budget): Promise<void> {
    await this.#ask('/api/whoami', {}, budget);
  }

  async readLimit(user: string, budget: Budget): Promise<number | null> {
    const limit = limitIn(await this.#ask(`/api/user-limits/${encodeURIComponent(user)}`, {}, budget));
    if (limit === undefined) throw new Trouble('odd', `the limits of ${user} could not be understood`);
    return limit;
  }

  /** Null removes the limit; removing one that is not there is answered alike (204, seen on 3.10.8 and 4.0.5). */
  async writeLimit(user: string, limit: number | null, budget: Budget): Promise<void> {
    const path = `/api/user-limits/${encodeURIComponent(user)}/max-connections`;
    await this.#ask(path, limit === null ? { method: 'DELETE' } : { method: 'PUT', body: { value: limit } }, budget);
  }

  /** Closes every connection of a user at every node. 204 also for nobody, so it proves nothing (seen on 3.10.8 and 4.0.5). */
  async closeConnections(user: string, budget: Budget): Promise<void> {
    const path = `/api/connections/username/${encodeURIComponent(user)}`;
    await this.#ask(path, { method: 'DELETE', reason: 'fenced by warren' }, budget);
  }

  /** The node of each connection of a user, in the whole cluster. */
  async connectionNodes(user: string, budget: Budget): Promise<(string | null)[]> {
    const path = `/api/connections/username/${encodeURIComponent(user)}?columns=node`;
    const nodes = connectionNodesIn(await this.#ask(path, {}, budget));
    if (!nodes) throw new Trouble('odd', `the connections of ${user} could not be understood`);
    return nodes;
  }

  /** The body of any answer 2xx. */
  get(path: string, budget: Budget): Promise<unknown> {
    return this.#ask(path, {}, budget);
  }

  async #ask(path: string, call: ManagementCall, budget: Budget): Promise<unknown> {
    if (this.#base === undefined) throw new Trouble('silent', 'no management address is configured');
    const timeoutMs = budget.leftMs;
    if (timeoutMs === 0) throw new Trouble('silent', 'no time was left to ask');
    const answer = await this.#api.call(this.#base, path, async () => this.#operator, { ...call, timeoutMs });
    if (answer.kind === 'silent') throw new Trouble('silent', `the management API: ${answer.reason}`);
    const { status, body } = answer;
    if (status >= 200 && status < 300) return body;
    if (status === 401 || status === 403) {
      const cure = 'check the password in operatorCredentials, and the tag `administrator`';
      throw new Trouble('denied', `the management API answers ${status}: ${cure}`);
    }
    const detail = `the management API answers ${status} to ${call.method ?? 'GET'} ${path}`;
    throw new Trouble(status === 404 ? 'missing' : 'odd', detail);
  }
}
