import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, test } from '@jest/globals';
import type { WarrenEvent } from '../../core/model/event.ts';
import { type Destination, notifierFor } from '../../lambdas/shared/notifiers.ts';
import { startSns } from '../support/aws/sns.ts';
import { createPlace, probeEnvironment, unreachableConfig } from './command.ts';

const place = createPlace();
afterAll(() => place.remove());

const withNotify = (lines: string) =>
  unreachableConfig().replace('    targets:', `    notify:\n${lines}\n    targets:`);

const withHooks = (lines: string) => unreachableConfig().replace('    targets:', `    hooks:\n${lines}\n    targets:`);

/** A receiver on loopback for as long as the work takes. */
async function withReceiver<T>(answer: RequestListener, work: (url: string) => Promise<T>): Promise<T> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.close();
  }
}

test('notify tells every destination once, says which took it, and never names a URL', async () => {
  const bodies: string[] = [];
  const answer: RequestListener = (request, response) => {
    request.setEncoding('utf8').on('data', (text: string) => bodies.push(text));
    request.on('end', () => response.writeHead(request.url === '/good' ? 200 : 403).end());
  };
  place.write(
    'warren.yaml',
    withNotify(
      '      - { webhook: { url: env:GOOD, format: slack } }\n      - { webhook: { url: env:BAD } }\n      - { webhook: { url: env:MISSING } }',
    ),
  );
  const { code, stdout, stderr } = await withReceiver(answer, (url) =>
    place.run(['notify'], { GOOD: `${url}/good`, BAD: `${url}/secret` }),
  );
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  expect(stdout.split('\n')).toEqual([
    'pairs[0].notify[0] (demo): took the test notification',
    'pairs[0].notify[1] (demo): answered 403',
    'pairs[0].notify[2] (demo): env:MISSING: this environment variable is not set',
    '',
  ]);
  expect(bodies).toHaveLength(2);
});

test('notify says so when nobody is to be told', async () => {
  place.write('warren.yaml', unreachableConfig());
  expect((await place.run(['notify'])).stdout).toBe('Nobody is to be told: no pair has a `notify`.\n');
});

test('notify tells SNS topics too, through the endpoint that the environment names', async () => {
  const topic = 'arn:aws:sns:eu-central-1:123456789012:warren';
  const sns = await startSns([topic]);
  place.write(
    'warren.yaml',
    withNotify(`      - { sns: { topic: "${topic}" } }\n      - { sns: { topic: "${topic}-gone" } }`),
  );
  const credentials = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'example' };
  const { code, stdout, stderr } = await place.run(['notify'], { ...credentials, AWS_ENDPOINT_URL_SNS: sns.url });
  await sns.close();
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  expect(stdout.split('\n')).toEqual([
    'pairs[0].notify[0] (demo): took the test notification',
    'pairs[0].notify[1] (demo): answered 404 NotFoundException: Topic does not exist',
    '',
  ]);
  expect(sns.published.map(({ subject }) => subject)).toEqual([
    'Warren info: demo: This is a test notification of Warren. Nothing has happened.',
  ]);
  const down = await place.run(['notify'], { ...credentials, AWS_ENDPOINT_URL_SNS: sns.url });
  expect(down.stdout).toContain('pairs[0].notify[0] (demo): no answer (ECONNREFUSED)\n');
});

test('notify asks hooks only when it is told to, and says which answered', async () => {
  const bodies: unknown[] = [];
  const answer: RequestListener = (request, response) => {
    request.setEncoding('utf8').on('data', (text: string) => bodies.push(JSON.parse(text)));
    request.on('end', () =>
      response.writeHead(request.url === '/good' ? 200 : 409).end(request.url === '/good' ? '' : 'not now'),
    );
  };
  place.write('warren.yaml', withHooks('      before: { url: env:GOOD }\n      after: { url: env:BAD }'));
  await withReceiver(answer, async (url) => {
    const environment = { GOOD: `${url}/good`, BAD: `${url}/secret` };
    expect((await place.run(['notify'], environment)).code).toBe(0);
    expect(bodies).toEqual([]);
    const { code, stdout } = await place.run(['notify', '--hooks'], environment);
    expect({ code, lines: stdout.split('\n') }).toEqual({
      code: 1,
      lines: [
        'Nobody is to be told: no pair has a `notify`.',
        'pairs[0].hooks.before (demo): answered the test question',
        'pairs[0].hooks.after (demo): refused the test question: not now',
        '',
      ],
    });
    expect(bodies).toEqual(Array(2).fill({ operation: null, question: 'test' }));
    const { hooks } = JSON.parse((await place.run(['notify', '--hooks', '--json'], environment)).stdout);
    expect(hooks[0]).toEqual({ path: 'pairs[0].hooks.before', pair: 'demo', told: true, problem: null });
  });
});

test('the service does not begin while a secret of a hook is missing', async () => {
  place.write('warren.yaml', withHooks('      before: { url: env:HOOK, secret: env:HOOK_SECRET }'));
  const { code, stderr } = await place.run(['run'], { ...probeEnvironment, HOOK: 'http://127.0.0.1:1/hook' });
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: expect.stringContaining(
      'pairs[0].hooks.before.secret: env:HOOK_SECRET: this environment variable is not set',
    ),
  });
});

test('what concerns no single pair is told to every destination, and what concerns one to its own', () => {
  const told: string[] = [];
  const destination = (pair: string): Destination => ({
    path: pair,
    pair,
    notifier: {
      notify: ({ sentence }) => void told.push(`${pair}: ${sentence}`),
      deliver: async () => {},
      close: async () => {},
    },
  });
  const notifier = notifierFor({ notify: () => {} }, [destination('orders'), destination('trading')]);
  const event = (pair: string, sentence: string): WarrenEvent => ({
    atMs: 0,
    pair,
    kind: 'service',
    severity: 'info',
    sentence,
    data: {},
  });
  notifier.notify(event('', 'all.'));
  notifier.notify(event('trading', 'one.'));
  expect(told).toEqual(['orders: all.', 'trading: all.', 'trading: one.']);
});
