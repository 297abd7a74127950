import { describe, expect, test } from '@jest/globals';
import { Token } from 'aws-cdk-lib';
import type { Config, Pair } from '../../core/model/config.ts';
import { parseStore } from '../../core/model/storeConfig.ts';
import { WarrenControl } from '../../infra/control.ts';
import { hostStoreRemarks } from '../../infra/hostStore.ts';
import { absentVoters } from '../../infra/quorum.ts';
import { stageProblems, stageTables, votersOf } from '../../infra/refusals.ts';
import { addStacks } from '../../infra/stacks.ts';
import type { Stage } from '../../infra/stage.ts';
import { WarrenVantage } from '../../infra/vantage.ts';
import { configWith, createApp, createStack, oneRegion, stubCode, threeRegions, votesOfThree } from './support.ts';

const switchIn = (...regions: string[]) => {
  const copies = regions.map((region) => ({ region, bucket: `switch-${region}`, key: 'trading' }));
  return { targets: [{ 'route53-health': { record: 'amqp.example.com', copies } }] };
};

const [ireland, london] = threeRegions.vantages;

/** A pair that all vantages of the stage vote on, with these changes. */
const configFor = ({ vantages }: Stage, changes: Record<string, unknown> = {}) =>
  configWith({ ...(vantages.length > 1 ? votesOfThree : {}), ...changes });

