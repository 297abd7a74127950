import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { until } from '../../../lab/wait.ts';
import type { Ordered } from '../../support/aws/faultProxy.ts';
import { copiesOf } from './account.ts';
import { faults, spoil } from './faults.ts';
import { type FailoverRequest, type FailoverRequestName, failoverRequests } from './requests.ts';
import { deploy, expectMovedOnce, loseBeijing, untilMoved, untilProtected, type Wire } from './support.ts';

const requests: Record<string, FailoverRequest> = failoverRequests;
const names = Object.keys(requests) as FailoverRequestName[];

/** What there is to see of a move beside the record. */
const alsoMoved: Record<string, (wire: Wire) => Promise<void>> = {
  async listener({ account: { elbv2 } }) {
    expect(JSON.stringify(elbv2.actionsOf(elbv2.listener))).toContain(elbv2.groups.shanghai.arn);
    expect(elbv2.states.filter(({ groups }) => !groups.some(({ weight }) => weight > 0))).toEqual([]);
  },
  async switch({ account: { s3 } }) {
    const [copy] = copiesOf('switch');
    const { bucket = '', key = '' } = copy ?? {};
    const said = [...new Set(s3.history(bucket, key).map((text) => text?.match(/site=(\w+) epoch=(\d+)/)?.[0]))];
    expect(said).toEqual(['site=beijing epoch=0', expect.stringMatching(/^site=shanghai epoch=[2-9]$/)]);
  },
  async news({ account: { sns } }) {
    const isTold = () =>
      sns.published.some(({ message }) => /Failover \d is done: traffic is on shanghai/.test(message));
    const look = async () => (isTold() ? undefined : `they were told ${sns.published.map(({ subject }) => subject)}`);
    await until(look, { what: 'people to be told', timeoutMs: 25_000, everyMs: 100 });
  },
};

describe.each(faults)('a request that %s, and when it comes again %s:', (_first, _second, befalling) => {
  const orders = new Map<string, Ordered[]>();
  let wire: Wire;
  // A pair for each request: all of them lose their primary at the same moment.
  beforeAll(async () => {
    wire = await deploy(Object.fromEntries(names.map((name) => [name, requests[name]?.pair ?? {}])), {
      requestsPerSecond: 1_000,
    });
    for (const name of names) orders.set(name, spoil(wire.account, name, name, befalling));
    void wire.start('watch', 60_000).invoke({});
    await Promise.all(names.map((name) => untilProtected(wire, name)));
    await Promise.all(names.map((name) => loseBeijing(wire, name)));
  }, 60_000);
  afterAll(() => wire.close());

  test.each(Object.entries(requests).map(([name, { does }]) => [does, name]))(
    'where it %s, traffic moves all the same: once, and never by half',
    async (_does, name) => {
      await untilMoved(wire, name);
      await expectMovedOnce(wire, name);
      await alsoMoved[name]?.(wire);
      expect(orders.get(name)?.map(({ met }) => met())).toEqual([1, 1]);
    },
    40_000,
  );
});
