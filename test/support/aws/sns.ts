import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type Published, publishedBy, SnsRefusal } from './snsRules.ts';

/**
 * What happens to one request instead of an answer:
 * - `throttle`, `error`, `unavailable`: SNS says so, and takes nothing
 * - `html`: something before SNS answers 502 with a page
 * - `expired`, `forbid`: the credentials have expired; they do not allow it
 * - `drop`: the connection ends before the message is taken; `take-and-drop`: after it
 * - `hang`: nothing comes
 */
export type Fault =
  | 'throttle'
  | 'error'
  | 'unavailable'
  | 'html'
  | 'expired'
  | 'forbid'
  | 'drop'
  | 'take-and-drop'
  | 'hang';

/** SNS on loopback, as far as Publish goes, on its real wire: the AWS query protocol, version 2010-03-31. */
export interface SnsStandIn {
  readonly url: string;
  readonly published: Published[];
  /** What befalls the next requests, one each; null: nothing. */
  faults: (Fault | null)[];
  /** Every answer waits this long. */
  delayMs: number;
  /** How many requests came, whatever became of them. */
  requests(): number;
  /** Resolves when so many requests have come. */
  untilRequests(count: number): Promise<void>;
  close(): Promise<void>;
}

/** API reference, Publish, "Errors" and "Common Errors". */
const refusals: Partial<Record<Fault, SnsRefusal>> = {
  throttle: new SnsRefusal(400, 'Throttling', 'Rate exceeded'),
  error: new SnsRefusal(500, 'InternalError', 'Internal server error'),
  unavailable: new SnsRefusal(503, 'ServiceUnavailable', 'Service unavailable'),
  expired: new SnsRefusal(403, 'ExpiredToken', 'The security token included in the request is expired'),
  forbid: new SnsRefusal(403, 'AuthorizationError', 'The user is not authorized to perform: SNS:Publish'),
};

/** @param topics the ARNs of the topics that exist */
export async function startSns(topics: string[]): Promise<SnsStandIn> {
  let count = 0;
  let arrived = Promise.withResolvers<void>();
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const fault = standIn.faults.shift() ?? null;
    count += 1;
    arrived.resolve();
    arrived = Promise.withResolvers();
    if (standIn.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, standIn.delayMs).unref());
    if (fault === 'hang') return;
    if (fault === 'drop') return request.socket.destroy();
    if (fault === 'html') return response.writeHead(502, { 'content-type': 'text/html' }).end('<html><br>Bad gateway');
    answer(request, response, () => {
      const refusal = fault && refusals[fault];
      if (refusal) throw refusal;
      standIn.published.push(taken(request, body, new Set(topics)));
      if (fault === 'take-and-drop') request.socket.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const standIn: SnsStandIn = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    published: [],
    faults: [],
    delayMs: 0,
    requests: () => count,
    async untilRequests(wanted) {
      while (count < wanted) await arrived.promise;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return standIn;
}

function taken(request: IncomingMessage, body: string, topics: ReadonlySet<string>): Published {
  // "Making API requests": POST of a form with Action and Version.
  if (request.method !== 'POST' || request.headers['content-type'] !== 'application/x-www-form-urlencoded')
    throw new SnsRefusal(400, 'MalformedQueryString', 'The stand-in expects a form.');
  const form = new URLSearchParams(body);
  const action = form.get('Action') ?? '';
  if (action === '') throw new SnsRefusal(400, 'MissingAction', 'The request is missing an action.');
  if (form.get('Version') !== '2010-03-31') throw new SnsRefusal(400, 'NoSuchVersion', 'The version is 2010-03-31.');
  checkSignature(request, form.get('TopicArn') ?? '');
  if (action !== 'Publish')
    throw new SnsRefusal(501, 'NotImplemented', `The stand-in only knows Publish, not ${action}.`);
  return publishedBy(form, topics);
}

/**
 * Every request is signed with version 4 ("Common Errors", MissingAuthenticationToken), for SNS, and in the Region of the
 * topic: "you can publish messages only to topics and endpoints in the same Region" (API reference, Publish).
 */
function checkSignature({ headers: { authorization = '' } }: IncomingMessage, topic: string): void {
  const [, region, service] =
    authorization.match(/^AWS4-HMAC-SHA256 Credential=[^/]+\/\d{8}\/([^/]+)\/([^/]+)\//) ?? [];
  if (region === undefined) throw new SnsRefusal(403, 'MissingAuthenticationToken', 'The request is not signed.');
  const [, , , wanted = region] = topic.split(':');
  if (service !== 'sns' || region !== wanted)
    throw new SnsRefusal(
      403,
      'SignatureDoesNotMatch',
      `Credential should be scoped to a valid region, not '${region}'.`,
    );
}

function answer(request: IncomingMessage, response: ServerResponse, work: () => void): void {
  const headers = { 'content-type': 'text/xml', 'x-amzn-requestid': randomUUID() };
  const namespace = 'xmlns="http://sns.amazonaws.com/doc/2010-03-31/"';
  try {
    work();
    if (request.socket.destroyed) return;
    const result = `<PublishResult><MessageId>${randomUUID()}</MessageId></PublishResult>`;
    response.writeHead(200, headers).end(`<PublishResponse ${namespace}>${result}</PublishResponse>`);
  } catch (error) {
    const { status, code, message } =
      error instanceof SnsRefusal ? error : new SnsRefusal(500, 'StandIn', String(error));
    const type = status < 500 ? 'Sender' : 'Receiver';
    const words = message.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
    const detail = `<Error><Type>${type}</Type><Code>${code}</Code><Message>${words}</Message></Error>`;
    response.writeHead(status, headers).end(`<ErrorResponse ${namespace}>${detail}</ErrorResponse>`);
  }
}
