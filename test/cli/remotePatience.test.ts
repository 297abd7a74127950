import { beforeEach, expect, test } from '@jest/globals';
import { createVirtualClock, type VirtualClock } from '../../adapters/memory/clock.ts';
import { exitCodes } from '../../cli/failure.ts';
import { RemoteFailure } from '../../cli/remoteControlFailure.ts';
import { createPatience, type Patience } from '../../cli/remoteControlPatience.ts';

let clock: VirtualClock;
let patience: Patience;
let waits: number;
beforeEach(() => {
  clock = createVirtualClock();
  waits = 0;
  patience = createPatience(clock, () => {
    waits += 1;
  });
});

const tooMany = (waitMs: number | null) => new RemoteFailure('refused', 'too many', exitCodes.failed, waitMs);

/** An API that takes so many requests at once, and one more each second. */
function taking(atOnce: number, waitMs = 1_000): () => Promise<number> {
  let left = atOnce;
  let countedAtMs = clock.monotonicMs();
  return async () => {
    left += (clock.monotonicMs() - countedAtMs) / 1_000;
    countedAtMs = clock.monotonicMs();
    if (left < 1) throw tooMany(waitMs);
    left -= 1;
    return clock.monotonicMs();
  };
}

test('readings of many pairs are all answered, those that were too many one after the other', async () => {
  const ask = taking(120);
  const readings = Promise.all(Array.from({ length: 3 * 55 }, () => patience.untilTaken(ask)));
  await clock.advance(45_000);
  expect(Math.max(...(await readings))).toBe(45_000);
  expect(waits).toBe(1);
});

test('a reading that is refused again and again is not asked for ever', async () => {
  let asked = 0;
  const reading = patience.untilTaken(() => {
    asked += 1;
    return Promise.reject(tooMany(1_000));
  });
  const refused = expect(reading).rejects.toThrow('too many');
  await clock.advance(60_000);
  await refused;
  expect(asked).toBe(5);
});

test.each([
  ['much later', 60_000],
  ['at a time that nobody said', null],
])('a reading that is to come again %s ends at once', async (_when, waitMs) => {
  await expect(patience.untilTaken(() => Promise.reject(tooMany(waitMs)))).rejects.toThrow('too many');
  expect(waits).toBe(0);
});

test('a reading that would wait for longer than two minutes ends at once', async () => {
  const ask = taking(0, 10_000);
  const readings = Array.from({ length: 13 }, () => patience.untilTaken(ask).catch(() => 'refused'));
  await clock.advance(0);
  expect(await readings[12]).toBe('refused');
  patience.end();
  await Promise.all(readings);
});

test('any other failure is told as it is, and nobody waits once the connections are closed', async () => {
  const cut = new RemoteFailure('cut', 'broken');
  await expect(patience.untilTaken(() => Promise.reject(cut))).rejects.toBe(cut);
  const waiting = patience.untilTaken(taking(0));
  await clock.advance(0);
  patience.end();
  await expect(waiting).rejects.toThrow('too many');
});
