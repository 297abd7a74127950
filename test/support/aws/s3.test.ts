import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type S3StandIn, startS3 } from './s3.ts';

/** The unmodified SDK against the stand-in: what real S3 is documented to say, it says. */
const [Bucket, Key] = ['switch', 'warren/trading'];
let s3: S3StandIn;
let client: S3Client;

beforeAll(async () => {
  s3 = await startS3({
    buckets: [
      { name: Bucket, region: 'eu-west-1' },
      { name: 'closed', region: 'eu-west-1', isOpenToCheckers: false },
    ],
  });
  client = clientIn('eu-west-1');
});
afterAll(async () => {
  client.destroy();
  await s3.close();
});
beforeEach(() => s3.edit(Bucket, Key, null));

function clientIn(region: string): S3Client {
  const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example' };
  return new S3Client({ region, endpoint: s3.url, credentials, maxAttempts: 1 });
}

const put = (Body: string, condition: { IfMatch?: string; IfNoneMatch?: string } = {}) =>
  client.send(new PutObjectCommand({ Bucket, Key, Body, ...condition }));
const get = async () => {
  const { Body, ETag, LastModified } = await client.send(new GetObjectCommand({ Bucket, Key }));
  return { text: await Body?.transformToString(), etag: ETag, lastModified: LastModified };
};
const refusal = (status: number, name: string) => ({ name, $metadata: { httpStatusCode: status } });

describe('objects', () => {
  test('read what was written last, with an ETag that is the digest of the content', async () => {
    const { ETag } = await put('one');
    expect(await get()).toMatchObject({ text: 'one', etag: ETag, lastModified: expect.any(Date) });
    expect(ETag).toBe('"f97c5d29941bfb1b2fdab0874906ab82"');
    await put('two');
    expect((await get()).text).toBe('two');
  });

  test('that are not there are NoSuchKey, and buckets NoSuchBucket', async () => {
    await expect(get()).rejects.toMatchObject(refusal(404, 'NoSuchKey'));
    await expect(client.send(new GetObjectCommand({ Bucket: 'nowhere', Key }))).rejects.toMatchObject(
      refusal(404, 'NoSuchBucket'),
    );
  });

  test('of a bucket in another Region are elsewhere', async () => {
    const other = clientIn('us-east-1');
    await expect(other.send(new GetObjectCommand({ Bucket, Key }))).rejects.toMatchObject(
      refusal(301, 'PermanentRedirect'),
    );
    other.destroy();
  });
});

describe('a conditional write', () => {
  test('If-None-Match: * creates, and is refused where there is an object', async () => {
    await put('one', { IfNoneMatch: '*' });
    await expect(put('two', { IfNoneMatch: '*' })).rejects.toMatchObject(refusal(412, 'PreconditionFailed'));
    expect((await get()).text).toBe('one');
  });

  test('If-Match replaces what it names, and is refused over anything else', async () => {
    const { ETag = '' } = await put('one');
    await put('two', { IfMatch: ETag });
    await expect(put('three', { IfMatch: ETag })).rejects.toMatchObject(refusal(412, 'PreconditionFailed'));
    expect((await get()).text).toBe('two');
  });

  test('If-Match is NoSuchKey where there is no object', async () => {
    await expect(put('one', { IfMatch: '"f97c5d29941bfb1b2fdab0874906ab82"' })).rejects.toMatchObject(
      refusal(404, 'NoSuchKey'),
    );
  });

  test('If-None-Match with an ETag is not implemented', async () => {
    await expect(put('one', { IfNoneMatch: '"f97c5d29941bfb1b2fdab0874906ab82"' })).rejects.toMatchObject(
      refusal(501, 'NotImplemented'),
    );
  });

  test('of many at once over one ETag lets one through', async () => {
    const { ETag = '' } = await put('start');
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) => put(`${index}`, { IfMatch: ETag })),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});

describe('a request', () => {
  test('that is not signed may read what the policy opens, and nothing else', async () => {
    await put('one');
    const read = await fetch(`${s3.url}/${Bucket}/${Key}`);
    expect([read.status, await read.text()]).toEqual([200, 'one']);
    const missing = await fetch(`${s3.url}/${Bucket}/other`);
    expect(missing.status).toBe(403);
    expect((await fetch(`${s3.url}/closed/${Key}`)).status).toBe(403);
    expect((await fetch(`${s3.url}/${Bucket}/${Key}`, { method: 'PUT', body: 'two' })).status).toBe(403);
  });

  test('for any other operation is not implemented', async () => {
    await expect(client.send(new DeleteObjectCommand({ Bucket, Key }))).rejects.toMatchObject(
      refusal(501, 'NotImplemented'),
    );
    await expect(client.send(new ListObjectsV2Command({ Bucket }))).rejects.toMatchObject(
      refusal(501, 'NotImplemented'),
    );
  });

  test('whose content is not what its headers say is refused', async () => {
    const altered = new S3Client({
      region: 'eu-west-1',
      endpoint: s3.url,
      credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example' },
      maxAttempts: 1,
    });
    altered.middlewareStack.add(
      (next) => (args) => {
        (args.request as { body: string }).body = 'two';
        return next(args);
      },
      { step: 'finalizeRequest', priority: 'low' },
    );
    await expect(altered.send(new PutObjectCommand({ Bucket, Key, Body: 'one' }))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 400 },
    });
    altered.destroy();
  });
});
