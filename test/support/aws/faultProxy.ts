import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AwsError, type AwsRequest, answerError, errorOf, requestOf, type Service } from './awsRequest.ts';

/**
 * What befalls a request:
 * - `throttled`, `failed`, `denied`: it is answered so in the words of its API, and not sent on
 * - `answer`: it is answered with another error, and not sent on
 * - `delay`: it is sent on after a while, whether or not anybody waits for it still
 * - `drop`: the connection ends before it is sent on; `forward-and-drop`: after it was answered, without the answer
 * - `hang`: it is not sent on, and nothing comes; `forward-and-hang`: it is sent on, and nothing comes
 */
export type ProxyFault =
  | { kind: 'throttled' | 'failed' | 'denied' }
  | ({ kind: 'answer' } & AwsError)
  | { kind: 'delay'; ms: number }
  | { kind: 'drop' | 'forward-and-drop' | 'hang' | 'forward-and-hang' };

export interface OrderOptions {
  /** By default any. */
  operation?: string;
  /** Only such requests. Asked about each one that comes, so that it may wait for something to have happened. */
  when?: (request: AwsRequest) => boolean;
  /** By default once; Infinity: until all is mended. */
  times?: number;
}

/** A fault that was ordered. */
export interface Ordered {
  /** How many requests have met it. */
  met(): number;
}

/** Stands before every API of AWS and spoils requests on order. */
export interface FaultProxy {
  readonly url: string;
  /** The operations that came, whatever became of them. */
  readonly seen: string[];
  /** The next requests like these meet this fault. Orders are met in turn. */
  order(fault: ProxyFault, options?: OrderOptions): Ordered;
  /** Forgets every order. */
  mend(): void;
  close(): Promise<void>;
}

interface Order extends Required<Omit<OrderOptions, 'operation'>> {
  fault: ProxyFault;
  operation: string | undefined;
  met: number;
}

/** @param upstreams where each API is; a request to any other is refused */
export async function startFaultProxy(upstreams: Partial<Record<Service, string>>): Promise<FaultProxy> {
  const seen: string[] = [];
  const underWay = new Set<Promise<void>>();
  const over = new AbortController();
  let orders: Order[] = [];
  const faultFor = (asked: AwsRequest) => {
    const matching = orders.filter(
      ({ when, operation = asked.operation }) => when(asked) && operation === asked.operation,
    );
    const order = matching.find(({ met, times }) => met < times);
    if (order) order.met += 1;
    return order?.fault;
  };
  const server = createServer(async (incoming, response) => {
    const body = await buffer(incoming);
    const asked = requestOf(incoming, body.toString());
    const upstream = asked && upstreams[asked.service];
    if (!upstream) return void response.writeHead(501).end(`Nothing stands behind ${incoming.headers.authorization}.`);
    seen.push(asked.operation);
    const served = serve({ incoming, body, response, asked, upstream, over: over.signal }, faultFor(asked));
    underWay.add(served);
    void served.then(() => underWay.delete(served));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    order(fault, { operation, when = () => true, times = 1 } = {}) {
      const order: Order = { fault, operation, when, times, met: 0 };
      orders.push(order);
      return { met: () => order.met };
    },
    mend() {
      orders = [];
    },
    async close() {
      over.abort();
      await new Promise((resolve) => void server.close(resolve).closeAllConnections());
      // What stands behind may be closed once it has answered everything.
      await Promise.all(underWay);
    },
  };
}

interface Exchange {
  incoming: IncomingMessage;
  body: Buffer;
  response: ServerResponse;
  asked: AwsRequest;
  upstream: string;
  /** Nothing more is sent on. */
  over: AbortSignal;
}

/** Resolves when nothing more comes of it. */
async function serve(exchange: Exchange, fault: ProxyFault | undefined): Promise<void> {
  const { response, asked, over } = exchange;
  switch (fault?.kind) {
    case 'throttled':
    case 'failed':
    case 'denied':
      return answerError(response, asked.service, errorOf(fault.kind, asked));
    case 'answer':
      return answerError(response, asked.service, fault);
    case 'delay':
      await sleep(fault.ms, undefined, { signal: over }).catch(() => {});
      return over.aborted ? undefined : await forward(exchange);
    case 'drop':
      return void response.destroy();
    case 'hang':
      return;
    default:
      return await forward(exchange, fault?.kind);
  }
}

async function forward({ incoming, body, response, upstream }: Exchange, fault?: ProxyFault['kind']): Promise<void> {
  const { method, headers } = incoming;
  const outgoing = request(new URL(incoming.url ?? '/', upstream), { method, headers, agent: false });
  outgoing.end(body);
  try {
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
    const content = await buffer(answer);
    if (fault === 'forward-and-drop') response.destroy();
    else if (fault !== 'forward-and-hang') response.writeHead(answer.statusCode ?? 502, answer.headers).end(content);
  } catch {
    response.destroy();
  }
}
