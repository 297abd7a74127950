import http from 'node:http';
import net from 'node:net';
import { createProber } from '../../../adapters/rabbitmq/prober.ts';
import { systemClock } from '../../../adapters/system/clock.ts';
import type { Prober } from '../../../core/flow/ports.ts';
import { configSchema, type Node } from '../../../core/model/config.ts';
import type { CheckResult, NodeProbe } from '../../../core/model/probe.ts';

/** Milliseconds; what a silent peer costs in these tests. */
export const timeoutMs = 800;
export const password = 'hunter2&secret';

export interface PairOptions {
  /** @default trading */
  name?: string;
  site?: Record<string, unknown>;
  reference?: string[];
  password?: () => Promise<string>;
}

/** A prober of a pair whose primary has the given nodes. */
export function proberOf(nodes: Node[], options: PairOptions = {}): Prober {
  const credentials = async () => ({ username: 'probe', password: await (options.password?.() ?? password) });
  const { pairs } = configSchema.parse({
    version: 1,
    pairs: [
      {
        name: options.name ?? 'trading',
        primary: 'beijing',
        standby: 'shanghai',
        sites: {
          beijing: { nodes, probeCredentials: 'env:X', ...options.site },
          shanghai: { nodes: [{ name: 'rabbit@sh1', amqp: 'amqp://127.0.0.1:1' }], probeCredentials: 'env:X' },
        },
        reference: options.reference ?? [],
        probe: { timeout: `${timeoutMs}ms` },
        targets: [{ haproxy: { address: '127.0.0.1:1', backend: 'x', servers: { beijing: ['a'], shanghai: ['b'] } } }],
      },
    ],
  });
  const [pair] = pairs;
  if (!pair) throw new Error('no pair');
  return createProber({
    pair,
    vantage: 'here',
    clock: systemClock,
    credentials: { beijing: credentials, shanghai: credentials },
  });
}

/** A TCP server that does only what it is told with each connection. */
export class FakeServer {
  readonly sockets = new Set<net.Socket>();
  readonly #server: net.Server;
  #emptied: (() => void) | null = null;

  constructor(serve: (socket: net.Socket) => void) {
    this.#server = net.createServer((socket) => {
      this.sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        this.sockets.delete(socket);
        if (this.sockets.size === 0) this.#emptied?.();
      });
      serve(socket);
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `127.0.0.1:${(this.#server.address() as net.AddressInfo).port}`;
  }

  /** Resolves when no connection is left. */
  async empty(): Promise<void> {
    if (this.sockets.size > 0) await new Promise<void>((resolve) => (this.#emptied = resolve));
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

export type Answer = { status: number; body?: unknown } | 'silent' | 'huge';

/** A management API that answers by path; 404 where nothing is said. */
export class FakeManagement {
  readonly asked: string[] = [];
  readonly #server: http.Server;
  answers: Record<string, Answer>;

  constructor(answers: Record<string, Answer>) {
    this.answers = answers;
    this.#server = http.createServer((request, response) => {
      const path = (request.url ?? '').replace(/\?.*/, '');
      this.asked.push(path);
      const answer = this.answers[path] ?? this.answers['*'] ?? { status: 404 };
      if (answer === 'silent') return;
      if (answer === 'huge') {
        response.end(Buffer.alloc(8 * 1024 * 1024, ' '));
        return;
      }
      response.writeHead(answer.status).end(JSON.stringify(answer.body ?? {}));
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as net.AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

export const healthy: Record<string, Answer> = {
  '/api/health/checks/alarms': { status: 200, body: { status: 'ok' } },
  '/api/health/checks/virtual-hosts': { status: 200, body: { status: 'ok' } },
  '/api/nodes': { status: 200, body: [{ name: 'rabbit@bj1', running: true, partitions: [] }] },
};

export const nodeAt = (amqp: string, management?: string, name = 'rabbit@bj1'): Node => ({
  name,
  amqp,
  ...(management === undefined ? {} : { management }),
});

/** The failures of a probe, in short: `amqp-open hung`. */
export function failuresOf(probe: NodeProbe): string[] {
  return probe.checks.flatMap((check: CheckResult) =>
    check.status === 'fail' ? [`${check.check} ${check.class}`] : [],
  );
}

export function passesOf(probe: NodeProbe): string[] {
  return probe.checks.filter(({ status }) => status === 'pass').map(({ check }) => check);
}
