import type net from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import type { Prober } from '../../../core/flow/ports.ts';
import type { NodeProbe } from '../../../core/model/probe.ts';
import { type BrokerBehaviour, FakeBroker, strayMessage } from './fakeBroker.ts';
import { FakeServer, failuresOf, nodeAt, passesOf, password, proberOf, timeoutMs } from './support.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close();
});

function keep<T extends { close(): Promise<void> }>(thing: T): T {
  open.push(thing);
  return thing;
}

async function probeServer(serve: (socket: net.Socket) => void, protocol = 'amqp') {
  const server = keep(new FakeServer(serve));
  const node = nodeAt(`${protocol}://${await server.listen()}`);
  const prober = keep(proberOf([node]));
  return { server, probe: await prober.probe('beijing', node, 'full') };
}

async function probeBroker(behaviour: BrokerBehaviour, site: Record<string, unknown> = {}) {
  const broker = keep(new FakeBroker(behaviour));
  const node = nodeAt(await broker.listen());
  const prober: Prober = keep(proberOf([node], { site }));
  return { broker, node, prober, probe: await prober.probe('beijing', node, 'full') };
}

/** A knock, and the connection itself. */
const connectionsOfFullProbe = 2;

const detailOf = ({ checks }: NodeProbe) =>
  checks.flatMap((check) => (check.status === 'fail' ? [check.detail] : [])).join();
const durationOf = ({ startedAtMs, finishedAtMs }: NodeProbe) => finishedAtMs - startedAtMs;

test('a port that nobody listens on is refused', async () => {
  const server = new FakeServer(() => {});
  const address = await server.listen();
  await server.close();
  const node = nodeAt(`amqp://${address}`);
  const probe = await keep(proberOf([node])).probe('beijing', node, 'full');
  expect(failuresOf(probe)).toEqual(['tcp refused']);
});

test('a name that does not resolve is an error of the prober, and does not vote', async () => {
  const node = nodeAt('amqp://no-such-host.invalid:5672');
  const probe = await keep(proberOf([node])).probe('beijing', node, 'full');
  expect(failuresOf(probe)).toEqual(['tcp probe-error']);
});

test('a peer that accepts and stays silent is hung, costs one deadline and keeps no socket', async () => {
  const { server, probe } = await probeServer((socket) => socket.resume());
  expect(failuresOf(probe)).toEqual(['amqp-open hung']);
  expect(durationOf(probe)).toBeGreaterThanOrEqual(timeoutMs - 5);
  expect(durationOf(probe)).toBeLessThan(timeoutMs * 3);
  await server.empty();
});

test('a peer that drips bytes does not defeat the deadline', async () => {
  const { server, probe } = await probeServer((socket) => {
    socket.resume();
    const drip = setInterval(() => socket.write(Buffer.from([1, 0])), 20);
    socket.on('close', () => clearInterval(drip));
  });
  expect(passesOf(probe)).toEqual(['tcp']);
  expect(failuresOf(probe)).toHaveLength(1);
  expect(durationOf(probe)).toBeLessThan(timeoutMs * 3);
  await server.empty();
});

test('a peer that closes at once refuses', async () => {
  const { probe } = await probeServer((socket) => socket.destroy());
  expect(failuresOf(probe)).toEqual(['amqp-open refused']);
});

test('a peer that speaks HTTP does not vote', async () => {
  const { server, probe } = await probeServer((socket) =>
    socket.on('data', () => socket.write('HTTP/1.1 400 Bad\r\n\r\n')),
  );
  expect(failuresOf(probe)).toEqual(['amqp-open probe-error']);
  await server.empty();
});

test.each(['full', 'kept'] as const)('a %s probe of a prober that is closed connects to nothing', async (depth) => {
  const broker = keep(new FakeBroker());
  const node = nodeAt(await broker.listen());
  const closed = keep(proberOf([node]));
  await closed.close();
  expect(failuresOf(await closed.probe('beijing', node, depth))).toEqual(['tcp probe-error']);
  // Connections are accepted in the order in which they are made.
  await keep(proberOf([node])).probe('beijing', node, 'full');
  expect(broker.accepted).toBe(connectionsOfFullProbe);
});

test('a prober that is closed while a password is read connects to nothing after that', async () => {
  const broker = keep(new FakeBroker());
  const node = nodeAt(await broker.listen());
  const asked = Promise.withResolvers<void>();
  const known = Promise.withResolvers<string>();
  const closed = keep(
    proberOf([node], {
      password() {
        asked.resolve();
        return known.promise;
      },
    }),
  );
  const probing = closed.probe('beijing', node, 'full');
  await asked.promise;
  await closed.close();
  known.resolve(password);
  expect(failuresOf(await probing)).toEqual(['amqp-open probe-error']);
  await keep(proberOf([node])).probe('beijing', node, 'full');
  // The knock of the first one came before its password.
  expect(broker.accepted).toBe(1 + connectionsOfFullProbe);
});

test('a plain port behind amqps fails in TLS, which does not vote', async () => {
  const { probe } = await probeServer(
    (socket) => socket.on('data', () => socket.write('AMQP\0\0\u0009\u0001')),
    'amqps',
  );
  expect(passesOf(probe)).toEqual(['tcp']);
  expect(failuresOf(probe)).toEqual(['tls tls']);
});

test('a TLS port that stays silent is hung', async () => {
  const { server, probe } = await probeServer((socket) => socket.resume(), 'amqps');
  expect(failuresOf(probe)).toEqual(['tls hung']);
  await server.empty();
});

