import { describe, expect, test } from '@jest/globals';
import { revived } from '../../../../core/flow/control/retry.ts';
import { operation } from '../../../support/situation.ts';
import { alice, createDesk, minuteMs, refusalOf, why } from './desk.ts';

describe('approve', () => {
  const options = { failover: { mode: 'approve' } };
  const decision = { outcome: 'failover', reason: 'active-down', sentence: 'beijing is down.' } as const;

  test('agrees to the move that waits, and not for long', async () => {
    const { control, stored, nowMs } = await createDesk({ options, decision });
    expect((await control.approve(alice, 'demo', why('beijing is lost'))).sentence).toMatch(
      /^Approved: traffic moves from beijing to shanghai/,
    );
    const way = { from: 'beijing', to: 'shanghai', untilMs: nowMs + 2 * minuteMs };
    expect((await stored()).approval).toEqual({ who: 'alice', reason: 'beijing is lost', ...way });
  });

  test.each([
    ['when nothing waits', { options }, 'nothing-to-approve', 'The latest decision: Both sides are up.'],
    ['when nobody watches', { options, decision, watchedAgoMs: minuteMs }, 'not-watched', 'Nothing watches demo now'],
    ['in another mode', { decision }, 'nothing-to-approve', 'The mode of demo is automatic'],
  ])('is refused %s', async (_title, given, name, words) => {
    const { control, stored } = await createDesk(given);
    expect(await refusalOf(control.approve(alice, 'demo', why()))).toEqual({
      name,
      sentence: expect.stringContaining(words),
    });
    expect((await stored()).approval).toBeNull();
  });
});

describe('retry', () => {
  const stalled = operation('stalled');
  const steps = stalled.steps.map((step) =>
    step.name === 'commit'
      ? { ...step, status: 'done' as const }
      : { ...step, status: 'failed' as const, attempts: 20 },
  );

  test('gives a stalled operation all its attempts again, on the right side of its point of no return', async () => {
    const { control, stored } = await createDesk({ record: { operation: { ...stalled, steps } } });
    const answer = await control.retry(alice, 'demo', why('mended'));
    expect(answer).toEqual({ changed: true, sentence: expect.stringMatching(/^Operation 2 of demo tries again/) });
    const after = (await stored()).operation;
    expect(after).toMatchObject({ phase: 'committed', holder: '', outcome: '' });
    expect(after?.steps.every(({ status, attempts }) => status === 'done' || attempts === 0)).toBe(true);
    expect(revived(stalled).phase).toBe('claimed');
  });

  test('is refused when none is stalled', async () => {
    const { control } = await createDesk({ record: { operation: operation('claimed') } });
    expect(await refusalOf(control.retry(alice, 'demo', why()))).toEqual({
      name: 'nothing-stalled',
      sentence: 'No operation of demo is stalled.',
    });
  });
});
