import { describe, expect, test } from '@jest/globals';
import { VersionConflict } from '../../../../core/flow/ports.ts';
import { alice, createDesk, hourMs, minuteMs, refusalOf, why } from './desk.ts';

describe('a pause', () => {
  test('has an owner, a reason and an end', async () => {
    const { control, stored, nowMs } = await createDesk();
    const untilMs = nowMs + hourMs;
    expect(await control.pause(alice, 'demo', { ...why('broker upgrade.'), untilMs })).toEqual({
      changed: true,
      sentence: 'Paused by alice until 2026-01-01 01:00:00Z: broker upgrade.',
    });
    expect((await stored()).pause).toEqual({ owner: 'alice', reason: 'broker upgrade', untilMs });
  });

  test('that ends asks for fresh evidence', async () => {
    const { control, stored, nowMs } = await createDesk();
    await control.pause(alice, 'demo', { ...why(), untilMs: nowMs + hourMs });
    expect(await control.resume(alice, 'demo', why())).toEqual({
      changed: true,
      sentence: 'demo is resumed, once fresh evidence is gathered.',
    });
    expect(await stored()).toMatchObject({ pause: null, evidenceGeneration: 1 });
    expect(await control.resume(alice, 'demo', why())).toEqual({ changed: false, sentence: 'demo is not paused.' });
  });

  test('of all pairs is kept for all of them, and so is what the audit says', async () => {
    const { control, store, stored, acts, nowMs } = await createDesk();
    const untilMs = nowMs + hourMs;
    const { sentence } = await control.pause(alice, null, { ...why('new switches'), untilMs });
    expect(sentence).toBe('All pairs: Paused by alice until 2026-01-01 01:00:00Z: new switches.');
    expect((await store.readFleet()).pause).toEqual({ owner: 'alice', reason: 'new switches', untilMs });
    expect((await control.resume(alice, null, why())).changed).toBe(true);
    expect((await store.readFleet()).pause).toBeNull();
    expect((await control.resume(alice, null, why())).changed).toBe(false);
    expect((await stored()).version).toBe(1);
    expect((await acts('')).map(({ verb }) => verb)).toEqual(['resume', 'resume', 'pause']);
    expect(await acts()).toEqual([]);
  });

  test.each([
    ['in the past', -1],
    ['now', 0],
    ['in more than three days', 72 * hourMs + 1],
    ['at no time', Number.NaN],
  ])('cannot end %s', async (_title, inMs) => {
    const { control, stored, nowMs } = await createDesk();
    const refusal = await refusalOf(control.pause(alice, 'demo', { ...why(), untilMs: nowMs + inMs }));
    expect(refusal).toEqual({ name: 'bad-time', sentence: expect.stringContaining('at most 3d from now') });
    expect((await stored()).pause).toBeNull();
  });

  test('of a pair that nothing is recorded about is refused', async () => {
    const { control, nowMs } = await createDesk({ record: null });
    const refusal = await refusalOf(control.pause(alice, 'demo', { ...why(), untilMs: nowMs + minuteMs }));
    expect(refusal).toEqual({
      name: 'not-recorded',
      sentence: 'Nothing is recorded about demo yet: has `warren run` been started?',
    });
  });
});

describe('maintenance', () => {
  test('of a site begins and ends', async () => {
    const { control, stored, nowMs } = await createDesk();
    const untilMs = nowMs + hourMs;
    const begun = await control.maintain(alice, 'demo', 'beijing', { ...why('new disks'), untilMs });
    expect(begun.sentence).toBe('beijing is in maintenance by alice until 2026-01-01 01:00:00Z: new disks.');
    expect((await stored()).maintenance).toEqual({ beijing: { owner: 'alice', reason: 'new disks', untilMs } });
    const ended = await control.endMaintenance(alice, 'demo', 'beijing', why());
    expect(ended.sentence).toMatch(/^The maintenance of beijing is over/);
    expect(await stored()).toMatchObject({ maintenance: {}, evidenceGeneration: 1 });
    expect((await control.endMaintenance(alice, 'demo', 'beijing', why())).changed).toBe(false);
  });

  test('of a site that there is none of is refused', async () => {
    const { control, nowMs } = await createDesk();
    const until = { ...why(), untilMs: nowMs + hourMs };
    for (const asked of [
      control.maintain(alice, 'demo', 'tianjin', until),
      control.endMaintenance(alice, 'demo', 'tianjin', why()),
    ])
      expect(await refusalOf(asked)).toEqual({
        name: 'unknown-site',
        sentence: 'demo has no site "tianjin", only beijing and shanghai.',
      });
  });
});

describe('a change of a record', () => {
  const conflict = new VersionConflict('lost');

  test('is made on what is stored when somebody else wrote in between', async () => {
    const desk = await createDesk();
    desk.store.onWrite(async (method, phase) => {
      if (method !== 'writePair' || phase === 'after') return;
      desk.store.onWrite(null);
      await desk.store.writePair({ ...(await desk.stored()), epoch: 7 });
    });
    const paused = desk.control.pause(alice, 'demo', { ...why(), untilMs: desk.nowMs + hourMs });
    await desk.clock.advance(100);
    await paused;
    expect(await desk.stored()).toMatchObject({ epoch: 7, pause: { owner: 'alice' } });
  });

  test('gives up when that never ends', async () => {
    const desk = await createDesk();
    for (let times = 0; times < 10; times += 1) desk.store.failNext('writePair', conflict);
    const refused = refusalOf(desk.control.pause(alice, 'demo', { ...why(), untilMs: desk.nowMs + hourMs }));
    await desk.clock.advance(minuteMs);
    expect(await refused).toEqual({
      name: 'changed-meanwhile',
      sentence: expect.stringContaining('Nothing was done; try again.'),
    });
  });
});
