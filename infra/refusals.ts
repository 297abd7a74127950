import type { Config } from '../core/model/config.ts';
import { majorityOf } from '../core/model/targets/route53Health.ts';
import { type FunctionTables, hostStoreProblems, tablesOf } from './hostStore.ts';
import { defaultPrefix } from './names.ts';
import { elsewhereProblems, quorumProblems, type Voters } from './quorum.ts';
import { rateProblems } from './rates.ts';
import { isReadableByFunctions, secretReferences } from './references.ts';
import { regionSetProblem, regionsOf, type StoreRegions } from './regions.ts';
import type { Stage } from './stage.ts';

/** One thing that must not be deployed: where it is said, what is there, and what belongs there instead. */
export interface Refusal {
  path: string;
  value: string;
  expected: string;
}

/** Everything that must not be deployed, at once. */
export class RefusalError extends Error {
  override readonly name = 'RefusalError';
  readonly refusals: readonly Refusal[];

  constructor(what: string, refusals: readonly Refusal[]) {
    const lines = refusals.map(({ path, value, expected }) => `  ${path}: got ${value}, expected ${expected}`);
    super(`${what}: ${refusals.length === 1 ? '1 problem' : `${refusals.length} problems`}\n${lines.join('\n')}`);
    this.refusals = refusals;
  }
}

/** What is wrong with a stage for this configuration. */
export function stageProblems(stage: Stage, config: Config): Refusal[] {
  const { controlRegion: home, primaryRegions } = stage;
  return [
    ...storeProblems(storeRegions(stage), primaryRegions),
    ...hostStoreProblems(config, stageTables(stage)),
    ...vantageRegionProblems(stage),
    ...vantageNameProblems(
      stage.vantages.map(({ name }) => name),
      config,
    ),
    ...elsewhereProblems(votersOf(stage), config),
    ...quorumProblems(votersOf(stage), config),
    ...loneVoteProblems(stage, config),
    ...secretProblems(config),
    ...alarmProblems(home, config),
    ...switchProblems(primaryRegions, config),
    ...countProblems(config),
    ...rateProblems(stage, config),
  ];
}

/** The Regions of a stage's tables. */
export function storeRegions({ controlRegion, store }: Stage): StoreRegions {
  return { home: controlRegion, replicas: store?.replicaRegions ?? [], witness: store?.witnessRegion };
}

/** The tables that a stage gives to its functions. */
export function stageTables(stage: Stage): FunctionTables {
  return tablesOf(stage.prefix ?? defaultPrefix, storeRegions(stage));
}

/** Those that a stage deploys, and those that it says run elsewhere. */
export function votersOf({ vantages, vantagesElsewhere = [] }: Stage): Voters {
  return { deployed: vantages.map(({ name }) => name), elsewhere: vantagesElsewhere };
}

/** A witness may be beside the primary: when both are lost, the two others still agree. */
export function storeProblems(store: StoreRegions, primaryRegions: readonly string[]): Refusal[] {
  const { home, replicas = [] } = store;
  const shared = (path: string, region: string): Refusal[] =>
    primaryRegions.includes(region)
      ? [{ path, value: `${region}, the Region of a primary`, expected: 'a Region that is not lost with the primary' }]
      : [];
  const expected = regionSetProblem(store);
  return [
    ...shared('controlRegion', home),
    ...replicas.flatMap((region, index) => shared(`store.replicaRegions[${index}]`, region)),
    ...(expected === null ? [] : [{ path: 'store', value: regionsOf(store).join(', '), expected }]),
  ];
}

/** A vantage that is lost with the primary sees nothing of its loss; and the names of one Region are there once. */
function vantageRegionProblems({ vantages, primaryRegions }: Stage): Refusal[] {
  const regions = vantages.map(({ region }) => region);
  const path = 'vantages';
  const repeated = regions.filter((region, index) => regions.indexOf(region) < index);
  const elsewhere = regions.some((region) => !primaryRegions.includes(region));
  return [
    ...repeated.map((region) => ({ path, value: `${region} a second time`, expected: 'one vantage in each Region' })),
    ...(elsewhere
      ? []
      : [{ path, value: regions.join(', ') || 'none', expected: 'a vantage outside the Region of a primary' }]),
  ];
}

