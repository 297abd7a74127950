import { describe, expect, test } from '@jest/globals';
import { createVirtualClock } from '../../../adapters/memory/clock.ts';
import { startHeartbeat } from '../../../core/flow/heartbeat.ts';
import { createGate } from '../../support/gate.ts';

/** A process that beats, until it is stopped. */
function beating() {
  const clock = createVirtualClock();
  const gate = createGate();
  const aborter = new AbortController();
  const { standstill } = startHeartbeat(gate.clock(clock), aborter.signal);
  return { clock, gate, standstill, stop: () => aborter.abort() };
}

describe('the heartbeat of a process', () => {
  test('knows of no standstill while time goes on as it should', async () => {
    const { clock, standstill, stop } = beating();
    await clock.advance(60_000);
    expect(standstill()).toBeNull();
    stop();
  });

  test('tells since when the process stood still, and how late it was', async () => {
    const { clock, gate, standstill, stop } = beating();
    await clock.advance(10_000);
    gate.freeze();
    await clock.advance(8_500);
    gate.thaw();
    await clock.settle();
    expect(standstill()).toEqual({ sinceMs: 10_000, lateByMs: 7_500 });
    stop();
  });

  test('ends with the process', async () => {
    const { clock, stop } = beating();
    await clock.advance(5_000);
    stop();
    await clock.settle();
    expect(clock.nextDueInMs()).toBeNull();
  });
});
