import { describe, expect, test } from '@jest/globals';
import { type Ports, StoreUnavailable } from '../../../core/flow/ports.ts';
import type { Observation } from '../../../core/model/observation.ts';
import { createWorld } from '../../support/world.ts';

const refused = { check: 'tcp', class: 'refused', latencyMs: 1 } as const;

describe('a broken kept connection', () => {
  test('has the whole site probed at once, not at the next recheck', async () => {
    const world = createWorld();
    const life = world.start();
    // Between two exercises of the kept connections, when nothing else would wake the loop.
    await world.clock.advance(12_300);
    const startMs = world.clock.nowMs();
    world.prober.setSite('beijing', refused);
    for (const node of ['bj1', 'bj2', 'bj3']) world.prober.hint({ site: 'beijing', node, kind: 'broken', detail: '' });
    await world.clock.advance(5_000);
    await life.stop();
    const firstTold = world.notifier.events.find(({ atMs, kind }) => kind === 'health' && atMs >= startMs);
    expect((firstTold?.atMs ?? 0) - startMs).toBeLessThan(100);
    expect(world.target.flips.map(({ atMs }) => atMs - startMs)[0]).toBeLessThan(900);
  });
});

describe('while the store is away', () => {
  test('a change of health is kept back, and is in history once the store answers', async () => {
    const world = createWorld();
    const life = world.start();
    await world.clock.advance(12_000);
    world.setStoreProblem('the disk is full');
    world.prober.setSite('beijing', refused);
    await world.clock.advance(10_000);
    world.setStoreProblem(null);
    await world.clock.advance(10_000);
    await life.stop();
    const rows = await world.store.listTransitions('demo', { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, limit: 50 });
    const beijing = rows.filter(({ site }) => site === 'beijing').map(({ from, to }) => `${from} ${to}`);
    expect(beijing).toEqual(expect.arrayContaining(['up suspect', 'suspect down']));
  });

  test.each([false, true])(
    'the decision that moved traffic is kept back too, its answer lost: %p',
    async (tookEffect) => {
      const world = createWorld();
      let failures = 1;
      const failing = (ports: Ports): Ports => ({
        ...ports,
        store: {
          ...ports.store,
          async recordDecision(row) {
            const fails = row.decision.outcome === 'failover' && failures > 0;
            if (!fails || tookEffect) await ports.store.recordDecision(row);
            if (!fails) return;
            failures -= 1;
            throw new StoreUnavailable('the disk is full');
          },
        },
      });
      const life = world.start(world.store.reopen(), { decorate: failing });
      await world.clock.advance(12_000);
      world.prober.setSite('beijing', refused);
      await world.clock.advance(30_000);
      await life.stop();
      const rows = await world.store.listDecisions('demo', { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, limit: 50 });
      const reasons = rows.map(({ decision }) => decision.reason).reverse();
      expect(reasons.slice(reasons.indexOf('active-suspect'))).toEqual(['active-suspect', 'active-down', 'latched']);
      expect(rows.find(({ decision }) => decision.outcome === 'failover')?.health).toMatchObject([
        { site: 'beijing', state: 'down' },
        { site: 'shanghai', state: 'up' },
      ]);
    },
  );
});

describe('a pair watched by several vantages', () => {
  /** How often targets are read in a minute, all vantages together. */
  async function readsPerMinute(world: ReturnType<typeof createWorld>, reads: () => number): Promise<number> {
    const before = reads();
    await world.clock.advance(60_000);
    return reads() - before;
  }

  test('has its targets read no more often after an outage than before, though the lost side stays lost', async () => {
    const vantages = ['one', 'two', 'three'];
    const world = createWorld({ vantages, failover: { quorum: 2 } });
    let reads = 0;
    const counted = (ports: Ports): Ports => ({
      ...ports,
      targets: ports.targets.map((target) => ({
        ...target,
        read: () => {
          reads += 1;
          return target.read();
        },
      })),
    });
    const lives = vantages.map((vantage) => world.start(world.store.reopen(), { vantage, decorate: counted }));
    await world.clock.advance(20_000);
    const calm = await readsPerMinute(world, () => reads);
    world.prober.setSite('beijing', refused);
    await world.clock.advance(60_000);
    expect(world.target.flips.map(({ site }) => site)).toEqual(['shanghai']);
    expect(await readsPerMinute(world, () => reads)).toBeLessThanOrEqual(calm + 3);
    for (const life of lives) await life.stop();
  });
});

describe('a process that reads a target slowly while another one moves traffic', () => {
  test.each([0, 500, 1_000, 1_500, 2_000, 2_500, 3_000, 3_500, 4_000, 4_500])(
    'does not take that for a foreign edit, %i ms after it began to read',
    async (offsetMs) => {
      const world = createWorld();
      const said: string[] = [];
      const slow = world.start(world.store.reopen(), {
        vantage: 'slow',
        eyes: world.createEyes(),
        notifier: { notify: ({ sentence }) => void said.push(sentence) },
        decorate: (ports) => ({
          ...ports,
          targets: ports.targets.map((target) => ({
            ...target,
            async read() {
              await world.clock.sleep(900);
              return target.read();
            },
          })),
        }),
      });
      const life = world.start();
      await world.clock.advance(12_000 + offsetMs);
      world.prober.setSite('beijing', refused);
      await world.clock.advance(20_000);
      expect(world.target.flips.map(({ site }) => site)).toEqual(['shanghai']);
      expect(said.filter((sentence) => sentence.includes('changed'))).toEqual([]);
      await life.stop();
      const stopped = slow.stop();
      await world.clock.advance(2_000);
      await stopped;
    },
  );
});

describe('evidence that was asked for anew', () => {
  test('has nothing of probes that were begun before that was known', async () => {
    const world = createWorld({ vantages: ['one', 'two'] });
    const said: Observation[] = [];
    const life = world.start(world.store.reopen(), {
      vantage: 'one',
      decorate: (ports) => ({
        ...ports,
        store: {
          ...ports.store,
          async readPair(pair) {
            await world.clock.sleep(900);
            return ports.store.readPair(pair);
          },
          async writeObservation(observation) {
            said.push(observation);
          },
        },
      }),
    });
    // Just after a reading, so that the next one is for what is seen next.
    await world.clock.advance(13_000);
    const { recheckMs } = world.pair.probe;
    world.prober.setSite('beijing', { ...refused, latencyMs: recheckMs });
    for (const node of ['bj1', 'bj2', 'bj3']) world.prober.hint({ site: 'beijing', node, kind: 'broken', detail: '' });
    await world.clock.advance(recheckMs - 1);
    // With the first failure every node is probed again, and the state is read, which takes longer than the probes.
    world.prober.setSite('beijing', { ...refused, latencyMs: 700 });
    await world.clock.advance(451);
    const record = await world.record();
    if (!record) throw new Error('there is no record');
    const evidenceGeneration = record.evidenceGeneration + 1;
    await world.store.writePair({ ...record, evidenceGeneration });
    world.prober.setSite('beijing', null);
    await world.clock.advance(10_000);
    const anew = said.filter((each) => each.evidenceGeneration === evidenceGeneration);
    expect(new Set(anew.map(({ health }) => health.beijing))).toEqual(new Set(['unknown', 'up']));
    const stopped = life.stop();
    await world.clock.advance(2_000);
    await stopped;
  });
});
