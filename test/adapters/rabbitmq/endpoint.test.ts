import http from 'node:http';
import { afterEach, expect, test } from '@jest/globals';
import { FakeBroker } from './fakeBroker.ts';
import { FakeManagement, FakeServer, nodeAt, proberOf, timeoutMs } from './support.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close();
});

const anyNode = nodeAt('amqp://127.0.0.1:1');

test('the endpoint tells which cluster answered', async () => {
  const broker = new FakeBroker({ clusterName: 'shanghai' });
  const prober = proberOf([anyNode]);
  open.push(broker, prober);
  expect(await prober.probeEndpoint(await broker.listen())).toMatchObject({ status: 'pass', clusterName: 'shanghai' });
  expect(broker.declared).toEqual([expect.stringMatching(/^warren\.endpoint\./)]);
});

test('the login of the other site is tried when the first is refused', async () => {
  const broker = new FakeBroker({ login: 'refuse' });
  const prober = proberOf([anyNode]);
  open.push(broker, prober);
  const result = await prober.probeEndpoint(await broker.listen());
  expect(result).toMatchObject({ status: 'fail', clusterName: null, detail: expect.stringContaining('auth') });
  expect(broker.accepted).toBe(4); // for each login: the knock, and the connection
});

test('a silent endpoint fails within its deadline', async () => {
  const server = new FakeServer((socket) => socket.resume());
  const prober = proberOf([anyNode]);
  open.push(server, prober);
  const startedAtMs = performance.now();
  const result = await prober.probeEndpoint(`amqp://${await server.listen()}`);
  expect(result).toMatchObject({ status: 'fail', detail: expect.stringContaining('hung') });
  expect(performance.now() - startedAtMs).toBeLessThan(timeoutMs * 3);
  await server.empty();
});

test('a reference is visible when it accepts, or answers with any status', async () => {
  const tcp = new FakeServer((socket) => socket.resume());
  const silent = new FakeServer((socket) => socket.resume());
  const web = new FakeManagement({ '*': { status: 503 } });
  const gone = http.createServer().listen(0, '127.0.0.1');
  const reference = [
    `tcp://${await tcp.listen()}`,
    `http://${await silent.listen()}`,
    await web.listen(),
    'tcp://127.0.0.1:1',
  ];
  gone.close();
  const prober = proberOf([anyNode], { reference });
  open.push(tcp, silent, web, prober);
  const seen = await prober.probeReferences();
  expect(seen.map(({ visible }) => visible)).toEqual([true, false, true, false]);
  await Promise.all([tcp.empty(), silent.empty()]);
});
