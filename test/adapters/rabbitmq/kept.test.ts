import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Prober } from '../../../core/flow/ports.ts';
import type { Node } from '../../../core/model/config.ts';
import type { ProbeHint } from '../../../core/model/probe.ts';
import { FakeBroker } from './fakeBroker.ts';
import { failuresOf, nodeAt, passesOf, proberOf, timeoutMs } from './support.ts';

let broker: FakeBroker;
let node: Node;
let prober: Prober;
let hints: ProbeHint[];
let nextHint: Promise<ProbeHint>;

beforeEach(async () => {
  broker = new FakeBroker();
  node = nodeAt(await broker.listen());
  prober = proberOf([node]);
  hints = [];
  const heard = Promise.withResolvers<ProbeHint>();
  nextHint = heard.promise;
  prober.onHint((hint) => {
    hints.push(hint);
    heard.resolve(hint);
  });
});
afterEach(async () => {
  await prober.close();
  await broker.close();
});

const probe = () => prober.probe('beijing', node, 'kept');

test('the connection is opened once and then kept', async () => {
  expect(passesOf(await probe())).toEqual(['tcp', 'amqp-open', 'publish-confirm-get']);
  const opened = broker.accepted;
  expect(passesOf(await probe())).toEqual(['publish-confirm-get']);
  expect(broker.accepted).toBe(opened);
});

test('probes that overlap are one', async () => {
  await probe();
  const [first, second] = await Promise.all([probe(), probe()]);
  expect(second).toBe(first);
  expect(broker.published).toBe(2);
});

test('a forced close, which the client library does not call an error, is a hint at once', async () => {
  await probe();
  broker.forceClose();
  expect(await nextHint).toMatchObject({ site: 'beijing', node: 'rabbit@bj1', kind: 'broken' });
  expect(passesOf(await probe())).toEqual(['tcp', 'amqp-open', 'publish-confirm-get']);
});

test('a lost socket is a hint at once', async () => {
  await probe();
  for (const socket of broker.sockets) socket.destroy();
  expect((await nextHint).kind).toBe('broken');
});

test('a connection that breaks under a publish is judged by what a new one finds', async () => {
  await probe();
  broker.behaviour.publish = 'close';
  const probing = probe();
  await nextHint;
  broker.behaviour.publish = 'confirm';
  expect(failuresOf(await probing)).toEqual([]);
});

test('a publish that is not confirmed costs one deadline, and the next probe opens a new connection', async () => {
  await probe();
  broker.behaviour.publish = 'silent';
  const stalled = await probe();
  expect(failuresOf(stalled)).toEqual(['publish-confirm-get publish-stalled']);
  expect(stalled.finishedAtMs - stalled.startedAtMs).toBeLessThan(timeoutMs * 2);
  broker.behaviour.publish = 'confirm';
  expect(passesOf(await probe())).toEqual(['tcp', 'amqp-open', 'publish-confirm-get']);
  expect(hints).toEqual([]);
});

test('a blocked connection is kept: it reports the alarm without publishing again, until it is unblocked', async () => {
  await probe();
  const opened = broker.accepted;
  broker.behaviour.publish = 'block';
  expect(failuresOf(await probe())).toEqual(['publish-confirm-get alarm']);
  expect(hints.map(({ kind }) => kind)).toEqual(['blocked']);
  const published = broker.published;
  expect(failuresOf(await probe())).toEqual(['publish-confirm-get alarm']);
  expect(broker.published).toBe(published);
  expect(broker.accepted).toBe(opened);

  const full = await prober.probe('beijing', node, 'full');
  expect(failuresOf(full)).toEqual(['publish-confirm-get alarm']);
  expect(broker.published).toBe(published);

  broker.behaviour.publish = 'confirm';
  broker.unblock();
  const unblocked = await untilPassing();
  expect(passesOf(unblocked)).toEqual(['publish-confirm-get']);
});

/** The unblocking travels over a socket: a few probes may come before it. */
async function untilPassing() {
  for (;;) {
    const result = await probe();
    if (failuresOf(result).length === 0) return result;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('who was refused for a wrong password does not knock again every second', async () => {
  broker.behaviour.login = 'refuse';
  expect(failuresOf(await probe())).toEqual(['amqp-open auth']);
  const opened = broker.accepted;
  expect(failuresOf(await probe())).toEqual(['amqp-open auth']);
  expect(broker.accepted).toBe(opened);
});

test('closing leaves nothing open, even under a probe that hangs', async () => {
  await probe();
  broker.behaviour.publish = 'silent';
  const hanging = [probe(), prober.probe('beijing', node, 'full')];
  await prober.close();
  for (const { checks } of await Promise.all(hanging))
    expect(checks.some(({ status }) => status === 'fail')).toBe(true);
  await new Promise((resolve) => setImmediate(resolve));
  expect(failuresOf(await probe())).not.toEqual([]);
});
