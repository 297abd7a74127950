import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createProber } from '../../adapters/rabbitmq/prober.ts';
import { systemClock } from '../../adapters/system/clock.ts';
import { parseConfig } from '../../adapters/system/loadConfig.ts';
import { labConfig } from '../../cli/labConfig.ts';
import type { Prober } from '../../core/flow/ports.ts';
import type { Node, Pair } from '../../core/model/config.ts';
import type { ProbeDepth } from '../../core/model/probe.ts';
import { labDown } from '../../lab/down.ts';
import { injectFault } from '../../lab/faults.ts';
import { heal } from '../../lab/heal.ts';
import type { Lab } from '../../lab/lab.ts';
import { management } from '../../lab/management.ts';
import { siteOf } from '../../lab/topology.ts';
import { labUp } from '../../lab/up.ts';
import { until } from '../../lab/wait.ts';

/** What a prober may leave on a broker while it lives: one kept connection, one probe queue per node. */
interface Left {
  connections: number;
  queues: number;
}

describe('10,000 probes of a real broker', () => {
  let lab: Lab;
  let pair: Pair;
  let node: Node;
  let prober: Prober;

  beforeAll(async () => {
    await labDown();
    lab = await labUp({ nodesPerSite: 1 });
    [pair] = parseConfig(labConfig({ nodesPerSite: 1 }), 'warren.yaml').pairs as [Pair];
    node = pair.sites.beijing?.nodes[0] as Node;
    const credentials = async () => ({ username: 'probe', password: 'probe-lab' });
    prober = createProber({
      pair,
      vantage: 'soak',
      clock: systemClock,
      credentials: { beijing: credentials, shanghai: credentials },
    });
  }, 300_000);
  afterAll(() => labDown(), 60_000);

  async function probe(times: number, depth: ProbeDepth): Promise<Record<string, number>> {
    const outcomes: Record<string, number> = {};
    for (let count = 0; count < times; count += 1) {
      const { checks } = await prober.probe('beijing', node, depth);
      const failed = checks.flatMap((check) => (check.status === 'fail' ? [check.class] : []));
      const outcome = [...new Set(failed)].join(' ') || 'pass';
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    }
    return outcomes;
  }

  /** Statistics lag some seconds behind, so they are asked until they say what is expected, or give up. */
  async function expectLeft(expected: Left): Promise<void> {
    const [broker] = siteOf(lab.topology, 'beijing').nodes;
    if (!broker) throw new Error('the lab has no broker');
    await until(
      async () => {
        const [connections, queues] = await Promise.all([
          management(broker, 'connections?columns=name'),
          management(broker, 'queues?columns=name'),
        ]);
        const count = (answer: typeof connections) => (answer.status === 200 ? (answer.body as unknown[]).length : -1);
        const left = { connections: count(connections), queues: count(queues) };
        return JSON.stringify(left) === JSON.stringify(expected) ? undefined : `the broker has ${JSON.stringify(left)}`;
      },
      { what: `the broker to have ${JSON.stringify(expected)}`, timeoutMs: 60_000, everyMs: 1_000 },
    );
  }

  test('all pass, and leave one connection and one queue', async () => {
    expect(await probe(9_500, 'kept')).toEqual({ pass: 9_500 });
    expect(await probe(500, 'full')).toEqual({ pass: 500 });
    await expectLeft({ connections: 1, queues: 1 });
  }, 300_000);

  test('during an alarm leave no more than that, and pass again when it is over', async () => {
    await injectFault(lab, 'memory-alarm', { site: 'beijing' });
    const kept = await probe(100, 'kept');
    const full = await probe(100, 'full');
    expect(Object.keys({ ...kept, ...full })).toEqual(['alarm']);
    await expectLeft({ connections: 1, queues: 1 });
    await heal(lab);
    await until(async () => ((await probe(1, 'full')).pass === 1 ? undefined : 'it still fails'), {
      what: 'the probe to pass again',
      timeoutMs: 30_000,
    });
    expect(await probe(100, 'kept')).toEqual({ pass: 100 });
    await expectLeft({ connections: 1, queues: 1 });
  }, 300_000);

  test('leave nothing open when the prober is closed', async () => {
    await prober.close();
    await expectLeft({ connections: 0, queues: 1 });
  }, 90_000);
});
