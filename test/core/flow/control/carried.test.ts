import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { createControl } from '../../../../core/flow/control/local.ts';
import { createWorld, type WorldOptions } from '../../../support/world.ts';
import { alice, everything, minuteMs, wanted, why } from './desk.ts';

/** A running service, and a person who asks for something through the same store. */
async function createOffice(options: WorldOptions = {}) {
  const world = createWorld({ fence: true, ...options });
  let ids = 0;
  const control = createControl({
    pairs: world.config.pairs,
    fleet: world.config.fleet,
    store: world.store.reopen(),
    clock: world.clock,
    targetsOf: () => [world.target],
    newId: () => {
      ids += 1;
      return `id-${ids}`;
    },
    fingerprint: (text) => createHash('sha256').update(text).digest('hex'),
    killSwitch: () => false,
  });
  const life = world.start();
  await world.clock.advance(30_000);
  const ended = async () => (await control.operations('demo', everything)).items.toReversed();
  return { ...world, control, life, ended };
}

describe('what is asked for is done by the running service', () => {
  test('a switchover, at once', async () => {
    const { control, clock, life, ended, target } = await createOffice();
    const { id } = await control.operate(alice, 'demo', wanted());
    await clock.advance(20_000);
    expect(await control.operation(id)).toMatchObject({ state: 'ended', operation: { phase: 'finished' } });
    expect(await ended()).toMatchObject([{ id, verb: 'switchover', to: 'shanghai' }]);
    expect(target.flips.map(({ site }) => site)).toEqual(['shanghai']);
    await life.stop();
  });

  test('a scheduled one at its time, and not when it was called off', async () => {
    const { control, clock, life, target } = await createOffice();
    const first = await control.operate(alice, 'demo', wanted({ atMs: clock.nowMs() + minuteMs }));
    await clock.advance(30_000);
    expect(await control.operation(first.id)).toMatchObject({ state: 'waiting' });
    await control.cancel(alice, first.id, why('not tonight'));
    await clock.advance(minuteMs);
    expect(target.flips).toEqual([]);
    const second = await control.operate(alice, 'demo', wanted({ atMs: clock.nowMs() + minuteMs }));
    await clock.advance(2 * minuteMs);
    expect(await control.operation(second.id)).toMatchObject({ state: 'ended', operation: { phase: 'finished' } });
    await life.stop();
  });

  test('a drill, there and back', async () => {
    const { control, clock, life, target } = await createOffice();
    const { id } = await control.operate(alice, 'demo', wanted({ verb: 'drill', holdMs: 30_000 }));
    await clock.advance(20_000);
    expect(await control.operation(id)).toMatchObject({ state: 'drill', drill: { phase: 'holding' } });
    await clock.advance(2 * minuteMs);
    expect(target.flips.map(({ site }) => site)).toEqual(['shanghai', 'beijing']);
    expect(await control.operation(id)).toMatchObject({
      state: 'ended',
      operation: { verb: 'drill', phase: 'finished' },
    });
    await life.stop();
  });

  test('a drill whose hold is ended comes back at once', async () => {
    const { control, clock, life, target } = await createOffice();
    const { id } = await control.operate(alice, 'demo', wanted({ verb: 'drill', holdMs: 60 * minuteMs }));
    await clock.advance(20_000);
    await control.cancel(alice, id, why('seen enough'));
    await clock.advance(2 * minuteMs);
    expect(target.flips.map(({ site }) => site)).toEqual(['shanghai', 'beijing']);
    expect(await control.operation(id)).toMatchObject({
      state: 'ended',
      sentence: expect.stringContaining('seen enough'),
    });
    await life.stop();
  });

  test('a failover in the place of a switchover that was scheduled for later', async () => {
    const { control, clock, life, ended, prober } = await createOffice();
    const later = await control.operate(alice, 'demo', wanted({ atMs: clock.nowMs() + 60 * minuteMs }));
    await control.pause(alice, 'demo', { ...why(), untilMs: clock.nowMs() + 60 * minuteMs });
    prober.setSite('beijing', { check: 'tcp', class: 'refused', latencyMs: 1 });
    await clock.advance(10_000);
    const { id } = await control.operate(alice, 'demo', wanted({ verb: 'failover' }));
    await clock.advance(30_000);
    expect((await ended()).map((operation) => [operation.id, operation.phase])).toEqual([
      [later.id, 'aborted'],
      [id, 'finished'],
    ]);
    await life.stop();
  });

  test('an ack, which lifts the fence of the side that was left', async () => {
    const { control, clock, life, fencer, record } = await createOffice();
    await control.operate(alice, 'demo', wanted());
    await clock.advance(20_000);
    expect({ fence: (await record())?.fences.beijing?.state, let: fencer.connect('beijing', 'app', 1) }).toEqual({
      fence: 'set',
      let: 0,
    });
    expect((await control.ack(alice, 'demo', why())).sentence).toContain('The fence of beijing is lifted');
    await clock.advance(20_000);
    expect(fencer.connect('beijing', 'app', 1)).toBe(1);
    await life.stop();
  });
});
