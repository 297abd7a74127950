import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createVirtualClock } from '../../../adapters/memory/clock.ts';
import { createRecordingNotifier } from '../../../adapters/memory/notifier.ts';
import { serveApi } from '../../../lambdas/api/local.ts';
import { createPlace, probeEnvironment, type Running, unreachableConfig } from '../../cli/command.ts';
import { createFakeControl } from '../fakeControl.ts';

const place = createPlace();
let running: Running | undefined;
afterEach(() => {
  running?.child.kill('SIGKILL');
});
afterAll(() => place.remove());

const token = 'a-token-of-24-characters';
const environment = { ...probeEnvironment, API_TOKEN: token };

function configWith(listen: string, reference = 'env:API_TOKEN'): string {
  const api = `api: { listen: "${listen}", tokens: [{ name: on-call, scope: operate, token: "${reference}" }] }\n`;
  return `${unreachableConfig()}${api}`;
}

async function start(words: string[] = []): Promise<{ service: Running; url: string }> {
  const service = place.start(['run', ...words], environment);
  running = service;
  await service.untilPrinted('The API listens on ');
  return { service, url: service.stdout().match(/The API listens on (http:\/\/[\d.]+:\d+)\./)?.[1] ?? '' };
}

describe('the service with an API', () => {
  beforeAll(() => {
    place.write('warren.yaml', configWith('127.0.0.1:0'));
  });

  test('says where it listens, answers whoever has a token, and does what it is asked', async () => {
    const { service, url } = await start(['--json', '--store', 'asked.db']);
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    await service.untilPrinted('"reason":"targets-unreadable"');
    expect((await fetch(`${url}/v1/pairs`)).status).toBe(401);
    const status = await fetch(`${url}/v1/pairs/demo/readiness`, { headers });
    expect({ status: status.status, body: await status.json() }).toMatchObject({
      status: 503,
      body: { protected: false },
    });
    const document = await (await fetch(`${url}/openapi.json`)).json();
    expect(document).toMatchObject({ openapi: '3.1.1' });
    const body = JSON.stringify({ reason: 'patching', for: '1h' });
    const paused = await fetch(`${url}/v1/pause`, { method: 'PUT', headers, body });
    expect(paused.status).toBe(403);
    service.child.kill('SIGTERM');
    const { code, stdout, stderr } = await service.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).not.toContain(token);
    for (const line of stdout.trim().split('\n')) expect(JSON.parse(line)).toMatchObject({ atMs: expect.any(Number) });
    await expect(fetch(`${url}/v1/health`)).rejects.toThrow();
  }, 30_000);

  test('ends promptly while somebody keeps a connection open', async () => {
    const { service, url } = await start(['--store', 'kept.db']);
    await (await fetch(`${url}/v1/health`)).text();
    const askedAtMs = performance.now();
    service.child.kill('SIGTERM');
    expect((await service.ended).code).toBe(0);
    expect(performance.now() - askedAtMs).toBeLessThan(5_000);
  }, 30_000);
});

describe('the service does not start', () => {
  test('on an address that is taken, and says where that is configured', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const address = `127.0.0.1:${(other.address() as AddressInfo).port}`;
    place.write('taken.yaml', configWith(address));
    const { code, stderr } = await place.run(['run', '--config', 'taken.yaml', '--store', 'taken.db'], environment);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `warren: api.listen: cannot listen on ${address}: another process listens there already.\n`,
    });
    other.close();
  }, 30_000);

  test('with a token that is short or cannot be had', async () => {
    place.write('short.yaml', configWith('127.0.0.1:0', 'env:SHORT'));
    const asked = ['run', '--config', 'short.yaml'];
    const short = await place.run(asked, { ...environment, SHORT: 'hunter2' });
    expect(short).toMatchObject({ code: 2 });
    expect(short.stderr).toContain('api.tokens[0].token: env:SHORT: expected at least 16 characters');
    expect(short.stderr).not.toContain('hunter2');
    expect((await place.run(asked, environment)).stderr).toContain('this environment variable is not set');
  }, 30_000);
});

describe('the API tells', () => {
  const ending = new AbortController();
  afterAll(() => ending.abort());

  async function serveOn(listen: string, secret: () => Promise<string>) {
    const notifier = createRecordingNotifier();
    const control = createFakeControl();
    const served = await serveApi({
      api: { listen, tokens: [{ name: 'ann', scope: 'read', token: 'env:ANN' }] },
      control,
      clock: createVirtualClock(),
      secret,
      notifier,
      signal: ending.signal,
    });
    const ask = () =>
      fetch(`${served.url.replace('0.0.0.0', '127.0.0.1')}/v1/pairs`, {
        headers: { authorization: `Bearer ${token}` },
      });
    return { notifier, control, ask };
  }

  test('where it listens, and that tokens travel in the clear where others can hear them', async () => {
    const { notifier } = await serveOn('0.0.0.0:0', async () => token);
    expect(notifier.events).toMatchObject([
      {
        kind: 'service',
        severity: 'warning',
        sentence: expect.stringMatching(/^The API listens on http.*in the clear/),
      },
    ]);
  });

  test('that a token cannot be used any more, by the name of its holder', async () => {
    const { notifier, ask } = await serveOn('127.0.0.1:0', () => Promise.reject(new Error('ENOENT')));
    expect((await ask()).status).toBe(401);
    expect(notifier.events.at(-1)).toMatchObject({ kind: 'service', severity: 'warning', data: { name: 'ann' } });
  });

  test('that it could not answer, by the kind of error and the id of the request', async () => {
    const { notifier, control, ask } = await serveOn('127.0.0.1:0', async () => token);
    control.failNext(new TypeError('cannot read password hunter2'));
    const answer = await ask();
    expect(answer.status).toBe(500);
    expect(notifier.events.at(-1)).toMatchObject({
      severity: 'warning',
      data: { requestId: answer.headers.get('x-request-id'), error: 'TypeError' },
    });
    expect(JSON.stringify(notifier.events)).not.toContain('hunter2');
  });
});