test.each<[string, BrokerBehaviour, string]>([
  ['a refused login', { login: 'refuse' }, 'amqp-open auth'],
  ['a login that is not answered', { login: 'silent' }, 'amqp-open auth'],
  ['a vhost that is not opened', { vhost: 'silent' }, 'amqp-open metadata-stalled'],
  ['530 at connection.open', { vhost: { code: 530, text: 'NOT_ALLOWED - limit' } }, 'amqp-open not-allowed'],
  ['541 at connection.open', { vhost: { code: 541, text: 'INTERNAL_ERROR - down' } }, 'amqp-open not-allowed'],
  ['320 at connection.open', { vhost: { code: 320, text: 'CONNECTION_FORCED' } }, 'amqp-open probe-error'],
  ['a nack', { publish: 'nack' }, 'publish-confirm-get no-quorum'],
  ['no confirm', { publish: 'silent' }, 'publish-confirm-get publish-stalled'],
  ['connection.blocked', { publish: 'block' }, 'publish-confirm-get alarm'],
  ['403 on the channel', { publish: { channelClose: 403 } }, 'publish-confirm-get not-allowed'],
  ['406 on the channel', { publish: { channelClose: 406 } }, 'publish-confirm-get probe-error'],
  ['a connection that is lost', { publish: 'close' }, 'publish-confirm-get probe-error'],
  ['a declare that is not answered', { declare: 'silent' }, 'declare metadata-stalled'],
  [
    'a missing probe queue that cannot be declared',
    { declare: 'silent', queueExists: false },
    'publish-confirm-get metadata-stalled',
  ],
])('%s is told apart, and leaves no connection', async (_, behaviour, expected) => {
  const { broker, probe } = await probeBroker(behaviour);
  expect(failuresOf(probe)).toEqual([expected]);
  expect(JSON.stringify(probe)).not.toContain(password);
  await broker.empty();
});

test('the words with which the broker refuses a vhost are kept', async () => {
  const { probe } = await probeBroker({ vhost: { code: 530, text: `NOT_ALLOWED - vhost nope not found ${password}` } });
  expect(detailOf(probe)).toContain('530 NOT_ALLOWED - vhost nope not found ***');
});

test('a healthy node passes every rung, says who it is, and is left politely', async () => {
  const { broker, probe } = await probeBroker({});
  expect(passesOf(probe)).toEqual(['tcp', 'amqp-open', 'publish-confirm-get', 'declare']);
  expect(probe.identity).toEqual({ clusterName: 'beijing', version: '3.10.8' });
  expect(broker.politeCloses).toBe(1);
  expect(broker.declared).toEqual([expect.stringMatching(/^warren\.declare\./)]);
});

test('a node of another cluster is reported, and nothing is published to it', async () => {
  const { broker, probe } = await probeBroker({ clusterName: 'staging' }, { clusterName: 'beijing' });
  expect(failuresOf(probe)).toEqual(['amqp-open wrong-identity']);
  expect(probe.identity?.clusterName).toBe('staging');
  expect(broker.published).toBe(0);
});

test('a missing probe queue is declared and tried again', async () => {
  const { broker, probe } = await probeBroker({ queueExists: false });
  expect(failuresOf(probe)).toEqual([]);
  expect(broker.declared[0]).toBe('warren.probe.trading.here.rabbit@bj1');
});

test('pairs on one cluster do not get in the way of each other: each has a probe queue of its own', async () => {
  const broker = keep(new FakeBroker());
  const node = nodeAt(await broker.listen());
  for (const name of ['trading', 'settlement']) {
    broker.behaviour.queueExists = false;
    await keep(proberOf([node], { name })).probe('beijing', node, 'kept');
  }
  expect(broker.declared).toEqual(['warren.probe.trading.here.rabbit@bj1', 'warren.probe.settlement.here.rabbit@bj1']);
});

test('a nonce that was left behind is cleared away, one that another probe waits for is put back', async () => {
  const broker = keep(new FakeBroker());
  const node = nodeAt(await broker.listen());
  broker.queue.push(strayMessage(`${Date.now() - 60_000}.old`), strayMessage(`${Date.now()}.young`));
  const probe = await keep(proberOf([node])).probe('beijing', node, 'full');
  expect(failuresOf(probe)).toEqual([]);
  expect(broker.acked).toBe(2);
  expect(broker.queue.map(({ body }) => body.toString())).toContainEqual(expect.stringMatching(/young$/));
});

test('a stalled declare is not repeated at once: the broker still holds the last one', async () => {
  const { broker, prober, node } = await probeBroker({ declare: 'silent' });
  const again = await prober.probe('beijing', node, 'full');
  expect(failuresOf(again)).toEqual([]);
  expect(again.checks).toContainEqual({
    check: 'declare',
    status: 'skipped',
    detail: 'the last one stalled; not tried again yet',
  });
  expect(durationOf(again)).toBeLessThan(timeoutMs);
  expect(broker.declared).toEqual([]);
});

test('credentials that cannot be read are an error of the prober, and their error is not shown', async () => {
  const broker = keep(new FakeBroker());
  const node = nodeAt(await broker.listen());
  const prober = keep(proberOf([node], { password: () => Promise.reject(new Error(password)) }));
  const probe = await prober.probe('beijing', node, 'full');
  expect(failuresOf(probe)).toEqual(['amqp-open probe-error']);
  expect(JSON.stringify(probe)).not.toContain(password);
});

test('a nonce that is lost, as in a queue that is being moved, is published again and not called a stall', async () => {
  const broker = keep(new FakeBroker());
  const node = nodeAt(await broker.listen());
  const { push } = broker.queue;
  broker.queue.push = (...messages) => {
    broker.queue.push = push;
    return messages.length;
  };
  const probe = await keep(proberOf([node])).probe('beijing', node, 'full');
  expect(failuresOf(probe)).toEqual([]);
  expect(broker.published).toBe(2);
});
