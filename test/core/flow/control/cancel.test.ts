import { describe, expect, test } from '@jest/globals';
import { operation } from '../../../support/situation.ts';
import { alice, createDesk, drill, refusalOf, request, why } from './desk.ts';

const tired = why('not tonight.');

describe('calling off', () => {
  test('what waits takes it back, and the history says who did and why', async () => {
    const { control, stored, operations, acts } = await createDesk({ record: { request: request() } });
    const answer = await control.cancel(alice, 'demo-asked', tired);
    expect(answer).toEqual({
      changed: true,
      sentence: 'The switchover from beijing to shanghai is called off: nothing was moved.',
    });
    expect((await stored()).request).toBeNull();
    const outcome = expect.stringContaining('did not happen: alice called it off: not tonight.');
    expect(await operations()).toMatchObject([
      { id: 'demo-asked', phase: 'aborted', startedBy: { who: 'bob', reason: 'upgrade' }, outcome },
    ]);
    expect(await acts()).toMatchObject([{ verb: 'cancel', details: { operation: 'demo-asked' } }]);
  });

  test('in a dry run changes nothing', async () => {
    const { control, stored, operations } = await createDesk({ record: { request: request() } });
    const answer = await control.cancel(alice, 'demo-asked', { ...tired, dryRun: true });
    expect(answer).toEqual({ changed: false, sentence: expect.stringContaining('would be called off') });
    expect((await stored()).request?.id).toBe('demo-asked');
    expect(await operations()).toEqual([]);
  });

  test('a claimed operation is for the service that holds it, and may be said twice', async () => {
    const { control, stored } = await createDesk({ record: { operation: operation('claimed') } });
    expect(await control.cancel(alice, 'demo-2', tired)).toEqual({
      changed: true,
      sentence: expect.stringMatching(/^The running service aborts failover 2 of demo/),
    });
    expect((await stored()).operation).toMatchObject({
      phase: 'claimed',
      cancelled: { who: 'alice', reason: 'not tonight' },
    });
    expect((await control.cancel(alice, 'demo-2', tired)).changed).toBe(false);
  });

  test.each(['committed', 'stalled'] as const)('a %s operation is too late', async (phase) => {
    const { control, stored } = await createDesk({ record: { operation: operation(phase) } });
    expect((await refusalOf(control.cancel(alice, 'demo-2', tired))).name).toBe('past-point-of-no-return');
    expect((await stored()).operation?.cancelled).toBeNull();
  });

  test('what has ended is refused with how it ended, what nobody knows as unknown', async () => {
    const { control, store, acts } = await createDesk();
    await store.saveOperation({ ...operation('aborted'), outcome: 'Failover 2 was aborted.' });
    const refusal = await refusalOf(control.cancel(alice, 'demo-2', tired));
    expect(refusal).toEqual({
      name: 'nothing-to-cancel',
      sentence: expect.stringContaining('Failover 2 was aborted.'),
    });
    expect((await refusalOf(control.cancel(alice, 'demo-9', tired))).name).toBe('unknown-operation');
    expect(await acts()).toMatchObject([{ outcome: 'refused' }]);
  });

  test('what was claimed and ended while it was looked for is refused', async () => {
    const { control, store, stored } = await createDesk({ record: { request: request() } });
    store.onWrite(async (method) => {
      if (method !== 'recordAct') return;
      store.onWrite(null);
      await store.writePair({ ...(await stored()), request: null });
      await store.saveOperation({ ...operation('finished'), id: 'demo-asked' });
    });
    expect((await refusalOf(control.cancel(alice, 'demo-asked', tired))).name).toBe('nothing-to-cancel');
  });
});

describe('calling off a drill', () => {
  const first = request({ id: 'demo-drill-1' });

  test.each(['demo-drill', 'demo-drill-1'])('that has not begun ends it, as %s', async (id) => {
    const { control, stored, operations } = await createDesk({ record: { drill: drill(), request: first } });
    expect((await control.cancel(alice, id, tired)).sentence).toContain('The drill demo-drill is called off');
    expect(await stored()).toMatchObject({ drill: null, request: null });
    expect((await operations()).map(({ id, phase }) => [id, phase]).sort()).toEqual([
      ['demo-drill', 'aborted'],
      ['demo-drill-1', 'aborted'],
    ]);
  });

  test('on its way there calls its switchover off, up to the point of no return', async () => {
    const there = { ...operation('claimed'), id: 'demo-drill-1', verb: 'switchover' as const };
    const { control, stored } = await createDesk({ record: { drill: drill(), operation: there } });
    await control.cancel(alice, 'demo-drill', tired);
    expect(await stored()).toMatchObject({ drill: { phase: 'there' }, operation: { cancelled: { who: 'alice' } } });
    const late = await createDesk({ record: { drill: drill(), operation: { ...there, phase: 'committed' } } });
    const refusal = await refusalOf(late.control.cancel(alice, 'demo-drill', tired));
    expect(refusal.name).toBe('past-point-of-no-return');
  });

  test('that holds sends traffic home now, and says why', async () => {
    const holding = drill({ phase: 'holding', holdUntilMs: Number.MAX_SAFE_INTEGER });
    const { control, stored, nowMs } = await createDesk({ record: { drill: holding, desired: 'shanghai' } });
    expect((await control.cancel(alice, 'demo-drill', tired)).sentence).toContain('traffic goes back to beijing');
    expect((await stored()).drill).toMatchObject({
      phase: 'holding',
      holdUntilMs: nowMs,
      cutShort: 'alice ended the hold: not tonight',
    });
    expect((await control.cancel(alice, 'demo-drill', tired)).changed).toBe(false);
  });

  test('on its way back is refused', async () => {
    const { control } = await createDesk({ record: { drill: drill({ phase: 'back' }) } });
    expect((await refusalOf(control.cancel(alice, 'demo-drill', tired))).name).toBe('nothing-to-cancel');
  });

  test('between two of its steps is refused for a moment', async () => {
    const { control, stored } = await createDesk({ record: { drill: drill(), desired: 'shanghai' } });
    expect((await refusalOf(control.cancel(alice, 'demo-drill', tired))).name).toBe('changed-meanwhile');
    expect((await stored()).drill).toEqual(drill());
  });
});
