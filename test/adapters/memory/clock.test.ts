import { expect, test } from '@jest/globals';
import { createVirtualClock } from '../../../adapters/memory/clock.ts';

test('sleepers wake in the order they are due, at their own moment, including those added on the way', async () => {
  const clock = createVirtualClock(1_000);
  const woken: string[] = [];
  const sleeper = async (name: string, ...naps: number[]) => {
    for (const ms of naps) {
      await clock.sleep(ms);
      woken.push(`${name} at ${clock.monotonicMs()}`);
    }
  };
  void sleeper('late', 30);
  void sleeper('steady', 10, 10, 10);
  void sleeper('same moment', 30);
  await clock.advance(30);
  expect(woken).toEqual(['steady at 10', 'steady at 20', 'late at 30', 'same moment at 30', 'steady at 30']);
  expect(clock.nowMs()).toBe(1_030);
});

test('nobody wakes early, and an aborted sleep ends at once without waiting for time', async () => {
  const clock = createVirtualClock();
  const abort = new AbortController();
  let awake = false;
  void clock.sleep(10, abort.signal).then(() => {
    awake = true;
  });
  await clock.advance(9);
  expect(awake).toBe(false);
  expect(clock.nextDueInMs()).toBe(1);
  abort.abort();
  await clock.settle();
  expect(awake).toBe(true);
  expect(clock.nextDueInMs()).toBeNull();
  await clock.sleep(10, abort.signal);
});

test('setting the wall clock leaves the monotonic clock and the sleepers alone', async () => {
  const clock = createVirtualClock(5_000);
  const asleep = clock.sleep(10);
  clock.setWallClock(1);
  await clock.advance(10);
  await asleep;
  expect([clock.nowMs(), clock.monotonicMs()]).toEqual([11, 10]);
});
