import { describe, expect, test } from '@jest/globals';
import { createVirtualClock } from '../../adapters/memory/clock.ts';
import { createMemoryStore } from '../../adapters/memory/store.ts';
import { createMemoryTarget } from '../../adapters/memory/target.ts';
import { readStatus } from '../../core/flow/status.ts';
import type { Pair } from '../../core/model/config.ts';
import type { HealthState } from '../../core/model/health.ts';
import { newPairRecord, type PairRecord } from '../../core/model/record.ts';
import { healthInState, operation } from '../support/situation.ts';
import { testConfig, type WorldOptions } from '../support/world.ts';

interface Case {
  options?: WorldOptions;
  record?: Partial<PairRecord>;
  active?: string;
  standby?: HealthState;
  lastTickAgoMs?: number;
  killSwitch?: boolean;
}

/** The protection of a pair that is well but for what is said. */
async function protection({ options, record, active, standby = 'up', lastTickAgoMs = 1_000, killSwitch }: Case) {
  const { pairs, fleet } = testConfig(options);
  const [pair] = pairs as [Pair];
  const clock = createVirtualClock();
  const store = createMemoryStore();
  await store.writePair({ ...newPairRecord('demo'), desired: 'beijing', ...record });
  const health = [healthInState('beijing', 'up'), healthInState('shanghai', standby)];
  const words = { outcome: 'hold' as const, reason: 'all-well', sentence: 'All is well.', severity: 'info' as const };
  const decision = { ...words, from: 'beijing', to: 'shanghai', guards: [] };
  await store.recordDecision({
    pair: 'demo',
    vantage: 'local',
    atMs: clock.nowMs() - lastTickAgoMs,
    decision,
    health,
    fences: [],
  });
  const target = createMemoryTarget('haproxy', 'beijing', { clock, sites: Object.keys(pair.sites) });
  if (active) target.edit(active);
  const source = { pair, fleet, store, targets: [target], clock, killSwitch: killSwitch ?? false };
  return (await readStatus(source)).protection;
}

describe('a pair is protected', () => {
  test('when it is watched, all is well and it may act', async () => {
    expect(await protection({})).toEqual({
      protected: true,
      because: null,
      sentence: 'Protected: if beijing goes down, traffic moves to shanghai.',
    });
  });
});

describe('a pair is not protected', () => {
  const inAMinuteMs = createVirtualClock().nowMs() + 60_000;
  const latch = { because: 'failover' as const, epoch: 2, sinceMs: 0, reason: 'beijing was down' };
  test.each<[string, Case, string, string]>([
    ['when nothing has ticked lately', { lastTickAgoMs: 60_000 }, 'not-watched-now', 'for 1 min'],
    ['while an operation is under way', { record: { operation: operation('claimed') } }, 'operation', 'is claimed'],
    ['when the targets deviate', { active: 'shanghai' }, 'targets', 'goes to shanghai, and beijing was decided'],
    ['under the kill switch', { killSwitch: true }, 'kill-switch', 'kill switch'],
    ['in mode observe', { options: { failover: { mode: 'observe' } } }, 'mode', 'the mode is observe'],
    ['when one vote is not enough', { options: { failover: { quorum: 'majority' } } }, 'votes', 'one observer alone'],
    ['while it is latched', { record: { latch } }, 'guards', 'latched since failover 2'],
    ['while it cools down', { record: { cooldownUntilMs: inAMinuteMs } }, 'guards', 'cooling down'],
    ['while the standby is not ready', { standby: 'down' }, 'guards', 'shanghai is not ready'],
  ])('%s', async (_title, facts, because, words) => {
    const found = await protection(facts);
    expect(found).toMatchObject({ protected: false, because });
    expect(found.sentence).toMatch(/^Not protected: [a-z`]/);
    expect(found.sentence).toContain(words);
  });
});
