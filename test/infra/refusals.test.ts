import { describe, expect, test } from '@jest/globals';
import type { Config, Pair } from '../../core/model/config.ts';
import { missingVantages, stageProblems } from '../../infra/refusals.ts';
import { addStacks } from '../../infra/stacks.ts';
import type { Stage } from '../../infra/stage.ts';
import { WarrenVantage } from '../../infra/vantage.ts';
import { configWith, createApp, createStack, oneRegion, stubCode, threeRegions } from './support.ts';

const switchIn = (...regions: string[]) => {
  const copies = regions.map((region) => ({ region, bucket: `switch-${region}`, key: 'trading' }));
  return { targets: [{ 'route53-health': { record: 'amqp.example.com', copies } }] };
};

const [ireland, london] = threeRegions.vantages;

describe('a stage', () => {
  test.each([
    ['of one Region', oneRegion],
    ['of three', threeRegions],
    [
      'with a vantage beside the primary and another elsewhere',
      { ...threeRegions, primaryRegions: ['eu-west-2'], store: undefined },
    ],
    ['whose primary is not on AWS', { ...oneRegion, primaryRegions: [] }],
  ])('%s can be deployed', (_what, stage) => {
    expect(stageProblems(stage as Stage, configWith())).toEqual([]);
  });

  test('may have a quorum of one where the vantage beside the primary is said to be near it', () => {
    const vantages = ['ireland', { name: 'london', near: 'frankfurt' }, 'paris'];
    const config = configWith({ failover: { mode: 'automatic', quorum: 1 }, vantages });
    const { store: _, ...stage } = { ...threeRegions, primaryRegions: ['eu-west-2'] };
    expect(stageProblems(stage, config)).toEqual([]);
  });

  test('may have one copy of three beside the primary', () => {
    const config = configWith(switchIn('eu-central-1', 'eu-west-1', 'eu-west-2'));
    expect(stageProblems(oneRegion, config)).toEqual([]);
  });

  const refused: [string, Partial<Stage>, Record<string, unknown>, RegExp][] = [
    [
      'its control Region is that of a primary',
      { primaryRegions: ['eu-west-1'], vantages: [london as never] },
      {},
      /^controlRegion: got eu-west-1, the Region of a primary, expected a Region that is not lost with the primary$/m,
    ],
    [
      'a replica of the store is',
      { primaryRegions: ['eu-west-3'], store: { replicaRegions: ['eu-west-2', 'eu-west-3'] } },
      {},
      /^store.replicaRegions\[1\]: got eu-west-3/m,
    ],
    [
      'it watches from there only',
      { primaryRegions: ['eu-west-2'], vantages: [london as never] },
      {},
      /^vantages: got eu-west-2, expected a vantage outside/m,
    ],
    ['nobody watches', { vantages: [] }, {}, /^vantages: got none, expected a vantage/m],
    [
      'AWS has no strongly consistent table there',
      { store: { replicaRegions: ['us-east-1', 'us-west-2'] } },
      {},
      /^store: got eu-west-1, us-east-1, us-west-2, expected three different Regions/m,
    ],
    [
      'two vantages are in one Region',
      { vantages: [ireland as never, { name: 'london', region: 'eu-west-1' }] },
      {},
      /^vantages: got eu-west-1 a second time, expected one/m,
    ],
    [
      'a pair does not know a vantage',
      { vantages: [{ name: 'dublin', region: 'eu-west-1' }] },
      {},
      /^pairs\[0\].vantages: got ireland, london, paris, expected dublin among them/m,
    ],
    [
      'two vantages would each decide alone',
      threeRegions,
      { vantages: [] },
      /^pairs\[0\].vantages: got none, expected the vantages that are deployed: ireland, london, paris$/m,
    ],
    [
      'a vantage beside the primary could condemn it alone',
      { ...threeRegions, primaryRegions: ['eu-west-2'], store: undefined as never },
      { failover: { mode: 'automatic', quorum: 1 } },
      /^pairs\[0\].vantages\[1\].near: got nothing, expected frankfurt, because london is in eu-west-2, the Region of a primary, and its vote alone would be a quorum$/m,
    ],
    [
      'it could although it is said to be near the other side',
      { ...threeRegions, primaryRegions: ['eu-west-2'], store: undefined as never },
      {
        failover: { mode: 'automatic', quorum: 1 },
        vantages: ['ireland', { name: 'london', near: 'ireland' }, 'paris'],
      },
      /^pairs\[0\].vantages\[1\].near: got ireland, expected frankfurt, because/m,
    ],
    [
      'an alarm speaks for a vantage',
      threeRegions,
      { alarms: [{ alarm: 'a', site: 'frankfurt', does: 'vote', vantage: 'paris' }] },
      /^pairs\[0\].vantages: got ireland, london, expected paris/m,
    ],
    [
      'an alarm is elsewhere',
      {},
      { alarms: [{ alarm: 'arn:aws:cloudwatch:eu-west-2:111122223333:alarm:x', site: 'frankfurt' }] },
      /^pairs\[0\].alarms\[0\].alarm: got .* expected an alarm in eu-west-1, the control Region$/m,
    ],
    [
      'most copies of a switch would be lost with the primary',
      { primaryRegions: ['eu-central-1', 'eu-north-1'] },
      switchIn('eu-central-1', 'eu-north-1', 'eu-west-1'),
      /^pairs\[0\].targets\[0\].route53-health.copies: got eu-central-1, eu-north-1, the Region of a primary, expected a majority/m,
    ],
    [
      'the only copy would be',
      {},
      switchIn('eu-central-1'),
      /^pairs\[0\].targets\[0\].route53-health.copies: got eu-central-1, the Region of a primary/m,
    ],
    [
      'functions cannot read a secret',
      {},
      { hooks: { before: { url: 'env:HOOK' } } },
      /^pairs\[0\].hooks.before.url: got env:HOOK, expected secretsmanager:ARN or ssm:NAME/m,
    ],
  ];

  test.each(refused)('is refused when %s', (_when, changes, pair, sentence) => {
    const stage = { ...oneRegion, ...changes };
    const error = refusalOf(stage, configWith(pair));
    expect(error.message.replaceAll('\n  ', '\n')).toMatch(sentence);
  });

  test('is refused with everything that is wrong with it in one error', () => {
    const stage = { ...oneRegion, primaryRegions: ['eu-west-1'], vantages: [{ name: 'dublin', region: 'eu-west-1' }] };
    const { name, message } = refusalOf(stage, configWith());
    expect(name).toBe('RefusalError');
    expect(message.split('\n')[0]).toBe('Warren is not deployed like this: 3 problems');
  });

  test('is refused when a stack has no room for the alarms of all pairs', () => {
    const { pairs, ...rest } = configWith();
    const many = Array.from({ length: 56 }, (_, index) => ({ ...(pairs[0] as Pair), name: `pair-${index}` }));
    const [problem, ...others] = stageProblems(oneRegion, { ...rest, pairs: many });
    expect(problem).toMatchObject({ path: 'pairs', value: '56' });
    expect(others).toEqual([]);
  });

  describe('with records of Route 53', () => {
    /** Pairs with a record each, in so many zones, read every so often. */
    const withRecords = (pairs: number, zones: number, everyMs = 5_000): Config => {
      const config = configWith();
      const [pair] = config.pairs as [Pair];
      const recordIn = (zone: string) => pair.targets.map(({ route53 }) => ({ route53: { ...route53, zone } }));
      const many = Array.from({ length: pairs }, (_, index) => ({
        ...pair,
        name: `pair-${index}`,
        probe: { ...pair.probe, everyMs },
        targets: recordIn(`Z${index % zones}`) as Pair['targets'],
      }));
      return { ...config, pairs: many };
    };

    test.each([
      ['fifty pairs of one zone, from three vantages', threeRegions, withRecords(50, 1)],
      ['ten zones, from one vantage', oneRegion, withRecords(10, 10)],
      ['four zones, from three', threeRegions, withRecords(5, 4)],
      ['ten zones, from three, if they are read every ten seconds', threeRegions, withRecords(10, 10, 10_000)],
    ])('reads %s', (_what, stage, config) => {
      expect(stageProblems(stage, config)).toEqual([]);
    });

    test.each([
      ['6', threeRegions, withRecords(10, 10)],
      ['6', threeRegions, withRecords(20, 2)],
      ['3.2', oneRegion, withRecords(16, 16)],
    ])(
      'is refused when %s requests a second are needed to read them, which Route 53 would throttle',
      (rate, stage, config) => {
        expect(stageProblems(stage, config)).toEqual([
          {
            path: 'pairs',
            value: `${rate} requests a second to read the records of Route 53`,
            expected: expect.stringMatching(/^at most 3 of the 5 .* a longer probe.every, or fewer hosted zones$/),
          },
        ]);
      },
    );
  });

  test('says which vantages run somewhere else', () => {
    expect(missingVantages(oneRegion, configWith())).toEqual([
      'trading counts on london, paris, which this stage does not deploy.',
    ]);
    expect(missingVantages(threeRegions, configWith())).toEqual([]);
  });
});

describe('a vantage on its own', () => {
  const store = { stateTableName: 's', historyTableName: 'h', region: 'eu-west-1' };
  const common = { config: configWith(), code: stubCode.watch, store };

  test('is refused when a pair does not know it', () => {
    expect(() => new WarrenVantage(createStack(), 'V', { ...common, vantage: 'dublin' })).toThrow(
      /expected dublin among/,
    );
  });

  test('is refused when its turns could not overlap', () => {
    const props = { ...common, vantage: 'ireland', reservedConcurrency: 1 };
    expect(() => new WarrenVantage(createStack(), 'V', props)).toThrow(/expected at least 2: turns overlap/);
  });
});

function refusalOf(stage: Stage, config: Config): Error {
  try {
    addStacks(createApp(), stage, config, stubCode);
  } catch (error) {
    return error as Error;
  }
  throw new Error('it was not refused');
}
