import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { startDns } from './dns.ts';
import { createFarConnections, type FarConnections } from './farConnections.ts';
import { answersOf, type Elsewhere, type Health } from './route53Answers.ts';
import { element, type RecordSet, Route53Refusal } from './route53Sets.ts';
import { createZone, type Operation, operationOf, type ZoneOptions } from './route53Zone.ts';

/**
 * What happens to one request instead of an answer:
 * - `throttle`, `busy`: too many requests; an earlier change is not complete. Nothing is changed
 * - `error`: an internal error; `forbid`, `expired`: the credentials do not allow it; have expired
 * - `drop`: the connection ends before anything is changed; `take-and-drop`: after it
 * - `hang`: nothing is changed, and nothing comes
 * - a function: the request waits for it, and is then handled as ever
 */
export type Fault = keyof typeof refusals | 'drop' | 'take-and-drop' | 'hang' | (() => Promise<void>);

export interface Route53Options extends ZoneOptions {
  /** Guide, "Quotas", "Route 53 API requests": five a second for the account. Tests that are not about it may raise it. */
  requestsPerSecond?: number;
  nowMs?: () => number;
  elsewhere?: Elsewhere;
  /** What health checks say, for answers of failover sets. @default all pass */
  health?: Health;
}

/** Route 53 on loopback with one hosted zone: three operations on their real wire, REST-XML 2013-04-01, and real DNS. */
export interface Route53StandIn {
  readonly url: string;
  readonly zone: string;
  /** Where the zone is answered over DNS, as far as its changes are in sync. */
  readonly dns: string;
  /** What operations came, whatever became of them. */
  readonly requests: Operation[];
  /** The zone after each batch that was taken. */
  readonly states: RecordSet[][];
  sets(): RecordSet[];
  /** Somebody else's edit: these are all sets of the name from now on. */
  edit(name: string, sets: RecordSet[]): void;
  /** What befalls the next requests of an operation. */
  order(operation: Operation, fault: Fault, times?: number): void;
  /** Every answer waits this long. */
  delayMs: number;
  /** While true nothing is answered. */
  isHung: boolean;
  readonly connections: FarConnections;
  /** Every change is in sync now. */
  settle(): void;
  close(): Promise<void>;
}

/** API, "Common Errors" and "Errors" of the operations; repost.aws, "Route 53 API throttling errors": codes and words. */
const refusals = {
  throttle: new Route53Refusal(400, 'Throttling', 'Rate exceeded'),
  busy: new Route53Refusal(
    400,
    'PriorRequestNotComplete',
    'The request was rejected because Route 53 was still processing a prior request.',
  ),
  error: new Route53Refusal(500, 'InternalFailure', 'Internal failure'),
  forbid: new Route53Refusal(403, 'AccessDenied', 'User is not authorized to perform this action'),
  expired: new Route53Refusal(403, 'ExpiredToken', 'The security token included in the request is expired'),
};

export async function startRoute53(options: Route53Options = {}): Promise<Route53StandIn> {
  const zone = createZone(options);
  const rate = createRate(options);
  const orders: { operation: Operation; fault: Fault }[] = [];
  const faultOf = (operation: Operation): Fault | null => {
    const at = orders.findIndex((order) => order.operation === operation);
    return at < 0 ? null : (orders.splice(at, 1)[0]?.fault ?? null);
  };
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await text(request);
    const operation = operationOf(request);
    if (operation) standIn.requests.push(operation);
    const fault = operation && faultOf(operation);
    await standIn.connections.open(request);
    if (standIn.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, standIn.delayMs).unref());
    if (standIn.isHung || fault === 'hang') return;
    if (typeof fault === 'function') await fault();
    if (fault === 'drop') return request.socket.destroy();
    answer(request, response, () => {
      checkSignature(request);
      rate();
      if (typeof fault === 'string' && fault in refusals) throw refusals[fault as keyof typeof refusals];
      const content = zone.answerTo(operation, request, body);
      if (fault === 'take-and-drop') request.socket.destroy();
      return content;
    });
  };
  const server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const dns = await startDns((name, type) => answersOf(zone.served(), name, type, options.elsewhere, options.health));
  const standIn: Route53StandIn = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    zone: zone.id,
    dns: dns.address,
    requests: [],
    states: zone.states,
    sets: zone.sets,
    edit: zone.edit,
    order: (operation, fault, times = 1) => orders.push(...Array(times).fill({ operation, fault })),
    delayMs: 0,
    isHung: false,
    connections: createFarConnections(),
    settle: zone.settle,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await Promise.all([closed, dns.close()]);
    },
  };
  return standIn;
}

function createRate({ requestsPerSecond = 5, nowMs = () => performance.now() }: Route53Options): () => void {
  let recent: number[] = [];
  return () => {
    recent = recent.filter((atMs) => nowMs() - atMs < 1_000);
    if (recent.length >= requestsPerSecond) throw refusals.throttle;
    recent.push(nowMs());
  };
}

/** "Common Errors": every request is signed. Guide, "Route 53 endpoints": for us-east-1. */
function checkSignature({ headers: { authorization = '' } }: IncomingMessage): void {
  const [, region, service] =
    authorization.match(/^AWS4-HMAC-SHA256 Credential=[^/]+\/\d{8}\/([^/]+)\/([^/]+)\//) ?? [];
  if (region === undefined) throw new Route53Refusal(403, 'MissingAuthenticationToken', 'The request is not signed.');
  if (service !== 'route53' || region !== 'us-east-1')
    throw new Route53Refusal(
      403,
      'SignatureDoesNotMatch',
      `Credential should be scoped to a valid region, not '${region}'.`,
    );
}

function answer(request: IncomingMessage, response: ServerResponse, work: () => string): void {
  const requestId = randomUUID();
  const headers = { 'content-type': 'text/xml', 'x-amzn-requestid': requestId };
  const namespace = 'xmlns="https://route53.amazonaws.com/doc/2013-04-01/"';
  try {
    const content = work();
    const name = `${operationOf(request)}Response`;
    response.writeHead(200, headers).end(`<?xml version="1.0"?>\n<${name} ${namespace}>${content}</${name}>`);
  } catch (error) {
    const { status, code, message } =
      error instanceof Route53Refusal ? error : new Route53Refusal(500, 'StandIn', String(error));
    const fields = [element('Type', status < 500 ? 'Sender' : 'Receiver'), element('Code', code)];
    const detail = element('Error', [...fields, element('Message', message)]) + element('RequestId', requestId);
    response.writeHead(status, headers).end(`<ErrorResponse ${namespace}>${detail}</ErrorResponse>`);
  }
}
