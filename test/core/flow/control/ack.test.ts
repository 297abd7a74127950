import { describe, expect, test } from '@jest/globals';
import { operation } from '../../../support/situation.ts';
import { alice, createDesk, fence, latch, refusalOf, why } from './desk.ts';

describe('ack', () => {
  test('releases the latch and the cooldown, and asks for fresh evidence', async () => {
    const record = { latch, cooldownUntilMs: Number.MAX_SAFE_INTEGER, evidenceGeneration: 4 };
    const { control, stored } = await createDesk({ record });
    expect(await control.ack(alice, 'demo', why())).toEqual({
      changed: true,
      sentence: 'Acknowledged: demo may move by itself again, once fresh evidence is gathered.',
    });
    expect(await stored()).toMatchObject({ latch: null, cooldownUntilMs: null, evidenceGeneration: 5, epoch: 1 });
  });

  test('has the fence of the side that is not in use lifted, and says so', async () => {
    const { control, stored, nowMs } = await createDesk({ record: { latch, fences: { shanghai: fence() } } });
    expect((await control.ack(alice, 'demo', why())).sentence).toContain('The fence of shanghai is lifted');
    expect((await stored()).fences).toEqual({ shanghai: fence({ state: 'releasing', sinceMs: nowMs }) });
  });

  test('without a latch is enough to lift a fence', async () => {
    const { control, stored } = await createDesk({ record: { fences: { shanghai: fence() } } });
    const { changed, sentence } = await control.ack(alice, 'demo', why());
    expect({ changed, sentence }).toEqual({ changed: true, sentence: expect.not.stringContaining('may move') });
    expect((await stored()).fences.shanghai?.state).toBe('releasing');
  });

  test('forgets a fence that never wrote a limit', async () => {
    const unwritten = fence({ state: 'wanted', savedLimits: null });
    const { control, stored } = await createDesk({ record: { fences: { shanghai: unwritten } } });
    expect((await control.ack(alice, 'demo', why())).sentence).toContain('shanghai is not to be fenced any more');
    expect((await stored()).fences).toEqual({});
  });

  test.each([
    ['of the active side', 'beijing', fence({ site: 'beijing' }), 'There is nothing to acknowledge'],
    ['that is being lifted', 'beijing', fence({ state: 'releasing' }), 'There is nothing to acknowledge'],
    ['while nobody can tell which side is active', 'split', fence(), 'A fence stays as long as'],
  ])('leaves a fence alone %s', async (_title, active, own, words) => {
    const { control, stored } = await createDesk({ active, record: { fences: { [own.site]: own } } });
    const answer = await control.ack(alice, 'demo', why());
    expect(answer).toEqual({ changed: false, sentence: expect.stringContaining(words) });
    expect((await stored()).fences).toEqual({ [own.site]: own });
  });

  test('says so when there is nothing to acknowledge, and writes nothing', async () => {
    const { control, stored } = await createDesk();
    expect((await control.ack(alice, 'demo', why())).sentence).toBe(
      'There is nothing to acknowledge: demo is not latched and not cooling down.',
    );
    expect((await stored()).version).toBe(1);
  });

  test('is refused during an operation, and before anything is recorded', async () => {
    const busy = await createDesk({ record: { latch, operation: operation('committed') } });
    expect(await refusalOf(busy.control.ack(alice, 'demo', why()))).toEqual({
      name: 'operation-under-way',
      sentence: 'Operation 2 of demo is committed: wait until it is over.',
    });
    const empty = await createDesk({ record: null });
    expect((await refusalOf(empty.control.ack(alice, 'demo', why()))).name).toBe('not-recorded');
  });
});

describe('the answer to a foreign edit', () => {
  const answer = (drift: 'adopt' | 'restore') => ({ ...why('it was meant'), drift });

  test('is kept for the next turn when the targets deviate', async () => {
    const { control, stored, nowMs } = await createDesk({ active: 'shanghai' });
    expect((await control.ack(alice, 'demo', answer('adopt'))).sentence).toContain('takes shanghai');
    const by = { who: 'alice', reason: 'it was meant', atMs: nowMs };
    expect((await stored()).driftAnswer).toEqual({ ...by, choice: 'adopt', site: 'shanghai' });
    expect((await control.ack(alice, 'demo', answer('restore'))).sentence).toContain('back to beijing');
    expect((await stored()).driftAnswer).toEqual({ ...by, choice: 'restore' });
  });

  test('is refused when they do not', async () => {
    const { control } = await createDesk();
    const refusal = await refusalOf(control.ack(alice, 'demo', answer('adopt')));
    expect(refusal).toEqual({ name: 'targets-as-decided', sentence: expect.stringMatching(/^The targets do not dev/) });
  });

  test('cannot be to adopt a split, only to restore', async () => {
    const { control } = await createDesk({ active: 'split' });
    const refusal = await refusalOf(control.ack(alice, 'demo', answer('adopt')));
    expect(refusal.sentence).toContain('there is nothing to adopt');
    expect((await control.ack(alice, 'demo', answer('restore'))).changed).toBe(true);
  });

  test('waits while a target cannot be read, or nothing is decided', async () => {
    const unread = await createDesk();
    unread.target.makeUnreadable('connection refused');
    expect((await refusalOf(unread.control.ack(alice, 'demo', answer('restore')))).sentence).toBe(
      'A target cannot be read, so whether it deviates is unknown.',
    );
    const undecided = await createDesk({ record: { desired: null } });
    expect((await refusalOf(undecided.control.ack(alice, 'demo', answer('adopt')))).name).toBe('not-recorded');
  });
});