const store = { stateTableName: 's', historyTableName: 'h', region: 'eu-west-1' };

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
    expect(stageProblems(stage as Stage, configFor(stage as Stage))).toEqual([]);
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
      /^pairs\[0\].vantages: got ireland, expected dublin among them/m,
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
    const error = refusalOf(stage, configFor(stage, pair));
    expect(error.message.replaceAll('\n  ', '\n')).toMatch(sentence);
  });

  describe('whose configuration names a store, for hosts,', () => {
    const withStore = (text: string, stage = oneRegion): Config => {
      const found = parseStore(text);
      if (!found) throw new Error(`${text} is no store`);
      return { ...configFor(stage), store: found };
    };

    test.each([
      ['a file, as it is by default', oneRegion, 'warren.db'],
      ['the tables of the stage', oneRegion, 'dynamodb:warren-state,warren-history@eu-west-1'],
      ['those tables, in the Region of the host', oneRegion, 'dynamodb:warren-state,warren-history'],
      ['replicas of those tables', threeRegions, 'dynamodb:warren-state,warren-history@eu-west-3'],
      ['the tables of its prefix', { ...oneRegion, prefix: 'trial' }, 'dynamodb:trial-state,trial-history@eu-west-1'],
    ])('can be deployed where that is %s', (_what, stage, text) => {
      expect(stageProblems(stage, withStore(text, stage))).toEqual([]);
    });

    const withWitness = { ...threeRegions, store: { replicaRegions: ['eu-west-2'], witnessRegion: 'eu-west-3' } };
    test.each([
      ['tables of other names', oneRegion, 'dynamodb:office-state,office-history@eu-west-1'],
      ['the tables of the stage the other way round', oneRegion, 'dynamodb:warren-history,warren-state@eu-west-1'],
      ['tables in a Region that has none', oneRegion, 'dynamodb:warren-state,warren-history@eu-west-2'],
      ['tables in the Region of a witness', withWitness, 'dynamodb:warren-state,warren-history@eu-west-3'],
      ['the tables of another prefix', { ...oneRegion, prefix: 'trial' }, 'dynamodb:warren-state,warren-history'],
    ])('is refused where that is %s', (_what, stage, text) => {
      expect(stageProblems(stage, withStore(text, stage))).toEqual([
        {
          path: 'store of the configuration',
          value: text,
          expected: expect.stringMatching(/^the tables of the functions, dynamodb:.*, because hosts with others/),
        },
      ]);
    });

    test('is refused with every table that a host may name', () => {
      const [problem] = stageProblems(
        threeRegions,
        withStore('dynamodb:warren-state,warren-history@eu-west-9', threeRegions),
      );
      const names = ['eu-west-1', 'eu-west-2', 'eu-west-3'].map(
        (region) => `dynamodb:warren-state,warren-history@${region}`,
      );
      expect(problem?.expected).toContain(`${names.join(' or ')}, because`);
    });

    test('is refused as constructs of their own, too, unless the names of the tables are known later', () => {
      const other = withStore('dynamodb:office-state,office-history');
      const { vantages } = oneRegion;
      const props = { config: other, code: stubCode, store, vantages };
      const sentence = /got dynamodb:office-state,office-history, expected the tables of the functions, dynamodb:s,h,/;
      expect(() => new WarrenControl(createStack(), 'C', props)).toThrow(sentence);
      const watching = { config: other, code: stubCode.watch, vantage: 'ireland' };
      expect(() => new WarrenVantage(createStack(), 'V', { ...watching, store })).toThrow(sentence);
      const later = Token.asString({ Ref: 'Table' });
      const unknown = { ...store, stateTableName: later, historyTableName: later };
      expect(() => new WarrenVantage(createStack(), 'V', { ...watching, store: unknown })).not.toThrow();
    });

    test('says which tables those are to be given that run elsewhere, where it names none', () => {
      const tables = stageTables(oneRegion);
      expect(hostStoreRemarks(withStore('warren.db'), tables, ['office'])).toEqual([
        'Start office with --store dynamodb:warren-state,warren-history@eu-west-1: the configuration names no tables as its store.',
      ]);
      expect(hostStoreRemarks(withStore('warren.db'), tables, [])).toEqual([]);
      expect(hostStoreRemarks(withStore('dynamodb:warren-state,warren-history'), tables, ['office'])).toEqual([]);
    });
  });

  test('is refused with everything that is wrong with it in one error', () => {
    const stage = { ...oneRegion, primaryRegions: ['eu-west-1'], vantages: [{ name: 'dublin', region: 'eu-west-1' }] };
    const { name, message } = refusalOf(stage, configWith());
    expect(name).toBe('RefusalError');
    expect(message.split('\n')[0]).toBe('Warren is not deployed like this: 4 problems');
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
      const config = configWith({ ...votesOfThree, failover: { mode: 'automatic', quorum: 1 } });
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

  describe('that deploys too few voters', () => {
    const majority = configWith(votesOfThree);

    test('is refused with the pair, its quorum, and what there is of it', () => {
      expect(stageProblems(oneRegion, majority)).toEqual([
        {
          path: 'pairs[0].failover.quorum',
          value: 'majority, 2 votes for trading, of whose voters this stage has 1 (ireland)',
          expected: expect.stringMatching(
            /^no more votes than voters, or trading never fails over: .*vantagesElsewhere/,
          ),
        },
      ]);
    });

    test('is refused where one vantage would be a majority of itself', () => {
      const config = configWith({ vantages: [], failover: { mode: 'observe', quorum: 'majority' } });
      expect(stageProblems(oneRegion, config)).toMatchObject([{ path: 'pairs[0].failover.quorum' }]);
    });

    test('can be deployed with one that runs elsewhere', () => {
      expect(stageProblems({ ...oneRegion, vantagesElsewhere: ['paris'] }, majority)).toEqual([]);
    });

    test('can be deployed with an alarm that votes', () => {
      const alarms = [{ alarm: 'lost', site: 'frankfurt', does: 'vote', vantage: 'london' }];
      expect(stageProblems(oneRegion, configWith({ ...votesOfThree, alarms }))).toEqual([]);
    });

    test('cannot say of one that it deploys, or that nobody counts on, that it runs elsewhere', () => {
      const stage = { ...oneRegion, vantagesElsewhere: ['ireland', 'dublin'] };
      expect(stageProblems(stage, configWith())).toEqual([
        { path: 'vantagesElsewhere[0]', value: 'ireland', expected: 'none of the vantages that are deployed here' },
        { path: 'vantagesElsewhere[1]', value: 'dublin', expected: 'one of the vantages of the pairs: ireland' },
      ]);
    });

    test('says who must run elsewhere, and whose votes are missing', () => {
      const stage = { ...oneRegion, vantagesElsewhere: ['paris'] };
      expect(absentVoters(votersOf(stage), majority)).toEqual([
        'trading counts on paris to run elsewhere.',
        expect.stringMatching(
          /^trading counts on london, which this stage does not deploy: no vote comes from there\./,
        ),
      ]);
      expect(absentVoters(votersOf(threeRegions), majority)).toEqual([]);
    });

    test('is refused as a construct of its own, too', () => {
      const props = { config: majority, code: stubCode, store, vantages: oneRegion.vantages };
      expect(() => new WarrenControl(createStack(), 'C', props)).toThrow(/failover\.quorum: got majority, 2 votes/);
      expect(() => new WarrenControl(createStack(), 'C', { ...props, vantagesElsewhere: ['paris'] })).not.toThrow();
    });
  });
});

describe('a vantage on its own', () => {
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
