import { describe, expect, test } from '@jest/globals';
import { operation } from '../../../support/situation.ts';
import { createDesk, refusalOf, wanted } from './desk.ts';

const failing = (guards: { guard: string; verdict: string }[]) =>
  guards.filter(({ verdict }) => verdict !== 'pass').map(({ guard }) => guard);

describe('a rehearsal', () => {
  test('of a switchover says what every guard says, every step, and what is on each side; and changes nothing', async () => {
    const { control, fencer, stored, acts } = await createDesk();
    fencer.connect('beijing', 'app', 3);
    fencer.setQueue('shanghai', 'orders', 12);
    const before = await stored();
    const rehearsal = await control.rehearse('demo', wanted());
    expect(rehearsal).toMatchObject({ verb: 'switchover', from: 'beijing', to: 'shanghai', allowed: true });
    expect(rehearsal.guards).toContainEqual({
      guard: 'standby-ready',
      verdict: 'pass',
      sentence: 'shanghai is ready.',
      overridden: false,
    });
    expect(rehearsal.steps).toEqual(['fence', 'commit', 'flip haproxy', 'verify', 'settle', 'report']);
    expect(rehearsal.surveys).toMatchObject([
      { site: 'beijing', connections: 3, messages: 0 },
      { site: 'shanghai', connections: 0, messages: 12, queues: [{ name: 'orders', messages: 12 }] },
    ]);
    expect(await stored()).toEqual(before);
    expect(await acts()).toEqual([]);
  });

  test('of a failover of a side that serves would be refused, unless that is overridden', async () => {
    const { control } = await createDesk();
    const plain = await control.rehearse('demo', wanted({ verb: 'failover' }));
    expect({ allowed: plain.allowed, failing: failing(plain.guards) }).toEqual({ allowed: false, failing: ['quorum'] });
    const overriding = await control.rehearse('demo', wanted({ verb: 'failover', overrides: ['quorum'] }));
    expect(overriding.allowed).toBe(true);
    expect(overriding.guards.filter(({ overridden }) => overridden).map(({ guard }) => guard)).toEqual(['quorum']);
  });

  test('of a drill asks what is asked of a drill', async () => {
    const pause = { owner: 'bob', reason: 'upgrade', untilMs: Date.UTC(2026, 0, 2) };
    const { control } = await createDesk({ record: { pause } });
    expect((await control.rehearse('demo', wanted())).allowed).toBe(true);
    expect(failing((await control.rehearse('demo', wanted({ verb: 'drill' }))).guards)).toEqual(['not-paused']);
  });

  test('of what takes the place of a stalled operation does not hold that against it', async () => {
    const { control } = await createDesk({ record: { operation: operation('stalled') }, active: 'split' });
    const overrides = ['quorum'];
    const rehearsal = await control.rehearse('demo', wanted({ verb: 'failover', overrides }));
    expect({ to: rehearsal.to, failing: failing(rehearsal.guards) }).toEqual({ to: 'shanghai', failing: ['quorum'] });
  });

  test('knows from the last decision whether the prober trusts itself', async () => {
    const sentence = 'The clock of this host jumped.';
    const guards = [{ guard: 'self-trust', verdict: 'fail', sentence } as const];
    const { control } = await createDesk({ decision: { guards } });
    const rehearsal = await control.rehearse('demo', wanted());
    expect(rehearsal.allowed).toBe(false);
    expect(rehearsal.guards).toContainEqual({ guard: 'self-trust', verdict: 'fail', sentence, overridden: false });
  });

  test('is refused as the operation would be', async () => {
    const unwatched = await createDesk({ watchedAgoMs: null });
    expect((await refusalOf(unwatched.control.rehearse('demo', wanted()))).name).toBe('not-watched');
    const unfenced = await createDesk({ options: { fence: false } });
    expect((await refusalOf(unfenced.control.rehearse('demo', wanted()))).name).toBe('no-fence');
    expect((await refusalOf(unfenced.control.rehearse('dmeo', wanted()))).name).toBe('unknown-pair');
  });
});
