import { expect, test } from '@jest/globals';
import { systemClock } from '../../../adapters/system/clock.ts';

test('the wall clock tells the time of day, and the monotonic clock does not go backwards', () => {
  expect(Math.abs(systemClock.nowMs() - Date.now())).toBeLessThan(1_000);
  const earlierMs = systemClock.monotonicMs();
  expect(systemClock.monotonicMs()).toBeGreaterThanOrEqual(earlierMs);
});

test('a sleep ends when it is over, and not before', async () => {
  const startedAtMs = systemClock.monotonicMs();
  await systemClock.sleep(20);
  expect(systemClock.monotonicMs() - startedAtMs).toBeGreaterThanOrEqual(19);
});

test('a sleep ends at once when its signal aborts, also one longer than a timer can be', async () => {
  const abort = new AbortController();
  const asleep = systemClock.sleep(365 * 86_400_000, abort.signal);
  const early = await Promise.race([asleep.then(() => 'awake'), systemClock.sleep(20).then(() => 'asleep')]);
  expect(early).toBe('asleep');
  abort.abort();
  await asleep;
  await systemClock.sleep(1_000, abort.signal);
});
