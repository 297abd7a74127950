import { afterAll, beforeAll, describe, test } from '@jest/globals';
import type { LambdaFunction } from '../../support/aws/runtime.ts';
import { expectStopped, orderStop, stops } from './stops.ts';
import { deploy, expectMovedOnce, loseBeijing, untilMoved, untilProtected, type Wire } from './support.ts';

describe('while a request goes on failing', () => {
  let wire: Wire;
  let watch: LambdaFunction;
  beforeAll(async () => {
    wire = await deploy(Object.fromEntries(stops.map(({ pair }) => [pair, {}])), { requestsPerSecond: 1_000 });
    for (const stop of stops) orderStop(wire.account, stop);
    watch = wire.start('watch', 90_000);
    void watch.invoke({});
    await Promise.all(stops.map(({ pair }) => untilProtected(wire, pair)));
    await Promise.all(stops.map(({ pair }) => loseBeijing(wire, pair)));
  }, 60_000);
  afterAll(() => wire.close());

  test.each(stops)(
    'the one that $does, because it is $befalls: $sentence, and Warren says why',
    (stop) => expectStopped(wire, watch, stop),
    40_000,
  );

  describe('and then is answered again', () => {
    beforeAll(() => wire.account.proxy.mend());

    test.each(stops)(
      'the one that $does, and was $befalls: traffic moves once',
      async ({ pair }) => {
        await untilMoved(wire, pair);
        await expectMovedOnce(wire, pair);
      },
      40_000,
    );
  });
});
