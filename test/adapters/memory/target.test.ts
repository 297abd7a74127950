import { expect, test } from '@jest/globals';
import { createVirtualClock } from '../../../adapters/memory/clock.ts';
import { createMemoryTarget } from '../../../adapters/memory/target.ts';
import { TargetError } from '../../../core/flow/ports.ts';
import { describeTargetContract } from '../../contracts/target.ts';

const sites = ['beijing', 'shanghai'];

describeTargetContract('the memory target', async () => {
  const clock = createVirtualClock();
  const target = createMemoryTarget('memory', 'beijing', { clock, sites });
  return {
    target,
    clock,
    edit: async (active) => target.edit(active),
    restart: async () => target.restart(),
    stopAnswering: async () => target.makeUnreadable('no answer'),
    answerAgain: async () => target.makeUnreadable(null),
    remove: async () => {},
  };
});

test('an ordered failure happens before or after the flip takes effect, and only effects are recorded', async () => {
  const clock = createVirtualClock(1_000);
  const target = createMemoryTarget('memory', 'beijing', { clock, sites });
  target.failNext('flip', new TargetError('before'));
  target.failNext('flip', new TargetError('after'), { afterTakingEffect: true });
  await expect(target.flip('shanghai', 1)).rejects.toThrow('before');
  expect(await target.read()).toMatchObject({ active: 'beijing' });
  await expect(target.flip('shanghai', 2)).rejects.toThrow('after');
  expect(await target.read()).toMatchObject({ active: 'shanghai' });
  expect(target.flips).toEqual([{ site: 'shanghai', epoch: 2, atMs: 1_000 }]);
});

test('reads and flips take as long as they are told to', async () => {
  const clock = createVirtualClock();
  const target = createMemoryTarget('memory', 'beijing', { clock, sites, latencyMs: 50 });
  let flipped = false;
  void target.flip('shanghai', 1).then(() => {
    flipped = true;
  });
  await clock.advance(49);
  expect(flipped).toBe(false);
  await clock.advance(1);
  expect(flipped).toBe(true);
});

test('a target that knows its epoch refuses an older flip as a whole', async () => {
  const clock = createVirtualClock();
  const target = createMemoryTarget('memory', 'beijing', { clock, sites, keepsMarker: true });
  await target.flip('beijing', 3);
  await expect(target.flip('shanghai', 2)).rejects.toThrow('standing down: epoch 3 was here');
  expect(await target.read()).toMatchObject({ active: 'beijing' });
  expect(await target.flip('shanghai', 3)).toMatchObject({ active: 'shanghai' });
});
