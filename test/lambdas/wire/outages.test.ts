import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { until } from '../../../lab/wait.ts';
import type { ProxyFault } from '../../support/aws/faultProxy.ts';
import type { LambdaFunction } from '../../support/aws/runtime.ts';
import { failoverRequests } from './requests.ts';
import {
  deploy,
  expectMovedOnce,
  expectNeverHalf,
  loseBeijing,
  recordOf,
  toldBy,
  untilMoved,
  untilProtected,
  values,
  type Wire,
} from './support.ts';

/** Where a move stops while a request of it goes on failing. */
const stops = {
  claim: { sentence: 'nothing has begun', desired: 'beijing', operation: null },
  commit: { sentence: 'nothing is moved', desired: 'beijing', operation: 'claimed' },
  before: { sentence: 'the record is as it was', desired: 'shanghai', operation: 'committed' },
  batch: { sentence: 'the record is as it was', desired: 'shanghai', operation: 'committed' },
} as const;

/** How it fails, and why Warren says that it does: of the store, and of Route 53. */
const failures: { befalls: string; fault: ProxyFault; store: string; route53: RegExp }[] = [
  {
    befalls: 'throttled',
    fault: { kind: 'throttled' },
    store: 'requests are throttled',
    route53: /Route 53 throttles route53:\w+ \(5 requests a second/,
  },
  {
    befalls: 'failed',
    fault: { kind: 'failed' },
    store: 'answered 500',
    route53: /Route 53 answered route53:\w+ with 500 InternalFailure/,
  },
  {
    befalls: 'denied',
    fault: { kind: 'denied' },
    store: 'access is denied',
    route53: /IAM does not allow route53:\w+ on zone Z/,
  },
  {
    befalls: 'hung',
    fault: { kind: 'hang' },
    store: 'no answer in time',
    route53: /Route 53 did not answer route53:\w+ within \d+ ms/,
  },
];

const cases = Object.entries(stops).flatMap(([request, stop]) =>
  failures.map((failure) => {
    const isStore = request === 'claim' || request === 'commit';
    const why = isStore ? new RegExp(`No store, no act: .* ${failure.store}`) : failure.route53;
    const { does, operation: asked, judge } = failoverRequests[request as keyof typeof stops];
    return { ...stop, ...failure, pair: `${request}-${failure.befalls}`, why, does, asked, judge };
  }),
);

describe('while a request goes on failing', () => {
  let wire: Wire;
  let watch: LambdaFunction;
  beforeAll(async () => {
    wire = await deploy(Object.fromEntries(cases.map(({ pair }) => [pair, {}])), { requestsPerSecond: 1_000 });
    const times = Number.POSITIVE_INFINITY;
    for (const { pair, fault, asked, judge } of cases)
      wire.account.proxy.order(fault, { operation: asked, when: judge(pair), times });
    watch = wire.start('watch', 90_000);
    void watch.invoke({});
    await Promise.all(cases.map(({ pair }) => untilProtected(wire, pair)));
    await Promise.all(cases.map(({ pair }) => loseBeijing(wire, pair)));
  }, 60_000);
  afterAll(() => wire.close());

  /** What the function has logged of a pair. */
  const saidOf = (pair: string): string[] =>
    toldBy(watch).flatMap((told) => (told.pair === pair ? [told.message] : []));

  test.each(cases)(
    'the one that $does, because it is $befalls: $sentence, and Warren says why',
    async (each) => {
      const { pair, why, desired, operation } = each;
      const look = async () =>
        saidOf(pair).filter((sentence) => why.test(sentence)).length < 2 ? saidOf(pair).join(' | ') : undefined;
      await until(look, { what: `${pair} to say ${why} twice`, timeoutMs: 30_000, everyMs: 50 });
      expect(await wire.whereabouts(pair, recordOf(pair))).toMatchObject({
        published: values.beijing,
        marker: null,
        answered: values.beijing,
        desired,
        operation,
      });
      expectNeverHalf(wire, pair);
    },
    40_000,
  );

  describe('and then is answered again', () => {
    beforeAll(() => wire.account.proxy.mend());

    test.each(cases)(
      'the one that $does, and was $befalls: traffic moves once',
      async ({ pair }) => {
        await untilMoved(wire, pair);
        await expectMovedOnce(wire, pair);
      },
      40_000,
    );
  });
});
