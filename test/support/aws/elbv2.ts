import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { BalancerType } from './elbv2Actions.ts';
import { arnOf, type Balancer, createBalancer, type Operation, operations, region } from './elbv2Balancer.ts';
import { Elbv2Refusal, escapeXml, fieldsOf, xmlOf } from './elbv2Form.ts';
import type { TargetGroup } from './elbv2Health.ts';
import { createFarConnections, type FarConnections } from './farConnections.ts';

/**
 * What happens to one request instead of an answer:
 * - `throttle`, `error`, `forbid`, `expired`, `unavailable`: the service says so, and changes nothing
 * - `drop`: the connection ends before anything is changed; `take-and-drop`: after it
 * - `hang`: nothing is changed, and nothing comes
 * - a function: the request waits for it, and is then handled as ever
 */
export type Fault = keyof typeof refusals | 'drop' | 'take-and-drop' | 'hang' | (() => Promise<void>);

/** Elastic Load Balancing on loopback with one load balancer: the AWS query protocol, version 2015-12-01. */
export interface Elbv2StandIn extends Omit<Balancer, 'answerTo'> {
  readonly url: string;
  /** Target groups by name: of both sites, a third one, and one whose protocol the listener does not take. */
  readonly groups: Record<'beijing' | 'shanghai' | 'spare' | 'odd', TargetGroup>;
  /** What operations came, whatever became of them. */
  readonly requests: Operation[];
  /** What befalls the next requests of an operation. */
  order(operation: Operation, fault: Fault, times?: number): void;
  /** Every answer waits this long. */
  delayMs: number;
  /** While true nothing is answered. */
  isHung: boolean;
  readonly connections: FarConnections;
  close(): Promise<void>;
}

/** API, "Common Errors" and the errors of the operations. */
const refusals = {
  throttle: new Elbv2Refusal(400, 'Throttling', 'Rate exceeded'),
  error: new Elbv2Refusal(500, 'InternalFailure', 'Internal failure'),
  forbid: new Elbv2Refusal(403, 'AccessDenied', 'User is not authorized to perform this action'),
  expired: new Elbv2Refusal(403, 'ExpiredToken', 'The security token included in the request is expired'),
  unavailable: new Elbv2Refusal(500, 'HealthUnavailable', 'The health of the targets could not be retrieved'),
};

export async function startElbv2(type: BalancerType = 'network'): Promise<Elbv2StandIn> {
  const groups = createGroups(type);
  const { answerTo, ...balancer } = createBalancer(type, Object.values(groups));
  const orders: { operation: Operation; fault: Fault }[] = [];
  const faultOf = (operation: string): Fault | null => {
    const at = orders.findIndex((order) => order.operation === operation);
    return at < 0 ? null : (orders.splice(at, 1)[0]?.fault ?? null);
  };
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const form = new URLSearchParams(await text(request));
    const action = form.get('Action') ?? '';
    if (isOperation(action)) standIn.requests.push(action);
    const fault = faultOf(action);
    await standIn.connections.open(request);
    if (standIn.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, standIn.delayMs).unref());
    if (standIn.isHung || fault === 'hang') return;
    if (typeof fault === 'function') await fault();
    if (fault === 'drop') return request.socket.destroy();
    answer(response, action, () => {
      const operation = checkedOperation(request, form, action);
      if (typeof fault === 'string' && fault in refusals) throw refusals[fault as keyof typeof refusals];
      const { Action: _action, Version: _version, ...fields } = fieldsOf(form);
      const content = xmlOf(answerTo(operation, fields));
      if (fault === 'take-and-drop') request.socket.destroy();
      return content;
    });
  };
  const server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const standIn: Elbv2StandIn = {
    ...balancer,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    groups,
    requests: [],
    order: (operation, fault, times = 1) => orders.push(...Array(times).fill({ operation, fault })),
    delayMs: 0,
    isHung: false,
    connections: createFarConnections(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return standIn;
}

function createGroups(type: BalancerType): Elbv2StandIn['groups'] {
  const [usual, odd, port] = type === 'network' ? ['TCP', 'UDP', 5672] : ['HTTPS', 'TCP', 15671];
  const group = (name: string, protocol: unknown, address: string): TargetGroup => ({
    arn: arnOf(`targetgroup/${name}/73e2d6bc24d8a067`),
    protocol: String(protocol),
    targets: [1, 2].map((host) => ({ id: `${address}.${host}`, port: Number(port), state: 'healthy' })),
  });
  return {
    beijing: group('bj', usual, '10.0.1'),
    shanghai: group('sh', usual, '10.0.2'),
    spare: group('spare', usual, '10.0.3'),
    odd: group('odd', odd, '10.0.4'),
  };
}

function isOperation(action: string): action is Operation {
  return (operations as readonly string[]).includes(action);
}

/** "Making query requests": a form with Action and Version, signed for the service and the Region ("Common Errors"). */
function checkedOperation({ headers }: IncomingMessage, form: URLSearchParams, action: string): Operation {
  const { authorization = '', 'content-type': contentType } = headers;
  if (contentType !== 'application/x-www-form-urlencoded')
    throw new Elbv2Refusal(400, 'MalformedQueryString', 'The stand-in expects a form.');
  if (action === '') throw new Elbv2Refusal(400, 'MissingAction', 'The request is missing an action.');
  if (form.get('Version') !== '2015-12-01') throw new Elbv2Refusal(400, 'NoSuchVersion', 'The version is 2015-12-01.');
  const [, scope, service] = authorization.match(/^AWS4-HMAC-SHA256 Credential=[^/]+\/\d{8}\/([^/]+)\/([^/]+)\//) ?? [];
  if (scope === undefined) throw new Elbv2Refusal(403, 'MissingAuthenticationToken', 'The request is not signed.');
  if (service !== 'elasticloadbalancing' || scope !== region)
    throw new Elbv2Refusal(
      403,
      'SignatureDoesNotMatch',
      `Credential should be scoped to a valid region, not '${scope}'.`,
    );
  if (isOperation(action)) return action;
  throw new Elbv2Refusal(501, 'NotImplemented', `The stand-in does not know ${action}.`);
}

function answer(response: ServerResponse, action: string, work: () => string): void {
  const requestId = randomUUID();
  const headers = { 'content-type': 'text/xml', 'x-amzn-requestid': requestId };
  const namespace = 'xmlns="http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/"';
  const metadata = `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`;
  try {
    const result = `<${action}Result>${work()}</${action}Result>`;
    response.writeHead(200, headers).end(`<${action}Response ${namespace}>${result}${metadata}</${action}Response>`);
  } catch (error) {
    const { status, code, message } =
      error instanceof Elbv2Refusal ? error : new Elbv2Refusal(500, 'StandIn', String(error));
    const type = status < 500 ? 'Sender' : 'Receiver';
    const detail = `<Error><Type>${type}</Type><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error>`;
    const body = `<ErrorResponse ${namespace}>${detail}<RequestId>${requestId}</RequestId></ErrorResponse>`;
    response.writeHead(status, headers).end(body);
  }
}
