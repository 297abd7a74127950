import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Node } from '../../../core/model/config.ts';
import { type BrokerBehaviour, FakeBroker } from './fakeBroker.ts';

export const operator = { username: 'operator', password: 'all+powerful/7' };
export const application = { username: 'app', password: 'trading&floor=9' };

/** What RabbitMQ 3.10.8 says when a user's limit is reached. */
const limitReached = {
  code: 530,
  text: "NOT_ALLOWED - connection refused for user 'app': user connection limit (0) is reached",
};

type Limits = Map<string, Record<string, number>>;
type Answer = { status: number; body?: unknown };

/**
 * A cluster as far as a fence meets it: what its management APIs share, and a broker at each node that refuses the user `app`
 * while its limit is 0. It writes down what no client should ask.
 */
export class FakeCluster {
  readonly nodes: FakeNode[];
  readonly users = new Set(['app', 'batch', 'salvage', 'operator', 'a/b c']);
  readonly limits: Limits = new Map();
  connections: { user: string; node: string }[] = [];
  /** Null: no node knows how many. */
  readonly queues = new Map<string, number | null>();
  operatorTag: 'administrator' | 'monitoring' = 'administrator';
  /** Whether closing a connection ends it. */
  closes = true;
  readonly mistakes: string[] = [];

  constructor(names: string[]) {
    this.nodes = names.map((name) => new FakeNode(this, name));
  }

  listen(): Promise<Node[]> {
    return Promise.all(this.nodes.map((node) => node.listen()));
  }

  node(name: string): FakeNode {
    const found = this.nodes.find((node) => node.name === name);
    if (!found) throw new Error(`there is no node ${name}`);
    return found;
  }

  async close(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
  }
}

export class FakeNode {
  readonly name: string;
  readonly asked: string[] = [];
  readonly broker = new FakeBroker();
  /** Answers nothing at all. */
  silent = false;
  /** A peer hangs: what needs all nodes does not return, and the limits of this one can be read. */
  peerHangs = false;
  /** After a silent split: it keeps limits of its own. */
  apart: Limits | null = null;
  /** What it says to an application's login, whatever the limit is. */
  admits: BrokerBehaviour['vhost'] | null = null;
  readonly #cluster: FakeCluster;
  readonly #server = http.createServer((request, response) => void this.#serve(request, response));

  constructor(cluster: FakeCluster, name: string) {
    this.#cluster = cluster;
    this.name = name;
  }

  async listen(): Promise<Node> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const management = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return { name: this.name, amqp: await this.broker.listen(), management };
  }

  async stop(): Promise<void> {
    await this.stopManagement();
    await this.broker.close();
  }

  async stopManagement(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get limits(): Limits {
    return this.apart ?? this.#cluster.limits;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const call = `${request.method} ${request.url}`;
    this.asked.push(call);
    const body = await text(request).catch(() => '');
    if (this.silent || (this.peerHangs && needsPeers.test(call))) return;
    const answer = this.#answer(request, body) ?? this.#mistake(call);
    this.broker.behaviour.vhost =
      this.admits ?? (this.limits.get('app')?.['max-connections'] === 0 ? limitReached : 'open');
    response.writeHead(answer.status).end(answer.body === undefined ? '' : JSON.stringify(answer.body));
  }

  #mistake(call: string): Answer {
    this.#cluster.mistakes.push(call);
    return { status: 404, body: { error: 'Object Not Found', reason: 'Not Found' } };
  }

  #answer(request: IncomingMessage, body: string): Answer | null {
    const { operatorTag } = this.#cluster;
    const basic = Buffer.from(`${operator.username}:${operator.password}`).toString('base64');
    if (request.headers.authorization !== `Basic ${basic}`) return refused('not_authorized', 'Login failed');
    const url = new URL(request.url ?? '', 'http://node');
    const [, kind, ...names] = url.pathname.split('/').slice(1).map(decodeURIComponent);
    if (request.method !== 'GET' && operatorTag !== 'administrator') {
      return refused('not_authorised', 'Not administrator user');
    }
    if (kind === 'whoami') return { status: 200, body: { name: operator.username, tags: [operatorTag] } };
    if (kind === 'user-limits') return this.#limits(request, names, body);
    if (kind === 'connections' && names[0] === 'username') return this.#connections(request, names[1] ?? '');
    if (kind === 'queues' && names[0] === '/') return this.#queues(url.searchParams);
    return null;
  }

  #limits({ method }: IncomingMessage, [user = '', name]: string[], body: string): Answer | null {
    const known = this.#cluster.users.has(user);
    if (method === 'GET' && name === undefined) {
      if (!known) return { status: 404, body: { error: 'Object Not Found' } };
      const value = this.limits.get(user);
      return { status: 200, body: value ? [{ user, value }] : [] };
    }
    if (name !== 'max-connections') return null;
    if (method === 'DELETE') {
      const { 'max-connections': _, ...rest } = this.limits.get(user) ?? {};
      if (Object.keys(rest).length > 0) this.limits.set(user, rest);
      else this.limits.delete(user);
      return { status: known ? 204 : 500 };
    }
    if (method !== 'PUT' || !/^\{"value":\d+\}$/.test(body)) return null;
    if (!known) return { status: 400, body: { error: 'bad_request', reason: ['no_such_user', user] } };
    this.limits.set(user, { ...this.limits.get(user), 'max-connections': JSON.parse(body).value });
    return { status: 204 };
  }

  #connections({ method, headers }: IncomingMessage, user: string): Answer | null {
    const cluster = this.#cluster;
    const rows = cluster.connections.filter((connection) => connection.user === user);
    if (method === 'GET') return { status: 200, body: rows.map(({ node }) => ({ node })) };
    if (method !== 'DELETE' || !headers['x-reason']) return null;
    if (cluster.closes) cluster.connections = cluster.connections.filter((connection) => !rows.includes(connection));
    return { status: 204 };
  }

  #queues(query: URLSearchParams): Answer | null {
    const [page, size] = [Number(query.get('page')), Number(query.get('page_size'))];
    if (!(page >= 1 && size >= 1 && size <= 500)) return null;
    const all = [...this.#cluster.queues];
    const items = all.slice((page - 1) * size, page * size);
    return {
      status: 200,
      body: {
        items: items.map(([name, messages]) => (messages === null ? { name } : { name, messages })),
        page,
        page_count: Math.ceil(all.length / size),
      },
    };
  }
}

/** Seen on 4.0.5 with one of three nodes stopped. */
const needsPeers = /^(PUT|DELETE) |^GET \/api\/connections/;

const refused = (error: string, reason: string): Answer => ({ status: 401, body: { error, reason } });
