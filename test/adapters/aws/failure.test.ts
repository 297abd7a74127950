import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { explained, type Refusal, retryOf } from '../../../adapters/aws/failure.ts';
import { createCopy } from '../../../adapters/route53/health/copy.ts';
import { systemClock } from '../../../adapters/system/clock.ts';
import { startBudget } from '../../../core/flow/budget.ts';

const refusals: Refusal<object>[] = [
  { names: /^AccessDenied$/, retry: 'never', sentence: () => 'IAM does not allow s3:GetObject' },
  { names: /^SignatureDoesNotMatch$/, retry: 'never', sentence: () => 'the signature is wrong' },
];
const explain = (error: object) =>
  explained<object>(error, { service: 'S3', action: 's3:GetObject', facts: {}, refusals });
const answered = (httpStatusCode: number, name = 'Unknown', message = '', more = {}) =>
  Object.assign(new Error(message), { name, $metadata: { httpStatusCode, ...more } });
const skewed = { clockSkewCorrected: true };

describe('an answer of a service of AWS', () => {
  test.each([
    ['503 of no name', answered(503), 'again', true],
    ['408 of no name', answered(408), 'again', true],
    ['400 RequestTimeout', answered(400, 'RequestTimeout'), 'again', true],
    ['429 of no name', answered(429), 'slow-down', false],
    ['400 of another name', answered(400, 'MalformedXML'), 'never', false],
    ['403 of no name', answered(403), 'never', false],
  ] as const)('%s is asked again where that may help', (_, error, retry, isUncertain) => {
    expect(explain(error)).toEqual([
      expect.stringContaining('S3 answered s3:GetObject with'),
      retry,
      { isUncertain, cause: error },
    ]);
    expect(retryOf(error)).toEqual({ retry, isUncertain });
  });

  test('that refuses the time of a signature is asked again once the SDK knows the right time', () => {
    for (const name of ['SignatureDoesNotMatch', 'RequestTimeTooSkewed', 'InvalidSignatureException']) {
      expect(explain(answered(403, name))[1]).toBe('never');
      expect(explain(answered(403, name, '', skewed))[1]).toBe('again');
    }
  });

  test('that refuses something else is not asked again, whatever the time', () => {
    expect(explain(answered(403, 'AccessDenied', '', skewed))[1]).toBe('never');
    expect(retryOf(answered(403, 'Unknown', '', skewed)).retry).toBe('never');
  });

  test.each([
    'User: arn:aws:iam::1:user/w is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::2:role/w',
    'Not authorized to perform sts:AssumeRoleWithWebIdentity',
  ])('that is of STS names the permission that is missing: %s', (message) => {
    const [sentence, retry] = explain(answered(403, 'AccessDenied', message));
    expect(sentence).toMatch(
      /^IAM does not allow sts:AssumeRole\w*, so there are no credentials for s3:GetObject: Acc/,
    );
    expect(retry).toBe('never');
    expect(explain(answered(403, 'AccessDenied', 'Access Denied'))[0]).toBe('IAM does not allow s3:GetObject');
  });
});

describe('a process whose clock is wrong', () => {
  const before = { ...process.env };
  const minutesAheadMs = 20 * 60_000;
  const requests: (string | undefined)[] = [];
  const server = createServer(({ headers }, response) => {
    requests.push(headers.authorization);
    const date = new Date(Date.now() + minutesAheadMs).toUTCString();
    if (requests.length === 1)
      response.writeHead(403, { date }).end('<Error><Code>RequestTimeTooSkewed</Code><Message>Late.</Message></Error>');
    else response.writeHead(200, { date, etag: '"1"' }).end('a text');
  });
  beforeEach(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    Object.assign(process.env, {
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'example',
      AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    });
  });
  afterEach(() => {
    process.env = before;
    server.close().closeAllConnections();
  });

  test('is told the time by the first refusal, and reads', async () => {
    const copy = { region: 'eu-west-1', bucket: 'switch', key: 'warren' };
    const { read } = createCopy(copy, { random: () => 0.5, requestTimeoutMs: 800 });
    expect(await read(startBudget(systemClock, 2_400))).toMatchObject({ text: 'a text' });
    expect(requests).toHaveLength(2);
  });
});
