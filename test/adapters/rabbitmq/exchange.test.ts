import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { ManagementApi } from '../../../adapters/rabbitmq/managementApi.ts';
import { probeReference } from '../../../adapters/rabbitmq/references.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const login = async () => ({ username: 'probe', password: 'hunter2' });

/** A management API that counts connections; one of its paths never answers. */
async function start() {
  const server = http.createServer((request, response) => {
    counted.asked.push(`${request.method} ${request.url}`);
    if (request.url !== '/api/silent') response.end('{}');
  });
  const counted = { opened: 0, asked: [] as string[] };
  server.on('connection', () => {
    counted.opened += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => new Promise((resolve) => server.closeAllConnections() ?? server.close(resolve)));
  const left = async () => {
    const { promise, resolve } = Promise.withResolvers<number>();
    server.getConnections((_, count) => resolve(count));
    return await promise;
  };
  return { base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, counted, left };
}

test('calls share kept connections, and no more of them than was said', async () => {
  const { base, counted } = await start();
  const api = new ManagementApi(5_000, 2);
  closing.push(() => api.close());
  const answers = await Promise.all(Array.from({ length: 20 }, () => api.get(base, '/api/nodes', login)));
  expect(answers).toEqual(Array(20).fill({ kind: 'answered', status: 200, body: {} }));
  expect(counted.opened).toBe(2);
});

test('a call that waits for a connection ends at its deadline, and the next one finds a way', async () => {
  const { base } = await start();
  const api = new ManagementApi(5_000, 1);
  closing.push(() => api.close());
  const hung = api.call(base, '/api/silent', login, { timeoutMs: 300 });
  const waiting = api.call(base, '/api/nodes', login, { timeoutMs: 100 });
  expect(await waiting).toEqual({ kind: 'silent', reason: 'no answer within 100 ms' });
  expect(await hung).toEqual({ kind: 'silent', reason: 'no answer within 300 ms' });
  expect(await api.get(base, '/api/nodes', login)).toMatchObject({ kind: 'answered', status: 200 });
});

test('once closed, no connection is left and none is opened, whatever waits for one', async () => {
  const { base, counted, left } = await start();
  const api = new ManagementApi(5_000, 1);
  const calls = ['/api/silent', '/api/first', '/api/second'].map((path) =>
    api.call(base, path, login, { timeoutMs: 500 }),
  );
  while (counted.asked.length === 0) await new Promise(setImmediate);
  await api.close();
  expect((await Promise.all(calls)).map(({ kind }) => kind)).toEqual(['silent', 'silent', 'silent']);
  expect(counted).toEqual({ opened: 1, asked: ['GET /api/silent'] });
  while ((await left()) > 0) await new Promise(setImmediate);
});

test('a reference is asked once, over a connection that does not stay', async () => {
  const { base, counted, left } = await start();
  const found = await probeReference(base, 5_000, new AbortController());
  expect(found).toEqual({ reference: base, visible: true, detail: 'answers 200' });
  expect(counted.asked).toEqual(['HEAD /']);
  while ((await left()) > 0) await new Promise(setImmediate);
  const silent = await probeReference(`${base}/api/silent`, 100, new AbortController());
  expect(silent).toMatchObject({ visible: false, detail: 'no answer within 100 ms' });
  while ((await left()) > 0) await new Promise(setImmediate);
});
