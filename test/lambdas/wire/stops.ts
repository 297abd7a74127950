import { expect } from '@jest/globals';
import { until } from '../../../lab/wait.ts';
import type { ProxyFault } from '../../support/aws/faultProxy.ts';
import type { LambdaFunction } from '../../support/aws/runtime.ts';
import type { Account } from './account.ts';
import { failoverRequests } from './requests.ts';
import { everything, expectNeverHalf, type Installed, recordOf, toldOf } from './support.ts';

/** Where a move stops while a request of it goes on failing. */
const places = {
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

export const stops = Object.entries(places).flatMap(([request, stop]) =>
  failures.map((failure) => {
    const isStore = request === 'claim' || request === 'commit';
    const why = isStore ? new RegExp(`No store, no act: .* ${failure.store}`) : failure.route53;
    const { does, operation: asked, judge } = failoverRequests[request as keyof typeof places];
    return { ...stop, ...failure, pair: `${request}-${failure.befalls}`, why, does, asked, judge };
  }),
);
export type Stop = (typeof stops)[number];

/** The request of that pair fails from now on, until all is mended. */
export function orderStop({ proxy }: Account, { pair, fault, asked, judge }: Stop): void {
  proxy.order(fault, { operation: asked, when: judge(pair), times: Number.POSITIVE_INFINITY });
}

/** Waits until Warren has said twice why a pair does not move: its record leads to where it led, and history tells of no
 * move. */
export async function expectStopped(installed: Installed, watch: LambdaFunction, stop: Stop): Promise<void> {
  const { pair, why, desired, operation } = stop;
  const look = async () => {
    const said = toldOf(watch, pair);
    return said.filter((sentence) => why.test(sentence)).length < 2 ? said.join(' | ') : undefined;
  };
  await until(look, { what: `${pair} to say ${why} twice`, timeoutMs: 30_000, everyMs: 50 });
  const { beijing } = installed.values;
  const unmoved = { published: beijing, marker: null, answered: beijing };
  expect(await installed.whereabouts(pair, recordOf(pair))).toMatchObject({ ...unmoved, desired, operation });
  const ended = await installed.store.listOperations(pair, everything);
  expect(ended.filter(({ phase }) => phase === 'finished')).toEqual([]);
  expectNeverHalf(installed, pair);
}
