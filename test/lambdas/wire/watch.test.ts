import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { metrics } from '../../../lambdas/shared/contract.ts';
import type { FakeBroker } from '../../adapters/rabbitmq/fakeBroker.ts';
import type { LambdaFunction } from '../../support/aws/runtime.ts';
import { type Deployment, deploy, password } from './support.ts';

const everything = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, limit: 100 };
const scheduled = { source: 'aws.scheduler', detail: {} };

/** Resolves when so many probes were published: enough for a destination to be trusted. */
async function untilProbed(broker: FakeBroker, count = 5): Promise<void> {
  const before = broker.published;
  while (broker.published < before + count) await sleep(50);
}

/** Lines in the embedded metric format. */
function metricLines(watch: LambdaFunction): Record<string, unknown>[] {
  return watch
    .lines()
    .filter((line) => line.startsWith('{"_aws"'))
    .map((line) => JSON.parse(line));
}

describe('the watch function, as it is deployed,', () => {
  let deployment: Deployment;
  beforeAll(async () => {
    deployment = await deploy();
  }, 30_000);
  afterAll(() => deployment.close());

  test('fails over by itself, answers in time, and leaves nothing behind when its sandbox is frozen', async () => {
    const { beijing, shanghai, haproxy, store } = deployment;
    const watch = deployment.start('watch', 10_000);
    const running = watch.invoke(scheduled);
    await deployment.untilRecord(({ desired }) => desired === 'beijing');
    await untilProbed(shanghai);
    await beijing.close();
    await haproxy.untilServing('sh1');
    expect(await running).toMatchObject({
      ended: 'answer',
      payload: { pairs: [{ pair: 'demo', vantage: 'function', ticks: expect.any(Number) }] },
    });
    expect(await store.listOperations('demo', everything)).toMatchObject([
      { verb: 'failover', from: 'beijing', to: 'shanghai', phase: 'finished' },
    ]);
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
    const { shanghai, store } = deployment;
    const before = await store.listTransitions('demo', everything);
    const watch = deployment.start('watch', 7_000);
    for (const wanted of [1, 2]) {
      const invoked = await watch.invoke(scheduled);
      expect(invoked.ended).toBe('answer');
      await shanghai.empty();
      expect(metricLines(watch)).toHaveLength(wanted);
    }
    expect(watch.sandboxes()).toBe(1);
    expect(await store.listTransitions('demo', everything)).toEqual(before);
    const decisions = await store.listDecisions('demo', everything);
    expect(decisions[0]).toMatchObject({ count: expect.any(Number) });
    expect(decisions[0]?.count).toBeGreaterThan(6);
  }, 60_000);
});

describe('runs that overlap', () => {
  test('move traffic once, whichever of them does it', async () => {
    const deployment = await deploy();
    const { beijing, shanghai, haproxy, store } = deployment;
    try {
      const watch = deployment.start('watch', 10_000);
      const running = [watch.invoke(scheduled), watch.invoke(scheduled)];
      await untilProbed(shanghai, 10);
      await beijing.close();
      await haproxy.untilServing('sh1');
      expect((await Promise.all(running)).map(({ ended }) => ended)).toEqual(['answer', 'answer']);
      expect(watch.sandboxes()).toBe(2);
      const operations = await store.listOperations('demo', everything);
      expect(operations.map(({ epoch, phase }) => [epoch, phase])).toEqual([[2, 'finished']]);
    } finally {
      await deployment.close();
    }
  }, 30_000);
});

describe('a run that was killed at its timeout in the middle of a failover', () => {
  test('is taken over by the next one', async () => {
    const deployment = await deploy();
    const { beijing, shanghai, haproxy, store } = deployment;
    try {
      const doomed = deployment.start('watch', 9_000);
      const doom = doomed.invoke(scheduled);
      await untilProbed(shanghai);
      haproxy.hangs = true;
      await beijing.close();
      await deployment.untilRecord(({ desired }) => desired === 'shanghai');
      doomed.starve();
      haproxy.hangs = false;
      const next = deployment.start('watch', 20_000);
      void next.invoke(scheduled);
      await haproxy.untilServing('sh1');
      expect(await doom).toMatchObject({ ended: 'timeout' });
      await deployment.untilRecord(({ operation }) => operation === null);
      expect(await store.listOperations('demo', everything)).toMatchObject([
        { to: 'shanghai', phase: 'finished', epoch: 2 },
      ]);
    } finally {
      await deployment.close();
    }
  }, 40_000);
});
