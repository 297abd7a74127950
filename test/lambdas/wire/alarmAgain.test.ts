import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AwsRequest } from '../../support/aws/awsRequest.ts';
import type { ProxyFault } from '../../support/aws/faultProxy.ts';
import type { Invoked, LambdaFunction } from '../../support/aws/runtime.ts';
import { alarmEvent } from '../alarmEvent.ts';
import { askByTurns, type StoreRequest, storeFaults, storeRequests } from './storeRequests.ts';
import {
  deploy,
  everything,
  expectMovedOnce,
  loseBeijing,
  untilMoved,
  untilProtected,
  untilTold,
  type Wire,
} from './support.ts';

/** What the function does of an alarm, and of the requests that this is made of, which one is spoiled. */
const rows: { deed: 'request' | 'vote'; spoiled: keyof typeof storeRequests }[] = [
  ...(['record', 'fleet', 'journal', 'request'] as const).map((spoiled) => ({ deed: 'request' as const, spoiled })),
  ...(['record', 'observations', 'observation'] as const).map((spoiled) => ({ deed: 'vote' as const, spoiled })),
];
const cases = rows.flatMap(({ deed, spoiled }) =>
  storeFaults.map((faults, index) => ({
    ...faults,
    deed,
    spoiled,
    does: storeRequests[spoiled].does,
    // What all pairs read is spoiled for one of them at a time.
    by: spoiled === 'fleet' ? spoiled : deed,
    pair: `${deed}-${spoiled}-${index}`,
  })),
);
type Case = (typeof cases)[number];

/** As Lambda invokes a function asynchronously: twice more where it fails (developer guide, "Asynchronous invocation"). */
const deliveriesMax = 3;

/** What came of each delivery of an event, and how many requests were spoiled in the first one, and later. */
interface Delivered {
  deliveries: Invoked[];
  met: number[];
}

const alarms = {
  request: (pair: string) => ({
    failover: { mode: 'approve', quorum: 1 },
    alarms: [{ alarm: `gone-${pair}`, site: 'beijing' }],
  }),
  // Without the alarm's voice there is no majority.
  vote: (pair: string) => ({
    failover: { mode: 'automatic', quorum: 'majority' },
    vantages: ['ireland', 'cloudwatch'],
    alarms: [{ alarm: `gone-${pair}`, site: 'beijing', does: 'vote', vantage: 'cloudwatch' }],
  }),
} as const;

describe('an alarm whose event Lambda delivers again where the function failed,', () => {
  let wire: Wire;
  let delivered: Map<string, Promise<Delivered>>;
  beforeAll(async () => {
    wire = await deploy(Object.fromEntries(cases.map(({ pair, deed }) => [pair, alarms[deed](pair)])));
    const watch = wire.start('watch', 120_000);
    void watch.invoke({});
    await Promise.all(cases.map(({ pair }) => untilProtected(wire, pair, 3)));
    await Promise.all(cases.map(({ pair }) => loseBeijing(wire, pair)));
    await untilTold(watch, /^beijing is down/);
    delivered = askByTurns(cases, (keyId) => wire.start('alarm', 30_000, { keyId }), deliver);
  }, 90_000);
  afterAll(() => wire.close());

  async function deliver({ pair, by, spoiled, first, second }: Case, alarm: LambdaFunction): Promise<Delivered> {
    const { isIt }: StoreRequest = storeRequests[spoiled];
    const deliveries: Invoked[] = [];
    const order = (fault: ProxyFault, times: number, isNow: () => boolean) => {
      const when = (request: AwsRequest) => isNow() && request.keyId === by && isIt(request, pair);
      return wire.account.proxy.order(fault, { when, times });
    };
    const orders = [
      order(first, Number.POSITIVE_INFINITY, () => deliveries.length === 0),
      order(second, 1, () => deliveries.length > 0),
    ];
    const event = alarmEvent(`gone-${pair}`, 'ALARM', { id: `event-${pair}` });
    while (deliveries.length < deliveriesMax && deliveries.at(-1)?.ended !== 'answer')
      deliveries.push(await alarm.invoke(event));
    return { deliveries, met: orders.map(({ met }) => met()) };
  }

  test.each(cases)(
    'to $deed: where the function $does, and that $befalls, traffic moves once',
    async ({ pair, deed }) => {
      const { deliveries, met } = (await delivered.get(pair)) as Delivered;
      expect(met).toEqual([expect.any(Number), 1]);
      expect(deliveries.map(({ ended }) => ended)).toEqual(['error', 'answer']);
      expect(deliveries.at(-1)).toMatchObject({
        ended: 'answer',
        payload: { answered: [{ pair, does: deed, done: true }] },
      });
      await untilMoved(wire, pair);
      await expectMovedOnce(wire, pair);
      const acts = await wire.store.listActs(pair, everything);
      expect(acts).toMatchObject(
        deed === 'vote' ? [] : [{ who: `alarm gone-${pair}`, via: 'alarm', verb: 'failover', outcome: 'done' }],
      );
      const said = await wire.store.listObservations(pair);
      expect(said.filter(({ vantage }) => vantage === 'cloudwatch')).toMatchObject(
        deed === 'vote' ? [{ lasting: true, health: { beijing: 'down' } }] : [],
      );
    },
    60_000,
  );
});
