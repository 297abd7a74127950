import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createSecrets, type Secrets } from '../../../adapters/aws/secrets.ts';
import { createSources } from '../../../adapters/aws/sources.ts';
import { SecretUnavailable } from '../../../adapters/aws/unavailable.ts';
import { createVirtualClock, type VirtualClock } from '../../../adapters/memory/clock.ts';

const arn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:warren-AbCdEf';

describe('what is known of a secret', () => {
  let clock: VirtualClock;
  let secrets: Secrets;
  let asked: string[];
  let answer: (reference: string) => Promise<string>;
  beforeEach(() => {
    clock = createVirtualClock();
    asked = [];
    answer = async (reference) => `value of ${reference}`;
    const fetch = (reference: string) => {
      asked.push(reference);
      return answer(reference);
    };
    secrets = createSecrets({ clock, sources: { fetch, close: () => {} } });
  });

  test('is used for a minute, and asked for anew after that', async () => {
    expect(await secrets.resolve('ssm:a')).toBe('value of ssm:a');
    await clock.advance(59_000);
    answer = async () => 'rotated';
    expect(await secrets.resolve('ssm:a')).toBe('value of ssm:a');
    await clock.advance(2_000);
    expect(await secrets.resolve('ssm:a')).toBe('rotated');
    expect(asked).toEqual(['ssm:a', 'ssm:a']);
  });

  test('is asked for once by all who want it at the same time, also when it cannot be had', async () => {
    await Promise.all([1, 2, 3].map(() => secrets.resolve('ssm:a')));
    answer = () => Promise.reject(new SecretUnavailable('no answer in time', false));
    const failed = await Promise.allSettled([1, 2, 3].map(() => secrets.resolve('ssm:b')));
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(asked).toEqual(['ssm:a', 'ssm:b']);
  });

  test('is used on while AWS does not answer, for an hour, and AWS is asked every few seconds', async () => {
    await secrets.resolve('ssm:a');
    answer = () => Promise.reject(new SecretUnavailable('no answer in time', false));
    await clock.advance(61_000);
    for (const _ of [1, 2, 3]) expect(await secrets.resolve('ssm:a')).toBe('value of ssm:a');
    expect(asked).toHaveLength(2);
    await clock.advance(6_000);
    await secrets.resolve('ssm:a');
    expect(asked).toHaveLength(3);
    await clock.advance(3_600_000);
    await expect(secrets.resolve('ssm:a')).rejects.toThrow('no answer in time');
  });

  test('is not used on when AWS refuses it', async () => {
    await secrets.resolve('ssm:a');
    answer = () => Promise.reject(new SecretUnavailable('access is denied', true));
    await clock.advance(61_000);
    await expect(secrets.resolve('ssm:a')).rejects.toThrow('access is denied');
  });

  test('is forgotten when there is too much of it', async () => {
    for (let index = 0; index <= 200; index += 1) await secrets.resolve(`ssm:${index}`);
    await secrets.resolve('ssm:200');
    await secrets.resolve('ssm:0');
    expect(asked).toHaveLength(202);
  });
});

describe('asked by the unmodified SDK,', () => {
  const names = [
    'AWS_ENDPOINT_URL_SECRETS_MANAGER',
    'AWS_ENDPOINT_URL_SSM',
    'AWS_REGION',
    'AWS_ACCESS_KEY_ID',
    'AWS_SECRET_ACCESS_KEY',
  ] as const;
  const before = names.map((name) => process.env[name]);
  let server: Server;
  let reply: { status: number; body: object } | 'silent';
  let requests: { target: unknown; body: unknown; region: string | undefined }[];
  let sources: ReturnType<typeof createSources>;

  beforeAll(async () => {
    server = createServer(async (request, response) => {
      const { authorization = '', 'x-amz-target': target } = request.headers;
      const [, region] = authorization.match(/Credential=[^/]+\/\d{8}\/([^/]+)\//) ?? [];
      requests.push({ target, body: JSON.parse(await text(request)), region });
      if (reply === 'silent') return;
      response.writeHead(reply.status, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify(reply.body));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    for (const [index, value] of [url, url, 'eu-central-1', 'AKIDEXAMPLE', 'example'].entries())
      process.env[names[index] ?? ''] = value;
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    names.forEach((name, index) => {
      if (before[index] === undefined) delete process.env[name];
      else process.env[name] = before[index];
    });
  });
  beforeEach(() => {
    requests = [];
    sources = createSources();
  });
  afterEach(() => sources.close());

  const fetch = (reference: string, ms = 5_000) => sources.fetch(reference, AbortSignal.timeout(ms));

  test('a secret is read in the Region of its ARN, whole or by a key', async () => {
    const login = { username: 'monitor', password: 'hunter2' };
    reply = { status: 200, body: { SecretString: JSON.stringify({ beijing: login, token: 'abc' }) } };
    expect(JSON.parse(await fetch(`secretsmanager:${arn}`))).toEqual({ beijing: login, token: 'abc' });
    expect(JSON.parse(await fetch(`secretsmanager:${arn}#beijing`))).toEqual(login);
    expect(await fetch(`secretsmanager:${arn}#token`)).toBe('abc');
    expect(requests[0]).toEqual({
      target: 'secretsmanager.GetSecretValue',
      body: { SecretId: arn },
      region: 'eu-west-1',
    });
  });

  test('a parameter is read decrypted, in the default Region', async () => {
    reply = { status: 200, body: { Parameter: { Value: 'monitor:hunter2' } } };
    expect(await fetch('ssm:/warren/probe')).toBe('monitor:hunter2');
    const body = { Name: '/warren/probe', WithDecryption: true };
    expect(requests).toEqual([{ target: 'AmazonSSM.GetParameter', body, region: 'eu-central-1' }]);
  });

  test.each([
    [`secretsmanager:${arn}#none`, 200, { SecretString: '{"token":"hunter2"}' }, 'it has no text under the key none'],
    [`secretsmanager:${arn}#token`, 200, { SecretString: 'hunter2' }, 'it is no JSON, so it has no keys'],
    [`secretsmanager:${arn}`, 200, { SecretBinary: 'aHVudGVyMg==' }, 'it holds no text'],
    [`secretsmanager:${arn}`, 400, { __type: 'ResourceNotFoundException' }, 'there is none of this name'],
    [`secretsmanager:${arn}`, 400, { __type: 'AccessDeniedException', message: 'hunter2' }, 'access is denied'],
    ['ssm:/none', 400, { __type: 'ParameterNotFound' }, 'there is none of this name'],
    ['ssm:/strange', 400, { __type: 'StrangeException', message: 'hunter2' }, 'answered 400 StrangeException'],
  ])('%s with the answer %i %j is a sentence without a value', async (reference, status, body, sentence) => {
    reply = { status, body };
    await expect(fetch(reference)).rejects.toEqual(new SecretUnavailable(sentence, expect.anything() as never));
  });

  test('silence is not waited for longer than the signal says', async () => {
    reply = 'silent';
    const startedMs = performance.now();
    await expect(fetch('ssm:/warren/probe', 300)).rejects.toThrow('no answer in time');
    expect(performance.now() - startedMs).toBeLessThan(1_500);
  });
});
