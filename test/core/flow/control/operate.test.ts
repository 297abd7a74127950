import { describe, expect, test } from '@jest/globals';
import { VersionConflict } from '../../../../core/flow/ports.ts';
import { endedRequest } from '../../../../core/plan/request.ts';
import { operation } from '../../../support/situation.ts';
import { alice, createDesk, dayMs, drill, hourMs, minuteMs, refusalOf, request, wanted } from './desk.ts';

const stalled = { ...operation('stalled'), outcome: 'flip of haproxy failed 20 times' };

describe('what a person wants is refused as bad input', () => {
  test.each([
    ['an empty reason', { reason: ' . ' }, 'empty-reason', 'The reason is empty'],
    ['a reason that is too long', { reason: 'x'.repeat(501) }, 'bad-request', 'at most 500 characters'],
    ['a guard that there is none of', { verb: 'failover', overrides: ['gravity'] }, 'unknown-guard', 'There are: self'],
    ['a site that there is none of', { to: 'tianjin' }, 'unknown-site', 'only beijing and shanghai'],
    ['overriding a guard of a switchover', { overrides: ['quorum'] }, 'bad-request', '`failover`'],
    ['a failover ahead of time', { verb: 'failover', atMs: Date.UTC(2026, 0, 2) }, 'bad-request', 'for now'],
    ['a time that has passed', { atMs: Date.UTC(2025, 0, 1) }, 'bad-time', 'at most 7d'],
    ['a time that is too far ahead', { atMs: Date.UTC(2026, 0, 9) }, 'bad-time', 'at most 7d'],
    ['a hold of a switchover', { holdMs: 1_000 }, 'bad-request', 'only a drill'],
    ['a hold that is too long', { verb: 'drill', holdMs: 2 * dayMs }, 'bad-time', '1s to 1d'],
  ] as const)('%s', async (_title, change, name, words) => {
    const desk = await createDesk();
    const refusal = await refusalOf(desk.control.operate(alice, 'demo', wanted(change)));
    expect(refusal).toEqual({ name, sentence: expect.stringContaining(words) });
    expect((await desk.stored()).request).toBeNull();
    expect(await desk.acts()).toMatchObject([{ outcome: 'refused', sentence: refusal.sentence }]);
  });

  test('a pair that there is none of, which the audit does not keep', async () => {
    const { control, store } = await createDesk();
    const refusal = await refusalOf(control.operate(alice, 'dmeo', wanted()));
    expect(refusal).toEqual({
      name: 'unknown-pair',
      sentence: 'There is no pair "dmeo". The configuration has: demo.',
    });
    expect(await store.listActs('dmeo', { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, limit: 1 })).toEqual([]);
  });
});

