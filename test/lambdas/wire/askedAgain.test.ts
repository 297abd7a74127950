import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ProxyFault } from '../../support/aws/faultProxy.ts';
import type { LambdaFunction } from '../../support/aws/runtime.ts';
import { ann } from '../gatewayEvent.ts';
import { signedRequest } from './signedRequest.ts';
import { askByTurns, type StoreRequest, storeRequests } from './storeRequests.ts';
import { deploy, everything, expectMovedOnce, untilMoved, untilProtected, type Wire } from './support.ts';

/** What befalls a request of the API until it has answered, and the answers that are right. */
interface Case {
  spoiled: keyof typeof storeRequests;
  befalls: string;
  fault: ProxyFault;
  answers: number[];
}

const writes: Case[] = [
  { befalls: 'is throttled', fault: { kind: 'throttled' }, answers: [503] },
  { befalls: 'meets an internal error', fault: { kind: 'failed' }, answers: [503] },
  { befalls: 'arrives late', fault: { kind: 'delay', ms: 3_500 }, answers: [202, 503] },
  { befalls: 'is never answered', fault: { kind: 'hang' }, answers: [503] },
  { befalls: 'finds its connection cut', fault: { kind: 'drop' }, answers: [503] },
  { befalls: 'is done, but its answer lost', fault: { kind: 'forward-and-drop' }, answers: [202] },
  { befalls: 'is done, but never answered', fault: { kind: 'forward-and-hang' }, answers: [202] },
].map((each) => ({ ...each, spoiled: 'request' }) as Case);
const others = (['record', 'fleet', 'journal'] as const).flatMap((spoiled) =>
  writes.filter(({ fault }) => ['throttled', 'delay'].includes(fault.kind)).map((each): Case => ({ ...each, spoiled })),
);
const cases = [...writes, ...others].map((each, index) => ({
  ...each,
  does: storeRequests[each.spoiled].does,
  pair: `${each.spoiled}-${index}`,
  by: each.spoiled,
}));

/** What was answered while the request was spoiled, and then. */
interface Asked {
  first: number;
  again: number;
  met: number;
}

describe('a failover that a person asks for again and again, until it is taken,', () => {
  let wire: Wire;
  let asked: Map<string, Promise<Asked>>;
  beforeAll(async () => {
    const failover = { mode: 'approve', quorum: 1 };
    wire = await deploy(Object.fromEntries(cases.map(({ pair }) => [pair, { failover }])));
    void wire.start('watch', 120_000).invoke({});
    await Promise.all(cases.map(({ pair }) => untilProtected(wire, pair)));
    asked = askByTurns(cases, (keyId) => wire.start('api', 20_000, { keyId }), askAgain);
  }, 90_000);
  afterAll(() => wire.close());

  async function askAgain({ pair, by, spoiled, fault }: (typeof cases)[number], api: LambdaFunction): Promise<Asked> {
    const { isIt }: StoreRequest = storeRequests[spoiled];
    let isOver = false;
    const ordered = wire.account.proxy.order(fault, {
      when: (request) => !isOver && request.keyId === by && isIt(request, pair),
      times: Number.POSITIVE_INFINITY,
    });
    const first = await ask(api, pair);
    isOver = true;
    return { first, again: await ask(api, pair), met: ordered.met() };
  }

  async function ask(api: LambdaFunction, pair: string): Promise<number> {
    const wanted = { verb: 'failover', reason: 'beijing will be lost', overrides: ['quorum'] };
    const answer = await api.invoke(signedRequest('POST', `/v1/pairs/${pair}/operations`, wanted));
    return (answer as unknown as { payload: { statusCode: number } }).payload.statusCode;
  }

  test.each(cases)(
    'is done once where the function $does, and that $befalls',
    async ({ pair, answers }) => {
      const { first, again, met } = (await asked.get(pair)) as Asked;
      expect(answers).toContain(first);
      expect(met).toBeGreaterThan(0);
      expect(again).toBe(202);
      await untilMoved(wire, pair);
      await expectMovedOnce(wire, pair);
      expect(await wire.store.listActs(pair, everything)).toMatchObject([
        { who: ann, verb: 'failover', outcome: 'done' },
      ]);
    },
    60_000,
  );
});
