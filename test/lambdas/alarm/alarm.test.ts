import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { configHashOf } from '../../../adapters/system/configHash.ts';
import { createControl } from '../../../core/flow/control/local.ts';
import { StoreUnavailable } from '../../../core/flow/ports.ts';
import type { AlarmConfig } from '../../../core/model/alarmConfig.ts';
import { configSchema, type Pair } from '../../../core/model/config.ts';
import { newPairRecord } from '../../../core/model/record.ts';
import { answerAlarm } from '../../../lambdas/alarm/answer.ts';
import { alarmChangeOf } from '../../../lambdas/alarm/event.ts';
import type { Tools } from '../../../lambdas/alarm/request.ts';
import { createWorld, type World, type WorldOptions } from '../../support/world.ts';
import { alarmEvent } from '../alarmEvent.ts';

const refused = { check: 'tcp', class: 'refused', latencyMs: 1 } as const;
const everything = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, limit: 100 };

let world: World;
let tools: Tools;

function begin(options: WorldOptions = {}): void {
  world = createWorld({ failover: { mode: 'approve' }, ...options });
  const { store, clock, target, config } = world;
  let ids = 0;
  const control = createControl({
    pairs: config.pairs,
    fleet: config.fleet,
    store,
    clock,
    targetsOf: () => [target],
    newId: () => `act-${++ids}`,
    fingerprint: (text) => createHash('sha256').update(text).digest('hex'),
    killSwitch: () => false,
  });
  tools = { control, store, clock };
}

const requestOf = (site = 'beijing', alarm = 'quiet'): AlarmConfig => ({ alarm, site, does: 'request' });
const voteOf = (site = 'beijing'): AlarmConfig => ({ alarm: 'quiet', site, does: 'vote', vantage: 'canary' });

const answer = (entries: AlarmConfig[], event: unknown) =>
  answerAlarm(tools, [{ ...world.pair, alarms: entries }], alarmChangeOf(event));
const alarmed = (id = 'event-1') => alarmEvent('quiet', 'ALARM', { id, atMs: world.clock.nowMs() });
const operations = () => world.store.listOperations('demo', everything);

beforeEach(() => begin());

describe('an alarm that may ask for a failover', () => {
  beforeEach(async () => {
    world.start();
    await world.clock.advance(15_000);
  });

  test('has it, under the guards of a person who asks, and in its own name', async () => {
    world.prober.setSite('beijing', refused);
    await world.clock.advance(10_000);
    const [answered] = await answer([requestOf()], alarmed());
    expect(answered).toMatchObject({ pair: 'demo', does: 'request', done: true });
    expect(answered?.sentence).toMatch(
      /^Asked for a failover of demo from beijing to shanghai \(demo-[0-9a-f]{8}\)\.$/,
    );
    await world.clock.advance(10_000);
    expect(await operations()).toMatchObject([{ phase: 'finished', to: 'shanghai' }]);
    expect(await world.store.listActs('demo', everything)).toMatchObject([
      {
        who: 'alarm quiet',
        via: 'alarm',
        from: 'arn:aws:cloudwatch:eu-central-1:123456789012:alarm:quiet',
        reason: expect.stringMatching(/^alarm quiet is in ALARM: Threshold Crossed: /),
      },
    ]);
  });

  test('is refused what a guard forbids', async () => {
    expect(await answer([requestOf()], alarmed())).toMatchObject([{ done: true }]);
    await world.clock.advance(5_000);
    expect(await operations()).toMatchObject([{ phase: 'aborted' }]);
    expect(world.target.flips).toEqual([]);
  });

  test('asks once, however often the event is delivered', async () => {
    const event = alarmed();
    const first = await answer([requestOf()], event);
    expect(await answer([requestOf()], event)).toEqual(first);
    expect(await world.store.listActs('demo', everything)).toHaveLength(1);
  });

  test('is told when it must wait for another', async () => {
    await answer([requestOf()], alarmed('event-1'));
    const [answered] = await answer([requestOf()], alarmed('event-2'));
    expect(answered?.done).toBe(false);
    expect(answered?.sentence).toMatch(/^Asked for a failover of demo, which was refused: /);
  });

  test.each<[string, AlarmConfig, () => unknown]>([
    ['the alarm is in OK', requestOf(), () => alarmEvent('quiet', 'OK', { atMs: world.clock.nowMs() })],
    [
      'the alarm is in INSUFFICIENT_DATA',
      requestOf(),
      () => alarmEvent('quiet', 'INSUFFICIENT_DATA', { atMs: world.clock.nowMs() }),
    ],
    ['the event is too old', requestOf(), () => alarmEvent('quiet', 'ALARM', { atMs: world.clock.nowMs() - 301_000 })],
    ['traffic does not go to shanghai', requestOf('shanghai'), () => alarmed()],
  ])('asks for nothing when %s', async (because, entry, event) => {
    expect(await answer([entry], event())).toMatchObject([
      { done: false, sentence: `Nothing is asked for: ${because}.` },
    ]);
    expect((await world.record())?.request).toBeNull();
  });

  const pause = { owner: 'ann', reason: 'x', untilMs: Date.UTC(2026, 0, 3) };
  test.each([
    ['the pair is paused', { pause }],
    ['it is latched since failover 3', { latch: { because: 'failover', epoch: 3, sinceMs: 0, reason: 'x' } }],
    ['it cools down until', { cooldownUntilMs: Date.UTC(2026, 0, 2) }],
  ] as const)('asks for nothing when %s', async (because, change) => {
    const record = await world.record();
    if (!record) throw new Error('nothing is recorded');
    await world.store.writePair({ ...record, ...change });
    const [answered] = await answer([requestOf()], alarmed());
    expect(answered).toMatchObject({ done: false, sentence: expect.stringContaining(because) });
  });

  test('asks for nothing while all pairs are paused', async () => {
    await world.store.writeFleet({ ...(await world.store.readFleet()), pause });
    expect((await answer([requestOf()], alarmed()))[0]?.sentence).toBe('Nothing is asked for: all pairs are paused.');
  });
});