describe('a request', () => {
  test('is written for the running service, good for a minute', async () => {
    const { control, stored, nowMs } = await createDesk();
    const accepted = await control.operate(
      alice,
      'demo',
      wanted({ verb: 'failover', overrides: ['quorum', 'quorum'] }),
    );
    expect(accepted).toEqual({
      id: expect.stringMatching(/^demo-[0-9a-f]{8}$/),
      verb: 'failover',
      from: 'beijing',
      to: 'shanghai',
      notBeforeMs: nowMs,
    });
    expect((await stored()).request).toEqual({
      id: accepted.id,
      verb: 'failover',
      who: 'alice',
      reason: 'new disks',
      from: 'beijing',
      to: 'shanghai',
      overrides: ['quorum'],
      notBeforeMs: nowMs,
      untilMs: nowMs + minuteMs,
      supersedes: null,
    });
  });

  test('that is scheduled waits for its moment, and is good for a minute from then', async () => {
    const { control, stored, nowMs } = await createDesk();
    await control.operate(alice, 'demo', wanted({ atMs: nowMs + hourMs }));
    expect((await stored()).request).toMatchObject({ notBeforeMs: nowMs + hourMs, untilMs: nowMs + hourMs + minuteMs });
  });

  test('that was not done in its minute is no obstacle', async () => {
    const { control, stored } = await createDesk({ record: { request: request({ untilMs: 1 }) } });
    const { id } = await control.operate(alice, 'demo', wanted());
    expect((await stored()).request?.id).toBe(id);
  });

  test.each([
    ['when nothing watches the pair', { watchedAgoMs: minuteMs }, {}, 'not-watched', 'warren run'],
    ['when nothing ever has', { watchedAgoMs: null }, {}, 'not-watched', 'warren run'],
    ['before anything is decided', { record: { desired: null } }, {}, 'not-recorded', 'Nothing is decided'],
    ['when the targets deviate', { active: 'shanghai' }, {}, 'targets-deviate', 'beijing was decided'],
    ['when the targets use both sites', { active: 'split' }, {}, 'targets-deviate', 'both sites'],
    ['to where traffic is', {}, { to: 'beijing' }, 'already-active', 'Traffic is on beijing already'],
    [
      'during an operation',
      { record: { operation: operation('committed') } },
      { verb: 'failover' },
      'operation-under-way',
      'passed its point of no return',
    ],
    ['while another one waits', { record: { request: request() } }, {}, 'request-waiting', 'warren cancel demo-asked'],
    [
      'for a failover while a switchover is due',
      { record: { request: request() } },
      { verb: 'failover' },
      'request-waiting',
      'bob asked for a switchover',
    ],
    ['during a drill', { record: { drill: drill() } }, {}, 'operation-under-way', 'warren cancel demo-drill'],
    ['for a second drill', { record: { drill: drill() } }, { verb: 'drill' }, 'operation-under-way', 'ends it'],
    ['instead of a stalled operation', { record: { operation: stalled } }, {}, 'operation-under-way', 'warren retry'],
    ['without a fence', { options: { fence: false } }, {}, 'no-fence', 'sites.beijing.fenceUsers and operatorC'],
    ['for a drill without fences', { options: { fence: false } }, { verb: 'drill' }, 'no-fence', 'sites.shanghai.'],
  ] as const)('is refused %s, and leaves nothing behind', async (_title, given, change, name, words) => {
    const desk = await createDesk(given as Parameters<typeof createDesk>[0]);
    const before = await desk.stored();
    const refusal = await refusalOf(desk.control.operate(alice, 'demo', wanted(change)));
    expect(refusal).toEqual({ name, sentence: expect.stringContaining(words) });
    expect(await desk.stored()).toEqual(before);
    expect(await desk.operations()).toEqual([]);
  });

  test('for a failover needs no fence', async () => {
    const { control, stored } = await createDesk({ options: { fence: false } });
    await control.operate(alice, 'demo', wanted({ verb: 'failover' }));
    expect((await stored()).request?.verb).toBe('failover');
  });

  test('finds what somebody else wrote in between', async () => {
    const desk = await createDesk();
    desk.store.onWrite(async (method, phase) => {
      if (method !== 'writePair' || phase === 'after') return;
      desk.store.onWrite(null);
      await desk.store.writePair({ ...(await desk.stored()), request: request() });
    });
    const refused = refusalOf(desk.control.operate(alice, 'demo', wanted()));
    await desk.clock.advance(100);
    expect((await refused).name).toBe('request-waiting');
    expect((await desk.stored()).request?.who).toBe('bob');
  });

  test('that was carried out before the outcome of its write was known is not made a second time', async () => {
    const desk = await createDesk();
    desk.store.onWrite(async (method, phase) => {
      if (method !== 'writePair' || phase === 'before') return;
      desk.store.onWrite(null);
      const record = await desk.stored();
      const { request: made } = record;
      if (!made) throw new Error('nothing was asked for');
      const ended = { ...endedRequest(made, record, desk.nowMs, ''), phase: 'finished' as const };
      await desk.store.writePair({ ...record, request: null, desired: 'shanghai', ended: [ended] });
      throw new VersionConflict('the answer was lost, and the record is another one by now');
    });
    const asked = desk.control.operate(alice, 'demo', wanted());
    await desk.clock.advance(100);
    const { id } = await asked;
    expect((await desk.stored()).ended).toMatchObject([{ id }]);
    expect(await desk.acts()).toMatchObject([{ outcome: 'done' }]);
  });
});

