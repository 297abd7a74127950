import { CfnOutput, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import { AttributeType, Billing, MultiRegionConsistency, type TablePropsV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { expiryAttribute, keys } from '../adapters/dynamodb/layout.ts';
import { defaultPrefix, type StoreReference, tableNames } from './names.ts';
import { RefusalError, storeProblems } from './refusals.ts';
import { regionsOf, type StoreRegions, survivableRegions, survivalSentence } from './regions.ts';

export interface WarrenStoreProps {
  /** What the names of the tables begin with. @default warren */
  prefix?: string;
  /**
   * Other Regions that have both tables; with any, the state table is strongly consistent across three Regions, and stays
   * readable and writable when one is lost. Can be chosen only while the table is new. @default none
   */
  replicaRegions?: readonly string[];
  /** With one replica: the third Region, which only votes on writes. @default none */
  witnessRegion?: string;
  /** Regions of the primaries, where the tables must not be. @default none: they are not on AWS */
  primaryRegions?: readonly string[];
  /** What becomes of the tables when the stack goes. Without RETAIN they can be deleted. @default RETAIN */
  removalPolicy?: RemovalPolicy;
}

/**
 * The two tables, billed per request, as `adapters/dynamodb/layout.ts` says.
 *
 * *State* is written under a condition, one item at a time: it needs neither transactions nor expiry, which a table that is
 * strongly consistent across Regions does not have (developer guide, "Global tables", MRSC considerations). *History* is
 * eventually consistent where it has replicas: its rows are written once, or by one vantage alone.
 */
export class WarrenStore extends Construct {
  readonly state: TableV2;
  readonly history: TableV2;
  /** Regions of which any one may be lost while the tables can still be read and written. */
  readonly survivableRegions: string[];
  readonly #regions: StoreRegions;
  readonly #prefix: string;

  constructor(scope: Construct, id: string, props: WarrenStoreProps = {}) {
    super(scope, id);
    const { prefix = defaultPrefix, replicaRegions = [], witnessRegion } = props;
    this.#prefix = prefix;
    this.#regions = { home: homeOf(this), replicas: replicaRegions, witness: witnessRegion };
    const problems = storeProblems(this.#regions, props.primaryRegions ?? []);
    if (problems.length > 0) throw new RefusalError('WarrenStore', problems);
    this.survivableRegions = survivableRegions(this.#regions);
    const names = tableNames(prefix);
    this.state = new TableV2(this, 'State', {
      ...this.#tableProps(names.stateTableName, props),
      ...(regionsOf(this.#regions).length > 1 ? { multiRegionConsistency: MultiRegionConsistency.STRONG } : {}),
      ...(witnessRegion === undefined ? {} : { witnessRegion }),
    });
    this.history = new TableV2(this, 'History', {
      ...this.#tableProps(names.historyTableName, props),
      timeToLiveAttribute: expiryAttribute,
    });
    new CfnOutput(this, 'Survives', { value: survivalSentence(this.#regions) });
  }

  /** How functions in a Region name the tables: those beside them, or else those at home. */
  reference(region: string = this.#regions.home): StoreReference {
    return storeReference(this.#prefix, this.#regions, region);
  }

  #tableProps(tableName: string, { removalPolicy = RemovalPolicy.RETAIN }: WarrenStoreProps): TablePropsV2 {
    return {
      tableName,
      partitionKey: { name: keys.partition, type: AttributeType.STRING },
      sortKey: { name: keys.sort, type: AttributeType.STRING },
      billing: Billing.onDemand(),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: removalPolicy === RemovalPolicy.RETAIN,
      removalPolicy,
      replicas: (this.#regions.replicas ?? []).map((region) => ({ region })),
    };
  }
}

/** How functions in a Region name the tables of an installation: those beside them, or else those at home. */
export function storeReference(prefix: string, { home, replicas = [] }: StoreRegions, region: string): StoreReference {
  return { ...tableNames(prefix), region: replicas.includes(region) ? region : home };
}

/** In a stack without a Region, the words that mean its own. */
function homeOf(scope: Construct): string {
  const { region } = Stack.of(scope);
  return Token.isUnresolved(region) ? 'the Region of the stack' : region;
}