describe('an alarm', () => {
  test('asks for nothing in mode observe', async () => {
    begin({ failover: { mode: 'observe' } });
    world.start();
    await world.clock.advance(15_000);
    expect((await answer([requestOf()], alarmed()))[0]?.sentence).toBe('Nothing is asked for: the mode is observe.');
  });

  test('that no pair names does nothing; an ARN is of one Region', async () => {
    const arn = 'arn:aws:cloudwatch:eu-central-1:123456789012:alarm:quiet';
    expect(await answer([requestOf('beijing', 'loud')], alarmed())).toEqual([]);
    expect(await answer([requestOf('beijing', arn.replace('central', 'west'))], alarmed())).toEqual([]);
    expect(await answer([requestOf('beijing', arn)], alarmed())).toHaveLength(1);
  });

  test('that cannot be stored is not lost: whoever started this is told, once the others are done', async () => {
    world.store.failNext('readFleet', new StoreUnavailable('the store is gone'));
    const asked = answer([requestOf(), voteOf()], alarmed());
    await expect(asked).rejects.toThrow('the store is gone');
    expect(await world.store.listObservations('demo')).toHaveLength(1);
  });
});

describe('an alarm that votes', () => {
  const observation = async () => (await world.store.listObservations('demo'))[0];

  test.each([
    ['ALARM', { beijing: 'down' }, null, 'canary says that beijing is down.'],
    ['OK', { beijing: 'up' }, null, 'canary says that beijing is up.'],
    ['INSUFFICIENT_DATA', {}, 'references-dark', 'canary does not trust itself: it has no data.'],
  ] as const)('in %s says %j for its vantage, lastingly', async (state, health, doubt, sentence) => {
    const event = alarmEvent('quiet', state, { atMs: 5_000 });
    expect(await answer([voteOf()], event)).toEqual([{ pair: 'demo', does: 'vote', done: true, sentence }]);
    expect(await observation()).toEqual({
      pair: 'demo',
      vantage: 'canary',
      holder: 'alarm quiet',
      sequence: 5_000,
      atMs: 5_000,
      configHash: configHashOf(world.pair),
      evidenceGeneration: 0,
      health,
      doubt,
      lasting: true,
    });
  });

  test('replaces what it said before, and nothing newer', async () => {
    await answer([voteOf()], alarmEvent('quiet', 'ALARM', { atMs: 5_000 }));
    await answer([voteOf()], alarmEvent('quiet', 'OK', { atMs: 6_000 }));
    expect(await observation()).toMatchObject({ sequence: 6_000, health: { beijing: 'up' } });
    expect(await answer([voteOf()], alarmEvent('quiet', 'ALARM', { atMs: 5_500 }))).toMatchObject([{ done: false }]);
    expect(await observation()).toMatchObject({ sequence: 6_000, health: { beijing: 'up' } });
  });

  test('leaves a newer change alone that another process wrote while it was about to write', async () => {
    const [reached, newer] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    world.store.onWrite(async () => {
      reached.resolve();
      await newer.promise;
    });
    const late = answer([voteOf()], alarmEvent('quiet', 'ALARM', { atMs: 5_000 }));
    await reached.promise;
    world.store.onWrite(null);
    await answer([voteOf()], alarmEvent('quiet', 'OK', { atMs: 6_000 }));
    newer.resolve();
    expect(await late).toMatchObject([{ done: false, sentence: 'canary has said something newer already.' }]);
    expect(await observation()).toMatchObject({ atMs: 6_000, health: { beijing: 'up' } });
  });

  test('speaks under the evidence of now', async () => {
    const record = { ...newPairRecord('demo'), evidenceGeneration: 4 };
    await world.store.writePair(record);
    await answer([voteOf()], alarmed());
    expect(await observation()).toMatchObject({ evidenceGeneration: 4 });
  });
});

