import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { metrics } from '../../../lambdas/shared/contract.ts';
import type { LambdaFunction } from '../../support/aws/runtime.ts';
import {
  deploy,
  everything,
  expectMovedOnce,
  loseBeijing,
  password,
  untilMoved,
  untilProtected,
  type Wire,
} from './support.ts';

const scheduled = { source: 'aws.scheduler', detail: {} };

/** Lines in the embedded metric format. */
function metricLines(watch: LambdaFunction): Record<string, unknown>[] {
  return watch
    .lines()
    .filter((line) => line.startsWith('{"_aws"'))
    .map((line) => JSON.parse(line));
}

describe('the watch function, as it is deployed,', () => {
  let wire: Wire;
  beforeAll(async () => {
    wire = await deploy();
  }, 30_000);
  afterAll(() => wire.close());

  test('fails over by itself, answers in time, and leaves nothing behind when its sandbox is frozen', async () => {
    const { shanghai } = wire.brokers();
    const watch = wire.start('watch', 10_000);
    const running = watch.invoke(scheduled);
    await untilProtected(wire);
    await loseBeijing(wire);
    await untilMoved(wire);
    expect(await running).toMatchObject({
      ended: 'answer',
      payload: { pairs: [{ pair: 'demo', vantage: 'ireland', ticks: expect.any(Number) }] },
    });
    await expectMovedOnce(wire);
    const [operation] = await wire.store.listOperations('demo', everything);
    const flip = operation?.steps.find(({ name }) => name === 'flip');
    // Warren asked the name server itself.
    expect(flip?.detail).toMatch(/ is INSYNC; 127\.0\.0\.1:\d+ answers 198\.51\.100\.1$/);
    await shanghai.empty();
    const lines = watch.lines().join('\n');
    expect(lines).toContain('"message":"beijing is down');
    expect(lines).not.toContain(password);
    expect(metricLines(watch)).toEqual([
      {
        _aws: expect.objectContaining({
          CloudWatchMetrics: [expect.objectContaining({ Namespace: metrics.namespace, Dimensions: [['Pair']] })],
        }),
        Pair: 'demo',
        Ticks: expect.any(Number),
        // Latched.
        Protected: 0,
        Trouble: 0,
      },
    ]);
  }, 30_000);

  test('goes on in the same sandbox where the run before it ended, and writes nothing twice', async () => {
    const { store } = wire;
    const { shanghai } = wire.brokers();
    const before = await store.listTransitions('demo', everything);
    const watch = wire.start('watch', 7_000);
    const run = async () => {
      expect((await watch.invoke(scheduled)).ended).toBe('answer');
      await shanghai.empty();
      return await store.listDecisions('demo', everything);
    };
    const [first, second] = [await run(), await run()];
    expect(metricLines(watch)).toHaveLength(2);
    expect(watch.sandboxes()).toBe(1);
    expect(await store.listTransitions('demo', everything)).toEqual(before);
    expect(second).toHaveLength(first.length);
    expect(second[0]?.count).toBeGreaterThan(first[0]?.count ?? 0);
  }, 60_000);
});

describe('runs that overlap', () => {
  test('move traffic once, whichever of them does it', async () => {
    const wire = await deploy();
    try {
      const watch = wire.start('watch', 10_000);
      const running = [watch.invoke(scheduled), watch.invoke(scheduled)];
      await untilProtected(wire, 'demo', 10);
      await loseBeijing(wire);
      await untilMoved(wire);
      expect((await Promise.all(running)).map(({ ended }) => ended)).toEqual(['answer', 'answer']);
      expect(watch.sandboxes()).toBe(2);
      await expectMovedOnce(wire);
    } finally {
      await wire.close();
    }
  }, 40_000);
});

describe('a run that was killed at its timeout in the middle of a failover', () => {
  test('is taken over by the next one', async () => {
    const wire = await deploy();
    const { proxy } = wire.account;
    try {
      const doomed = wire.start('watch', 9_000);
      const doom = doomed.invoke(scheduled);
      await untilProtected(wire);
      proxy.order({ kind: 'hang' }, { operation: 'ChangeResourceRecordSets', times: Number.POSITIVE_INFINITY });
      await loseBeijing(wire);
      await wire.untilRecord('demo', ({ desired }) => desired === 'shanghai');
      doomed.starve();
      proxy.mend();
      const next = wire.start('watch', 20_000);
      void next.invoke(scheduled);
      await untilMoved(wire);
      expect(await doom).toMatchObject({ ended: 'timeout' });
      await expectMovedOnce(wire);
    } finally {
      await wire.close();
    }
  }, 40_000);
});
