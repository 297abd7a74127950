import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createVirtualClock } from '../../../adapters/memory/clock.ts';
import { createSnsNotifier, type SnsOptions } from '../../../adapters/notify/sns.ts';
import type { WarrenEvent } from '../../../core/model/event.ts';
import { type SnsStandIn, startSns } from '../../support/aws/sns.ts';

const topic = 'arn:aws:sns:eu-central-1:123456789012:warren';
const environment = {
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'example',
  AWS_EC2_METADATA_DISABLED: 'true',
};

let sns: SnsStandIn;
const before = { ...process.env };

beforeEach(async () => {
  sns = await startSns([topic]);
  Object.assign(process.env, environment, { AWS_ENDPOINT_URL_SNS: sns.url });
});
afterEach(async () => {
  process.env = { ...before };
  await sns.close();
});

const event = (change: Partial<WarrenEvent> = {}): WarrenEvent => ({
  atMs: Date.UTC(2026, 0, 1),
  pair: 'trading',
  kind: 'decision',
  severity: 'critical',
  sentence: 'beijing is down.',
  data: { decision: { reason: 'active-down' } },
  ...change,
});

function notifierFor(arn = topic, more: Partial<SnsOptions> = {}) {
  const clock = createVirtualClock();
  const undelivered: string[] = [];
  const notifier = createSnsNotifier({
    config: { topic: arn, severity: 'warning' },
    clock,
    random: () => 0.5,
    onUndelivered: (_, reason) => undelivered.push(reason),
    ...more,
  });
  return { notifier, clock, undelivered };
}

/** Lets the notifier pause `count` times and go on, as soon as it does. */
async function passPauses(clock: ReturnType<typeof createVirtualClock>, count: number): Promise<void> {
  for (let passed = 0; passed < count; passed += 1) {
    while (clock.nextDueInMs() === null) await clock.settle();
    await clock.advance(clock.nextDueInMs() ?? 0);
  }
}

const sentences = () => sns.published.map(({ message }) => JSON.parse(message).default);

