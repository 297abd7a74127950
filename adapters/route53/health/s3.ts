import type { Readable } from 'node:stream';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { SwitchCopyConfig } from '../../../core/model/targets/route53Health.ts';
import { clientSettings } from '../../aws/requests.ts';

/** An object as it is now. S3 reads what was last written, always (user guide, "Amazon S3 data consistency model"). */
export interface Stored {
  text: string;
  etag: string;
  /** When it was written, by the clock of S3. */
  writtenAtMs: number;
}

/** One object. Both requests end when the signal aborts, and reject as the SDK does. */
export interface S3Object {
  get(abortSignal: AbortSignal): Promise<Stored>;
  /** Writes only over what has this ETag; null: only where there is nothing (user guide, "Conditional writes"). */
  put(text: string, etag: string | null, abortSignal: AbortSignal): Promise<void>;
  /** Closes connections. */
  close(): void;
}

/** Nothing that Warren wrote is near as long. */
const readBytesMax = 5_120;

/** One object of S3 through the AWS SDK, which finds credentials and the endpoint as it always does (`AWS_ENDPOINT_URL_S3`). */
export function openS3Object({ region, bucket, key }: SwitchCopyConfig): S3Object {
  const client = new S3Client({ region, ...clientSettings });
  const place = { Bucket: bucket, Key: key };
  return {
    async get(abortSignal) {
      const {
        Body,
        ContentLength = 0,
        ETag,
        LastModified,
      } = await client.send(new GetObjectCommand(place), { abortSignal });
      if (ContentLength > readBytesMax) (Body as Readable).destroy();
      const text = ContentLength > readBytesMax ? `${ContentLength} bytes` : ((await Body?.transformToString()) ?? '');
      return { text, etag: ETag ?? '', writtenAtMs: LastModified?.getTime() ?? 0 };
    },
    async put(text, etag, abortSignal) {
      const condition = etag === null ? { IfNoneMatch: '*' } : { IfMatch: etag };
      const content = { Body: text, ContentType: 'text/plain', CacheControl: 'no-store' };
      await client.send(new PutObjectCommand({ ...place, ...content, ...condition }), { abortSignal });
    },
    close: () => client.destroy(),
  };
}
