import { expect, test } from '@jest/globals';
import type { FenceDesk } from '../../../core/flow/fenceDesk.ts';
import { tendFences } from '../../../core/flow/fences.ts';
import { emptyMemory, type KnownState } from '../../../core/flow/memory.ts';
import type { Ports } from '../../../core/flow/ports.ts';
import { type Fence, newPairRecord } from '../../../core/model/record.ts';
import type { FenceResult } from '../../../core/plan/fences.ts';
import { createWorld } from '../../support/world.ts';

/** Our 0 is there, as whoever looks says. */
const shut = { site: 'beijing', nodes: [{ node: 'bj1', verdict: 'closed' as const, detail: 'every limit is 0' }] };

test('what a look saw before the fence was lifted, by a clock that is behind, is no reason to lift it again', async () => {
  const world = createWorld({ fence: true });
  await world.clock.advance(60_000);
  const { clock, store, notifier, pair } = world;
  const lifted: Fence = {
    site: 'beijing',
    epoch: 2,
    savedLimits: { app: null },
    state: 'released',
    // Written by a host whose clock is 300 ms behind.
    sinceMs: clock.nowMs() - 250,
    untilMs: null,
    detail: '',
  };
  const record = await store.writePair({ ...newPairRecord('demo'), desired: 'shanghai', fences: { beijing: lifted } });
  const memory = emptyMemory(pair, clock.monotonicMs());
  const state: KnownState = {
    record,
    readings: [{ target: 'haproxy', status: 'read', active: 'shanghai', instance: '1', uptimeMs: 0, detail: '' }],
    slots: [],
    fleetPause: null,
    others: [],
    readAtMs: 0,
    readingsAtMs: 0,
    storeProblem: null,
  };
  const ports = { clock, store, notifier, observeOnly: () => false } as unknown as Ports;
  const watch = { pair, fleet: { maxFailovers: 1, windowMs: 60_000 }, vantage: 'test', holder: 'one', configHash: '' };
  const afterLook = async (startedAgoMs: number) => {
    const look: FenceResult = {
      site: 'beijing',
      work: 'look',
      startedAtMs: clock.monotonicMs() - startedAgoMs,
      reading: shut,
      limits: null,
      problem: '',
    };
    const desk = { take: () => [look], start: () => {}, mayStart: () => false } as unknown as FenceDesk;
    return (await tendFences(ports, watch, desk, memory, state)).record.fences.beijing?.state;
  };

  expect(await afterLook(100)).toBe('released');
  await clock.advance(2_000);
  expect(await afterLook(100)).toBe('releasing');
});
