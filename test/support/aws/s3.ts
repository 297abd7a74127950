import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { createFarConnections, type FarConnections } from './farConnections.ts';
import { type BucketOptions, createBuckets, type S3Operation } from './s3Buckets.ts';
import { checkSigned, checkWrite, placeOf, refusals, S3Refusal } from './s3Rules.ts';

/**
 * What happens to one request instead of an answer:
 * - `slow-down`: too many requests; `conflict`: another write is under way. Nothing is changed
 * - `error`: an internal error; `forbid`, `expired`: the credentials do not allow it; have expired
 * - `drop`: the connection ends before anything is changed; `take-and-drop`: after it
 * - `hang`: nothing is changed, and nothing comes
 * - a function: the request waits for it, and is then handled as ever
 */
export type S3Fault = keyof typeof refusals | 'drop' | 'take-and-drop' | 'hang' | (() => Promise<void>);

export interface S3Options {
  buckets: readonly BucketOptions[];
  /** False, as in sloppier stand-ins: conditions of writes are not looked at. What relies on them must then fail. */
  isConditional?: boolean;
  /** Whether callers have `s3:ListBucket`, and so are told that an object is not there. */
  mayList?: boolean;
}

/** S3 on loopback: GetObject and PutObject on their real wire (REST-XML 2006-03-01), buckets of several Regions behind one address. */
export interface S3StandIn {
  readonly url: string;
  /** What signed requests came, whatever became of them. */
  readonly requests: { operation: S3Operation; bucket: string }[];
  /** The text of an object; null: there is none. */
  text(bucket: string, key: string): string | null;
  /** Every text that an object ever had, the oldest first; null: it was removed. */
  history(bucket: string, key: string): (string | null)[];
  /** Somebody else's edit; null: they remove it. */
  edit(bucket: string, key: string, text: string | null, writtenAtMs?: number): void;
  /** What befalls the next signed requests of an operation, those to one bucket or to any. */
  order(operation: S3Operation, fault: S3Fault, times?: number, bucket?: string): void;
  /** Regions where nothing is answered, to anybody. */
  readonly hungRegions: Set<string>;
  readonly connections: FarConnections;
  close(): Promise<void>;
}

export async function startS3({ buckets: all, isConditional = true, mayList = true }: S3Options): Promise<S3StandIn> {
  const buckets = createBuckets(all);
  const orders: { operation: S3Operation; fault: S3Fault; bucket: string | undefined }[] = [];
  const faultOf = (operation: S3Operation, bucket: string): S3Fault | null => {
    const fits = (order: (typeof orders)[number]) =>
      order.operation === operation && (order.bucket ?? bucket) === bucket;
    const at = orders.findIndex(fits);
    return at < 0 ? null : (orders.splice(at, 1)[0]?.fault ?? null);
  };

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    await standIn.connections.open(request);
    const { operation, bucket, key } = placeOf(request);
    const isSigned = request.headers.authorization !== undefined;
    if (standIn.hungRegions.has(buckets.regionOf(bucket) ?? '')) return;
    if (operation && isSigned) standIn.requests.push({ operation, bucket });
    const fault = operation && isSigned ? faultOf(operation, bucket) : null;
    if (fault === 'hang') return;
    if (typeof fault === 'function') await fault();
    if (fault === 'drop') return void request.socket.destroy();
    answer(response, () => {
      const region = buckets.regionOf(bucket);
      if (operation === null) throw new S3Refusal(501, 'NotImplemented', 'The stand-in does not know this operation.');
      if (region === null) throw new S3Refusal(404, 'NoSuchBucket', 'The specified bucket does not exist');
      if (isSigned) checkSigned(request, body, region);
      else buckets.checkAnonymous(operation, bucket);
      if (typeof fault === 'string' && fault in refusals) throw refusals[fault as keyof typeof refusals];
      if (operation === 'GetObject') return buckets.get(bucket, key, request, mayList && isSigned);
      const current = buckets.find(bucket, key);
      checkWrite(request, key, isConditional ? (current?.etag ?? null) : undefined);
      const written = buckets.put(bucket, key, body);
      if (fault === 'take-and-drop') request.socket.destroy();
      return written;
    });
  }

  const server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const standIn: S3StandIn = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: [],
    text: (bucket, key) => buckets.find(bucket, key)?.body.toString() ?? null,
    history: buckets.history,
    edit: buckets.edit,
    order: (operation, fault, times = 1, bucket = undefined) =>
      orders.push(...Array(times).fill({ operation, fault, bucket })),
    hungRegions: new Set(),
    connections: createFarConnections(),
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
  return standIn;
}

/** What S3 answers with. */
export interface S3Answer {
  headers: Record<string, string>;
  body: Buffer;
}

/** API reference, "REST Error Responses". */
function answer(response: ServerResponse, work: () => S3Answer): void {
  const id = { 'x-amz-request-id': randomUUID().slice(0, 16).toUpperCase() };
  try {
    const { headers, body } = work();
    response.writeHead(200, { ...id, ...headers, 'content-length': String(body.length) }).end(body);
  } catch (error) {
    const { status, code, message } = error instanceof S3Refusal ? error : new S3Refusal(500, 'StandIn', String(error));
    const xml = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
    response.writeHead(status, { ...id, 'content-type': 'application/xml' }).end(xml);
  }
}
