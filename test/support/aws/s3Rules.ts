import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Refusal } from './refusal.ts';
import { crc32Of, type S3Operation } from './s3Buckets.ts';

/** An error that S3 answers with. */
export class S3Refusal extends Refusal {}

/** API reference, "Error responses", "List of error codes": codes, statuses and words. */
export const refusals = {
  'slow-down': new S3Refusal(503, 'SlowDown', 'Please reduce your request rate.'),
  error: new S3Refusal(500, 'InternalError', 'We encountered an internal error. Please try again.'),
  forbid: new S3Refusal(403, 'AccessDenied', 'Access Denied'),
  expired: new S3Refusal(400, 'ExpiredToken', 'The provided token has expired.'),
  conflict: new S3Refusal(
    409,
    'ConditionalRequestConflict',
    'The conditional request cannot succeed due to a conflicting operation against this resource.',
  ),
};

const notImplemented = () =>
  new S3Refusal(501, 'NotImplemented', 'A header you provided implies functionality that is not implemented');

/** User guide, "Virtual hosting of buckets": the bucket is in the host name, or begins the path. */
export function placeOf({ method, url = '', headers: { host = '', ...headers } }: IncomingMessage): {
  operation: S3Operation | null;
  bucket: string;
  key: string;
} {
  const { pathname, searchParams } = new URL(url, 'http://s3');
  const path = decodeURIComponent(pathname).slice(1);
  const [, virtual] = host.match(/^([a-z0-9-]+)\.s3\.[a-z0-9-]+\.amazonaws\.com$/) ?? [];
  const [first = '', ...rest] = path.split('/');
  const [bucket, key] = virtual === undefined ? [first, rest.join('/')] : [virtual, path];
  // Anything but `x-id`, which the SDK adds, asks for another operation (API reference, "Request Syntax" of each).
  const isPlain = [...searchParams.keys()].every((name) => name === 'x-id') && !('x-amz-copy-source' in headers);
  const operation = method === 'GET' ? 'GetObject' : method === 'PUT' ? 'PutObject' : null;
  return { operation: isPlain && key !== '' ? operation : null, bucket, key };
}

/** API reference, "Authenticating Requests (AWS Signature Version 4)"; the signature itself is not checked. */
export function checkSigned({ headers }: IncomingMessage, body: Buffer, region: string): void {
  const [, scopeRegion, service] =
    headers.authorization?.match(/^AWS4-HMAC-SHA256 Credential=[^/]+\/\d{8}\/([^/]+)\/([^/]+)\//) ?? [];
  if (service !== 's3') throw new S3Refusal(403, 'SignatureDoesNotMatch', 'The request signature does not match.');
  // "List of error codes": the bucket is asked for at the endpoint of another Region.
  if (scopeRegion !== region)
    throw new S3Refusal(
      301,
      'PermanentRedirect',
      'The bucket you are attempting to access must be addressed elsewhere.',
    );
  const digest = headers['x-amz-content-sha256'];
  const sha256 = createHash('sha256').update(body).digest('hex');
  if (digest === undefined) throw new S3Refusal(400, 'InvalidRequest', 'Missing required header: x-amz-content-sha256');
  if (digest !== 'UNSIGNED-PAYLOAD' && digest !== sha256)
    throw new S3Refusal(400, 'XAmzContentSHA256Mismatch', 'The provided x-amz-content-sha256 header does not match.');
  const checksum = headers['x-amz-checksum-crc32'];
  // User guide, "Checking object integrity".
  if (checksum !== undefined && checksum !== crc32Of(body))
    throw new S3Refusal(400, 'BadDigest', 'The CRC32 you specified did not match the calculated checksum.');
}

/**
 * Conditions of a write. API, PutObject, "If-None-Match": only the asterisk, 412 where there is an object; "If-Match": 412 where
 * its ETag is another one. User guide, "Conditional writes", "Conditional write behavior": 404 where there is no object.
 * @param etag of the current object; null: there is none; undefined: conditions are not looked at
 */
export function checkWrite({ headers }: IncomingMessage, key: string, etag: string | null | undefined): void {
  // User guide, "Object key names": 1,024 bytes.
  if (Buffer.byteLength(key) > 1_024) throw new S3Refusal(400, 'KeyTooLongError', 'Your key is too long');
  if (headers['content-length'] === undefined)
    throw new S3Refusal(411, 'MissingContentLength', 'You must provide the Content-Length HTTP header.');
  const [match, noneMatch] = [headers['if-match'], headers['if-none-match']];
  if ((noneMatch !== undefined && noneMatch !== '*') || (match !== undefined && noneMatch !== undefined))
    throw notImplemented();
  if (etag === undefined) return;
  const failed = new S3Refusal(
    412,
    'PreconditionFailed',
    'At least one of the pre-conditions you specified did not hold',
  );
  if (noneMatch !== undefined && etag !== null) throw failed;
  if (match !== undefined && etag === null) throw new S3Refusal(404, 'NoSuchKey', 'The specified key does not exist.');
  if (match !== undefined && match !== etag) throw failed;
}