describe('an SNS topic', () => {
  test('is told the sentence for people, the event for programs, and attributes to filter by', async () => {
    const { notifier } = notifierFor();
    await notifier.deliver(event());
    await notifier.close();
    expect(sns.published).toHaveLength(1);
    const { message, subject, attributes } = sns.published[0] ?? { message: '{}' };
    const { default: text, email, https, lambda, sqs } = JSON.parse(message);
    expect({ text, email }).toEqual({ text: 'trading: beijing is down.', email: undefined });
    for (const json of [https, lambda, sqs]) expect(JSON.parse(json)).toEqual(event());
    expect(subject).toBe('Warren critical: trading: beijing is down.');
    expect(attributes).toEqual({
      pair: { type: 'String', value: 'trading' },
      kind: { type: 'String', value: 'decision' },
      severity: { type: 'String', value: 'critical' },
    });
  });

  test('is told of what concerns no single pair under a name that no pair has', async () => {
    const { notifier } = notifierFor();
    await notifier.deliver(event({ pair: '' }));
    await notifier.close();
    expect(sns.published[0]?.attributes.pair?.value).toBe('*');
    expect(sentences()).toEqual(['beijing is down.']);
  });

  test('gets a subject that SNS takes, whatever the sentence is', async () => {
    const { notifier } = notifierFor();
    await notifier.deliver(event({ sentence: `Zürich\n→ Gen\u0007ève ${'x'.repeat(200)}` }));
    await notifier.close();
    expect(sns.published[0]?.subject).toMatch(/^Warren critical: trading: Zurich \? Gen eve x+\.\.\.$/);
    expect(sns.published[0]?.subject).toHaveLength(99);
  });

  test('gets an event that is too big without its data', async () => {
    const { notifier } = notifierFor();
    await notifier.deliver(event({ data: { observations: 'é'.repeat(30_000) } }));
    await notifier.close();
    expect(JSON.parse(JSON.parse(sns.published[0]?.message ?? '{}').sqs)).toEqual(
      event({ data: { omitted: 'too much for SNS' } }),
    );
  });

  test('gets what is severe enough and not part of something else, in order', async () => {
    const { notifier } = notifierFor();
    notifier.notify(event({ severity: 'info' }));
    notifier.notify(event({ kind: 'health' }));
    notifier.notify(event({ sentence: 'first.' }));
    notifier.notify(event({ sentence: 'second.', severity: 'warning' }));
    await sns.untilRequests(2);
    await notifier.close();
    expect(sentences()).toEqual(['trading: first.', 'trading: second.']);
  });

  test.each(['throttle', 'error', 'unavailable', 'html', 'expired', 'drop'] as const)(
    'is told again after a pause when a request ends in "%s"',
    async (fault) => {
      sns.faults = [fault, fault];
      const { notifier, clock, undelivered } = notifierFor();
      notifier.notify(event());
      await passPauses(clock, 2);
      await sns.untilRequests(3);
      await notifier.close();
      expect({ told: sentences(), undelivered }).toEqual({ told: ['trading: beijing is down.'], undelivered: [] });
    },
  );

  test('is told after a pause by a client that could not be opened the first time', async () => {
    let openings = 0;
    const open = async () => {
      openings += 1;
      if (openings === 1) throw new Error('too many open files');
      const sdk = await import('../../../adapters/notify/snsSdk.ts');
      return { sdk, client: new sdk.SNSClient({ region: 'eu-central-1' }) };
    };
    const { notifier, clock, undelivered } = notifierFor(topic, { open });
    notifier.notify(event());
    await passPauses(clock, 1);
    await sns.untilRequests(1);
    await notifier.close();
    expect({ told: sentences(), undelivered }).toEqual({ told: ['trading: beijing is down.'], undelivered: [] });
  });

  test('is told again, so perhaps twice, when nobody knows whether it has heard', async () => {
    sns.faults = ['take-and-drop'];
    const { notifier, clock } = notifierFor();
    notifier.notify(event());
    await passPauses(clock, 1);
    await sns.untilRequests(2);
    await notifier.close();
    expect(sentences()).toHaveLength(2);
  });

  test('is given up on after five attempts, each of them one request, and that is told', async () => {
    sns.faults = Array(20).fill('throttle');
    const { notifier, clock, undelivered } = notifierFor();
    notifier.notify(event());
    await passPauses(clock, 4);
    await sns.untilRequests(5);
    await notifier.close();
    expect({ requests: sns.requests(), undelivered }).toEqual({
      requests: 5,
      undelivered: ['answered 400 Throttling: Rate exceeded'],
    });
  });

  const refusals = [
    ['does not exist', `${topic}-gone`, [], 'answered 404 NotFoundException: Topic does not exist'],
    [
      'does not allow it',
      topic,
      ['forbid'],
      'answered 403 AuthorizationErrorException: The user is not authorized to perform: SNS:Publish',
    ],
  ] as const;
  test.each(refusals)('that %s is not asked again, and that is told', async (_, arn, faults, reason) => {
    sns.faults = [...faults];
    const { notifier, undelivered } = notifierFor(arn);
    notifier.notify(event());
    await sns.untilRequests(1);
    await notifier.close();
    expect({ requests: sns.requests(), undelivered }).toEqual({ requests: 1, undelivered: [reason] });
  });

  test('that says nothing does not keep the service from ending', async () => {
    sns.faults = ['hang'];
    const { notifier, clock, undelivered } = notifierFor();
    notifier.notify(event());
    await sns.untilRequests(1);
    const closed = notifier.close();
    await clock.advance(3_000);
    await closed;
    expect(undelivered).toEqual(['no answer in time']);
  });

  test('without credentials is told why it cannot be told', async () => {
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) delete process.env[name];
    Object.assign(process.env, { AWS_CONFIG_FILE: '/nowhere', AWS_SHARED_CREDENTIALS_FILE: '/nowhere' });
    const { notifier } = notifierFor();
    await expect(notifier.deliver(event())).rejects.toThrow('Could not load credentials from any providers');
    await notifier.close();
  });
});

test('whoever has no SNS topic does not load the SDK of AWS', async () => {
  const script = `
    import { registerHooks } from 'node:module';
    const loaded = [];
    registerHooks({ resolve: (name, context, next) => { loaded.push(name); return next(name, context); } });
    await import('./lambdas/shared/notifiers.ts');
    console.log(JSON.stringify(loaded.filter((name) => /aws-sdk|smithy/.test(name))), loaded.length > 5);
  `;
  const words = ['--input-type=module', '--eval', script];
  const cwd = new URL('../../..', import.meta.url).pathname;
  const { stdout } = await promisify(execFile)(process.execPath, words, { cwd, env: { ...before, NODE_OPTIONS: '' } });
  expect(stdout.trim()).toBe('[] true');
});
