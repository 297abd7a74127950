import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/**
 * What befalls a request:
 * - `answer`: it is answered here, and not sent on
 * - `delay`: it is sent on after a while
 * - `drop`: the connection ends before it is sent on; `forward-and-drop`: after it was answered, without the answer
 * - `forward-and-hang`: it is sent on, and its answer kept back until the proxy closes
 */
export type ProxyFault =
  | { kind: 'answer'; status: number; type: string; message?: string }
  | { kind: 'delay'; ms: number }
  | { kind: 'drop' | 'forward-and-drop' | 'forward-and-hang' };

/** Errors as the APIs of AWS with JSON put them ("Common Errors" of the DynamoDB API reference). */
export const answers = {
  throttled: {
    kind: 'answer',
    status: 400,
    type: 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException',
    message: 'The level of configured provisioned throughput for the table was exceeded.',
  },
  denied: {
    kind: 'answer',
    status: 403,
    type: 'com.amazon.coral.service#AccessDeniedException',
    message: 'User: arn:aws:iam::123456789012:user/warren is not authorized to perform: dynamodb:PutItem',
  },
  failed: { kind: 'answer', status: 500, type: 'com.amazonaws.dynamodb.v20120810#InternalServerError' },
  replicated: {
    kind: 'answer',
    status: 400,
    type: 'com.amazonaws.dynamodb.v20120810#ReplicatedWriteConflictException',
    message: 'Request failed as one or more items are being modified by a request in another Region.',
  },
} as const satisfies Record<string, ProxyFault>;

/** Stands before an HTTP API of AWS and spoils requests on order. */
export interface FaultProxy {
  readonly url: string;
  /** The operations that came, whatever became of them. */
  readonly seen: string[];
  /** The next `times` requests of an operation (of any, without one) meet this fault. Orders are met in turn. */
  order(fault: ProxyFault, options?: { operation?: string; times?: number }): void;
  close(): Promise<void>;
}

interface Order {
  fault: ProxyFault;
  operation: string | undefined;
  times: number;
}

export async function startFaultProxy(upstream: string): Promise<FaultProxy> {
  const seen: string[] = [];
  const orders: Order[] = [];
  const server = createServer(async (incoming, response) => {
    const body = await buffer(incoming);
    const operation = String(incoming.headers['x-amz-target'] ?? '').replace(/^.*\./, '');
    seen.push(operation);
    const order = orders.find((each) => each.times > 0 && (each.operation ?? operation) === operation);
    if (order) order.times -= 1;
    serve(upstream, { incoming, body, response }, order?.fault);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    order: (fault, { operation, times = 1 } = {}) => void orders.push({ fault, operation, times }),
    close: () => new Promise((resolve) => void server.close(() => resolve()).closeAllConnections()),
  };
}

interface Exchange {
  incoming: IncomingMessage;
  body: Buffer;
  response: ServerResponse;
}

function serve(upstream: string, exchange: Exchange, fault: ProxyFault | undefined): void {
  const { response } = exchange;
  switch (fault?.kind) {
    case 'answer': {
      const { status, type, message = '' } = fault;
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(JSON.stringify({ __type: type, message }));
      return;
    }
    case 'delay':
      setTimeout(() => forward(upstream, exchange), fault.ms).unref();
      return;
    case 'drop':
      response.destroy();
      return;
    default:
      forward(upstream, exchange, fault?.kind);
  }
}

function forward(upstream: string, { incoming, body, response }: Exchange, fault?: ProxyFault['kind']): void {
  const { method, headers } = incoming;
  const outgoing = request(
    new URL(incoming.url ?? '/', upstream),
    { method, headers, agent: false },
    async (answer) => {
      const content = await buffer(answer);
      if (fault === 'forward-and-drop') response.destroy();
      else if (fault !== 'forward-and-hang') response.writeHead(answer.statusCode ?? 502, answer.headers).end(content);
    },
  );
  outgoing.on('error', () => response.destroy());
  outgoing.end(body);
}