describe('a failover', () => {
  test('takes the place of a switchover that is merely scheduled, and the history says so', async () => {
    const scheduled = request({ notBeforeMs: Number.MAX_SAFE_INTEGER - 1 });
    const { control, stored, operations, acts } = await createDesk({ record: { request: scheduled } });
    const { id } = await control.operate(alice, 'demo', wanted({ verb: 'failover' }));
    expect((await stored()).request?.id).toBe(id);
    const outcome =
      'The switchover from beijing to shanghai that bob asked for did not happen: ' +
      'a failover that alice asked for took its place: new disks.';
    expect(await operations()).toMatchObject([{ id: 'demo-asked', verb: 'switchover', phase: 'aborted', outcome }]);
    expect(await acts()).toMatchObject([{ sentence: expect.stringContaining('takes the place of demo-asked') }]);
  });

  test('takes the place of a scheduled drill, which is over then', async () => {
    const scheduled = request({ id: 'demo-drill-1', notBeforeMs: Number.MAX_SAFE_INTEGER - 1 });
    const { control, stored, operations } = await createDesk({ record: { request: scheduled, drill: drill() } });
    await control.operate(alice, 'demo', wanted({ verb: 'failover' }));
    expect(await stored()).toMatchObject({ drill: null, request: { verb: 'failover' } });
    expect((await operations()).map(({ id, verb, phase }) => [id, verb, phase]).sort()).toEqual([
      ['demo-drill', 'drill', 'aborted'],
      ['demo-drill-1', 'switchover', 'aborted'],
    ]);
  });

  test('is possible while a drill holds, which the service ends when it finds traffic at home', async () => {
    const holding = drill({ phase: 'holding', holdUntilMs: Number.MAX_SAFE_INTEGER });
    const record = { drill: holding, desired: 'shanghai' };
    const { control, stored } = await createDesk({ record, active: 'shanghai' });
    await control.operate(alice, 'demo', wanted({ verb: 'failover' }));
    expect(await stored()).toMatchObject({ drill: holding, request: { from: 'shanghai', to: 'beijing' } });
  });

  test('takes the place of a stalled operation, to where that one went, though the targets stand in between', async () => {
    const { control, stored } = await createDesk({ record: { operation: stalled }, active: 'split' });
    await control.operate(alice, 'demo', wanted({ verb: 'failover' }));
    expect((await stored()).request).toMatchObject({ from: 'beijing', to: 'shanghai', supersedes: 2 });
  });

  test('or to the other side, when that is said', async () => {
    const { control, stored } = await createDesk({ record: { operation: stalled }, active: 'split' });
    await control.operate(alice, 'demo', wanted({ verb: 'failover', to: 'beijing' }));
    expect((await stored()).request).toMatchObject({ from: 'shanghai', to: 'beijing', supersedes: 2 });
  });

  test('but not to where all the traffic is by now', async () => {
    const { control } = await createDesk({ record: { operation: stalled }, active: 'shanghai' });
    const refusal = await refusalOf(control.operate(alice, 'demo', wanted({ verb: 'failover' })));
    expect(refusal.name).toBe('already-active');
  });
});

describe('a drill', () => {
  test('begins with a switchover, and holds as long as it is configured to', async () => {
    const { control, stored, nowMs } = await createDesk({ options: { drill: { hold: '2m' } } });
    const { id } = await control.operate(alice, 'demo', wanted({ verb: 'drill', reason: 'monthly' }));
    const { request: first, drill: begun } = await stored();
    expect(first).toMatchObject({ id: `${id}-1`, verb: 'switchover', from: 'beijing', to: 'shanghai' });
    expect(begun).toEqual({
      id,
      who: 'alice',
      reason: 'monthly',
      home: 'beijing',
      away: 'shanghai',
      phase: 'there',
      startedAtMs: nowMs,
      holdMs: 2 * minuteMs,
      holdUntilMs: null,
      operations: [`${id}-1`],
      cutShort: '',
    });
  });

  test('may begin only within its windows', async () => {
    const { control, nowMs } = await createDesk({ options: { drill: { windows: ['Sat 02:00-04:00'] } } });
    const refusal = await refusalOf(control.operate(alice, 'demo', wanted({ verb: 'drill' })));
    expect(refusal).toEqual({ name: 'outside-window', sentence: expect.stringContaining('Sat 02:00-04:00 (UTC)') });
    const atMs = nowMs + 2 * dayMs + 3 * hourMs;
    expect(await control.operate(alice, 'demo', wanted({ verb: 'drill', atMs }))).toMatchObject({ notBeforeMs: atMs });
  });
});
