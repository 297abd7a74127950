import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createVirtualClock } from '../../../adapters/memory/clock.ts';
import { signature } from '../../../adapters/notify/post.ts';
import { createWebhookNotifier } from '../../../adapters/notify/webhook.ts';
import type { WarrenEvent } from '../../../core/model/event.ts';

interface Received {
  body: Record<string, unknown>;
  text: string;
  signature: string | undefined;
}

let server: Server;
let received: Received[];
/** What the receiver answers next, one status each; 204 when there is none left. */
let answers: number[];
let arrived: () => void;

beforeEach(async () => {
  received = [];
  answers = [];
  arrived = () => {};
  server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    request.on('end', () => {
      received.push({
        body: JSON.parse(text),
        text,
        signature: request.headers['warren-signature'] as string | undefined,
      });
      response.writeHead(answers.shift() ?? 204).end();
      arrived();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

const event = (change: Partial<WarrenEvent> = {}): WarrenEvent => ({
  atMs: Date.UTC(2026, 0, 1),
  pair: 'trading',
  kind: 'decision',
  severity: 'critical',
  sentence: 'beijing is down <all 3 nodes>.',
  data: { decision: { reason: 'active-down' } },
  ...change,
});

function notifierFor(format: 'json' | 'slack' | 'pagerduty', secret: string | null = null, path = '/hook') {
  const clock = createVirtualClock();
  const undelivered: string[] = [];
  const { port } = server.address() as AddressInfo;
  const notifier = createWebhookNotifier({
    config: { format, severity: 'warning' },
    url: async () => `http://127.0.0.1:${port}${path}`,
    secret: secret === null ? null : async () => secret,
    clock,
    random: () => 0.5,
    onUndelivered: (_, reason) => undelivered.push(reason),
  });
  return { notifier, clock, undelivered };
}

/** Resolves when the receiver has had so many requests. */
async function requests(count: number): Promise<void> {
  while (received.length < count)
    await new Promise<void>((resolve) => {
      arrived = resolve;
    });
}

describe('a webhook', () => {
  test('delivers what is severe enough and not part of something else, in order', async () => {
    const { notifier } = notifierFor('json');
    notifier.notify(event({ severity: 'info' }));
    notifier.notify(event({ kind: 'health' }));
    notifier.notify(event({ sentence: 'first.' }));
    notifier.notify(event({ sentence: 'second.', severity: 'warning' }));
    await requests(2);
    await notifier.close();
    expect(received.map(({ body }) => body.sentence)).toEqual(['first.', 'second.']);
  });

  test('signs the body with the moment, so that a receiver can tell who sent it', async () => {
    const { notifier, clock } = notifierFor('json', 'shared');
    await notifier.deliver(event());
    expect(received[0]?.signature).toBe(signature('shared', received[0]?.text ?? '', clock.nowMs()));
    expect(received[0]?.signature).toMatch(/^t=\d+,v1=[0-9a-f]{64}$/);
  });

  test('speaks Slack, with its markup escaped', async () => {
    await notifierFor('slack').notifier.deliver(event());
    expect(received[0]?.body).toEqual({ text: ':rotating_light: *trading* beijing is down &lt;all 3 nodes&gt;.' });
  });

  test('speaks PagerDuty, with one incident per pair and reason, and the routing key only in the body', async () => {
    await notifierFor('pagerduty', 'routing').notifier.deliver(event());
    expect(received[0]?.body).toMatchObject({
      routing_key: 'routing',
      event_action: 'trigger',
      dedup_key: 'warren/trading/decision/active-down',
      payload: { severity: 'critical', timestamp: '2026-01-01T00:00:00.000Z' },
    });
    expect(received[0]?.signature).toBeUndefined();
  });

  test('tries again after a pause when the receiver is unwell, and then goes on', async () => {
    answers = [503, 429];
    const { notifier, clock, undelivered } = notifierFor('json');
    notifier.notify(event({ sentence: 'first.' }));
    notifier.notify(event({ sentence: 'second.' }));
    for (let tried = 1; tried <= 4; tried += 1) {
      await requests(tried);
      while (received.length === tried && tried < 4 && clock.nextDueInMs() === null) await clock.settle();
      await clock.advance(10_000);
    }
    await notifier.close();
    expect(received.map(({ body }) => body.sentence)).toEqual(['first.', 'first.', 'first.', 'second.']);
    expect(undelivered).toEqual([]);
  });

  test('does not try again what the receiver refuses for good, says so without the URL, and goes on', async () => {
    answers = [404];
    const { notifier, undelivered } = notifierFor('json', null, '/services/T0/secret');
    notifier.notify(event({ sentence: 'first.' }));
    notifier.notify(event({ sentence: 'second.' }));
    await requests(2);
    await notifier.close();
    expect(received.map(({ body }) => body.sentence)).toEqual(['first.', 'second.']);
    expect(undelivered).toEqual(['answered 404']);
  });

  test('never makes the one who tells wait, and does not pile up without end', () => {
    const { notifier, undelivered } = notifierFor('json');
    for (let count = 0; count < 300; count += 1) notifier.notify(event());
    expect(undelivered.length).toBeGreaterThan(0);
    expect(undelivered[0]).toBe('200 events are waiting already');
    return notifier.close().catch(() => {});
  });
});
