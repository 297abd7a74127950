import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { DescribeListenersCommand, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { ListResourceRecordSetsCommand, Route53Client } from '@aws-sdk/client-route-53';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Service } from './awsRequest.ts';
import { type FaultProxy, startFaultProxy } from './faultProxy.ts';

let upstream: Server;
let answered: number;
let proxy: FaultProxy;
beforeEach(async () => {
  answered = 0;
  upstream = createServer((_, response) => {
    answered += 1;
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' }).end('{}');
  });
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  const services: Service[] = ['dynamodb', 'route53', 'elasticloadbalancing', 's3', 'sns', 'secretsmanager', 'ssm'];
  proxy = await startFaultProxy(Object.fromEntries(services.map((service) => [service, url])));
});
afterEach(async () => {
  await proxy.close();
  await new Promise((resolve) => upstream.close(resolve));
});

const settings = () => ({
  endpoint: proxy.url,
  region: 'us-east-1',
  credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example' },
  maxAttempts: 1,
  requestHandler: { requestTimeout: 300, throwOnRequestTimeout: true },
});

/** One operation of each API, by the unmodified SDK, and the names of its errors. */
const apis = [
  {
    operation: 'GetItem',
    ask: () =>
      new DynamoDBClient(settings()).send(new GetItemCommand({ TableName: 'a-table', Key: { a: { S: 'b' } } })),
    throttled: 'ProvisionedThroughputExceededException',
    failed: 'InternalServerError',
    denied: 'AccessDeniedException',
  },
  {
    operation: 'ListResourceRecordSets',
    ask: () => new Route53Client(settings()).send(new ListResourceRecordSetsCommand({ HostedZoneId: 'Z1' })),
    throttled: 'Throttling',
    failed: 'InternalFailure',
    denied: 'AccessDenied',
  },
  {
    operation: 'DescribeListeners',
    ask: () => new ElasticLoadBalancingV2Client(settings()).send(new DescribeListenersCommand({})),
    throttled: 'Throttling',
    failed: 'InternalFailure',
    denied: 'AccessDenied',
  },
  {
    operation: 'GetObject',
    ask: () => new S3Client(settings()).send(new GetObjectCommand({ Bucket: 'a-bucket', Key: 'a/key' })),
    throttled: 'SlowDown',
    failed: 'InternalError',
    denied: 'AccessDenied',
  },
  {
    operation: 'Publish',
    ask: () => new SNSClient(settings()).send(new PublishCommand({ TopicArn: 'a', Message: 'b' })),
    throttled: 'Throttling',
    failed: 'InternalErrorException',
    denied: 'AuthorizationErrorException',
  },
  {
    operation: 'GetSecretValue',
    ask: () => new SecretsManagerClient(settings()).send(new GetSecretValueCommand({ SecretId: 'a' })),
    throttled: 'ThrottlingException',
    failed: 'InternalServiceError',
    denied: 'AccessDeniedException',
  },
  {
    operation: 'GetParameter',
    ask: () => new SSMClient(settings()).send(new GetParameterCommand({ Name: 'a' })),
    throttled: 'ThrottlingException',
    failed: 'InternalServerError',
    denied: 'AccessDeniedException',
  },
];

describe.each(apis)('$operation', ({ operation, ask, ...names }) => {
  test.each(['throttled', 'failed', 'denied'] as const)(
    'is %s in the words of its API, and not sent on',
    async (kind) => {
      proxy.order({ kind }, { operation });
      await expect(ask()).rejects.toMatchObject({ name: names[kind] });
      expect(proxy.seen).toEqual([operation]);
      expect(answered).toBe(0);
    },
  );

  test.each([
    ['drop', 0],
    ['hang', 0],
    ['forward-and-drop', 1],
    ['forward-and-hang', 1],
  ] as const)('meets %s without an answer, and is sent on %s times', async (kind, times) => {
    proxy.order({ kind }, { operation });
    await expect(ask()).rejects.toMatchObject({ message: expect.stringMatching(/socket hang up|300 ms/) });
    expect(answered).toBe(times);
  });
});

const [{ ask }] = apis as [(typeof apis)[number]];

test('what is delayed is sent on even when nobody waits for it any more', async () => {
  const ordered = proxy.order({ kind: 'delay', ms: 400 });
  const arrived = new Promise((resolve) => upstream.once('request', resolve));
  await expect(ask()).rejects.toMatchObject({ name: 'TimeoutError' });
  expect(answered).toBe(0);
  await arrived;
  expect([answered, ordered.met()]).toEqual([1, 1]);
});

test('an order is met as often as it says, by requests that it is about, until all is mended', async () => {
  const other = proxy.order({ kind: 'failed' }, { operation: 'PutItem' });
  const about = proxy.order({ kind: 'failed' }, { when: ({ body }) => body.includes('a-table'), times: 2 });
  for (const _ of [1, 2]) await expect(ask()).rejects.toThrow();
  await ask();
  expect([other.met(), about.met()]).toEqual([0, 2]);
  proxy.order({ kind: 'failed' }, { times: Number.POSITIVE_INFINITY });
  await expect(ask()).rejects.toThrow();
  proxy.mend();
  await ask();
});

test('an API that it does not know is refused', async () => {
  const response = await fetch(proxy.url, { method: 'POST', body: '{}' });
  expect(response.status).toBe(501);
});
