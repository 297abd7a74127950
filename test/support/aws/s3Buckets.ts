import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { crc32 } from 'node:zlib';
import type { S3Answer } from './s3.ts';
import { S3Refusal } from './s3Rules.ts';

export type S3Operation = 'GetObject' | 'PutObject';

export interface BucketOptions {
  name: string;
  region: string;
  /** Whether its policy lets health checkers read without a signature. */
  isOpenToCheckers?: boolean;
}

interface StoredObject {
  body: Buffer;
  etag: string;
  writtenAtMs: number;
}

/** What buckets hold. Nothing lags: what was written is what is read (user guide, "Amazon S3 data consistency model"). */
export function createBuckets(all: readonly BucketOptions[]) {
  const objects = new Map<string, StoredObject>();
  const histories = new Map<string, (string | null)[]>();
  const placeOf = (bucket: string, key: string) => `${bucket}/${key}`;

  function store(bucket: string, key: string, body: Buffer, writtenAtMs = Date.now()): StoredObject {
    // User guide, "Checking object integrity": of a plain upload with SSE-S3 the ETag is the MD5 digest.
    const object = { body, etag: `"${createHash('md5').update(body).digest('hex')}"`, writtenAtMs };
    objects.set(placeOf(bucket, key), object);
    keep(bucket, key, body.toString());
    return object;
  }

  function keep(bucket: string, key: string, text: string | null): void {
    const place = placeOf(bucket, key);
    histories.set(place, [...(histories.get(place) ?? []), text]);
  }

  return {
    regionOf: (bucket: string) => all.find(({ name }) => name === bucket)?.region ?? null,
    find: (bucket: string, key: string) => objects.get(placeOf(bucket, key)) ?? null,
    history: (bucket: string, key: string) => histories.get(placeOf(bucket, key)) ?? [],

    /** User guide, "Bucket policies": what no policy allows is denied. */
    checkAnonymous(operation: S3Operation, bucket: string): void {
      const isOpen = all.find(({ name }) => name === bucket)?.isOpenToCheckers ?? true;
      if (operation !== 'GetObject' || !isOpen) throw new S3Refusal(403, 'AccessDenied', 'Access Denied');
    },

    get(bucket: string, key: string, { headers }: IncomingMessage, mayList: boolean): S3Answer {
      const object = objects.get(placeOf(bucket, key));
      // API, GetObject, "Permissions".
      if (!object && !mayList) throw new S3Refusal(403, 'AccessDenied', 'Access Denied');
      if (!object) throw new S3Refusal(404, 'NoSuchKey', 'The specified key does not exist.');
      const { body, etag, writtenAtMs } = object;
      const lastModified = new Date(writtenAtMs).toUTCString();
      return { headers: { etag, 'last-modified': lastModified, ...checksumOf(headers, body) }, body };
    },

    put(bucket: string, key: string, body: Buffer): S3Answer {
      const { etag } = store(bucket, key, body);
      return { headers: { etag }, body: Buffer.alloc(0) };
    },

    edit(bucket: string, key: string, text: string | null, writtenAtMs?: number): void {
      if (text !== null) return void store(bucket, key, Buffer.from(text), writtenAtMs);
      objects.delete(placeOf(bucket, key));
      keep(bucket, key, null);
    },
  };
}

/** API, GetObject, "x-amz-checksum-mode". */
function checksumOf(headers: IncomingMessage['headers'], body: Buffer): Record<string, string> {
  if (headers['x-amz-checksum-mode'] !== 'ENABLED') return {};
  return { 'x-amz-checksum-crc32': crc32Of(body), 'x-amz-checksum-type': 'FULL_OBJECT' };
}

export function crc32Of(body: Buffer): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(body));
  return bytes.toString('base64');
}