describe('an event', () => {
  const event = alarmEvent('quiet', 'ALARM', { atMs: Date.UTC(2026, 10, 22) });

  test('is read as EventBridge sends it', () => {
    expect(alarmChangeOf(event)).toEqual({
      id: 'c4c1c1c9-6542-e61b-6ef0-8c4d36933a92',
      name: 'quiet',
      arn: 'arn:aws:cloudwatch:eu-central-1:123456789012:alarm:quiet',
      state: 'ALARM',
      reason: expect.stringContaining('Threshold Crossed'),
      atMs: Date.UTC(2026, 10, 22),
    });
  });

  const { state } = event.detail;
  test.each<[unknown, string]>([
    [null, '(event)'],
    ['{}', '(event)'],
    [{ ...event, source: 'aws.ec2' }, 'source'],
    [{ ...event, 'detail-type': 'Scheduled Event' }, 'detail-type'],
    [{ ...event, resources: [] }, 'resources'],
    [{ ...event, id: '' }, 'id'],
    [{ ...event, detail: { ...event.detail, state: { ...state, value: 'BROKEN' } } }, 'detail.state.value'],
    [{ ...event, detail: { ...event.detail, state: { ...state, timestamp: 'soon' } } }, 'detail.state.timestamp'],
  ])('that is none is refused, by its part %#', (malformed, part) => {
    expect(() => alarmChangeOf(malformed)).toThrow(
      `This is no CloudWatch Alarm State Change of EventBridge: look at ${part}.`,
    );
  });
});

describe('the configuration of alarms', () => {
  const problems = (alarms: unknown[]): string[] => {
    const [pair] = world.config.pairs as [Pair];
    const { sites, targets } = pair;
    const plain = {
      name: 'demo',
      primary: 'beijing',
      standby: 'shanghai',
      sites,
      targets,
      vantages: ['witness', 'canary'],
    };
    const parsed = configSchema.safeParse({ version: 1, pairs: [{ ...plain, alarms }] });
    return (parsed.error?.issues ?? []).map(({ path, message }) => `${path.slice(2).join('.')}: ${message}`);
  };
  const vote = { alarm: 'a', site: 'beijing', does: 'vote' };

  test('is sound with sites and vantages of the pair', () => {
    expect(
      problems([
        { alarm: 'a', site: 'beijing' },
        { ...vote, vantage: 'canary' },
      ]),
    ).toEqual([]);
  });

  test.each([
    [[{ alarm: 'a', site: 'tianjin' }], 'alarms.0.site: expected one of the sites: beijing, shanghai'],
    [[vote], 'alarms.0.vantage: expected one of the vantages with `does: vote`, and nothing with `does: request`'],
    [[{ ...vote, does: 'request', vantage: 'canary' }], 'alarms.0.vantage: expected one of the vantages with'],
    [[{ ...vote, vantage: 'moon' }], 'alarms.0.vantage: expected one of the vantages: witness, canary'],
    [
      [
        { ...vote, vantage: 'canary' },
        { ...vote, vantage: 'canary', site: 'shanghai' },
      ],
      'alarms.1.vantage: expected a vantage of its own',
    ],
  ])('%j is refused', (alarms, problem) => {
    expect(problems(alarms)).toEqual([expect.stringContaining(problem)]);
  });
});