/** Each vantage watches every pair, and votes only where the pair names it and no alarm speaks for it. */
export function vantageNameProblems(names: readonly string[], { pairs }: Pick<Config, 'pairs'>): Refusal[] {
  return pairs.flatMap((pair, index) => {
    const silent = pair.alarms.map(({ vantage }) => vantage);
    const configured = pair.vantages.map(({ name }) => name).filter((name) => !silent.includes(name));
    const path = `pairs[${index}].vantages`;
    if (configured.length === 0)
      return names.length > 1
        ? [{ path, value: 'none', expected: `the vantages that are deployed: ${names.join(', ')}` }]
        : [];
    return names
      .filter((name) => !configured.includes(name))
      .map((name) => ({ path, value: configured.join(', '), expected: `${name} among them, because it is deployed` }));
  });
}

/** What is cut off together with a primary takes everything else for lost: alone it must not condemn the primary. */
function loneVoteProblems({ vantages: deployed, primaryRegions }: Stage, { pairs }: Pick<Config, 'pairs'>): Refusal[] {
  const regionOf = (vantage: string) => deployed.find(({ name }) => name === vantage)?.region ?? '';
  return pairs.flatMap(({ primary, vantages, failover }, index) => {
    if (failover.quorum !== 1) return [];
    return vantages.flatMap(({ name, near }, place) => {
      const region = regionOf(name);
      if (!primaryRegions.includes(region) || near === primary) return [];
      const expected = `${primary}, because ${name} is in ${region}, the Region of a primary, and its vote alone would be a quorum`;
      return [{ path: `pairs[${index}].vantages[${place}].near`, value: near ?? 'nothing', expected }];
    });
  });
}

/** @returns those that no function could read */
export function secretProblems(config: Pick<Config, 'pairs'>): Refusal[] {
  return secretReferences(config)
    .filter((reference) => !isReadableByFunctions(reference))
    .map(({ path, reference }) => ({
      path,
      value: reference,
      expected: 'secretsmanager:ARN or ssm:NAME, which functions can read',
    }));
}

/** A change of an alarm is an event of the alarm's own Region, and is heard there only. */
export function alarmProblems(region: string, { pairs }: Pick<Config, 'pairs'>): Refusal[] {
  return pairs.flatMap(({ alarms }, index) =>
    alarms.flatMap(({ alarm }, place) => {
      const [, , , there = region] = alarm.startsWith('arn:') ? alarm.split(':') : [];
      const expected = `an alarm in ${region}, the control Region`;
      return there === region ? [] : [{ path: `pairs[${index}].alarms[${place}].alarm`, value: alarm, expected }];
    }),
  );
}

/** What moves traffic away from a Region that is lost must not be lost with it. */
export function switchProblems(primaryRegions: readonly string[], { pairs }: Pick<Config, 'pairs'>): Refusal[] {
  return pairs.flatMap(({ targets }, index) =>
    targets.flatMap((target, place) => {
      const copies = target['route53-health']?.copies ?? [];
      const shared = copies.filter(({ region }) => primaryRegions.includes(region)).map(({ region }) => region);
      if (copies.length === 0 || copies.length - shared.length >= majorityOf(copies)) return [];
      const path = `pairs[${index}].targets[${place}].route53-health.copies`;
      const value = `${shared.join(', ')}, the Region of a primary`;
      return [{ path, value, expected: 'a majority of copies in Regions that are not lost with the primary' }];
    }),
  );
}

/**
 * A stack has at most 500 resources (CloudFormation user guide, quotas): eight alarms for each pair, the managed policies of so many,
 * and some twenty others. Pairs that have nothing in common fit by this number into what IAM, EventBridge and CloudWatch take.
 */
export const pairsMax = 55;

function countProblems({ pairs }: Config): Refusal[] {
  const expected = `at most ${pairsMax}, whose alarms a stack has room for; another stage can have the others`;
  return pairs.length > pairsMax ? [{ path: 'pairs', value: String(pairs.length), expected }] : [];
}
