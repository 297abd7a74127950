import { Arn, type ArnComponents, Stack, Token } from 'aws-cdk-lib';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import type { IConstruct } from 'constructs';

/** What every physical name begins with, unless a prop says otherwise: two installations in one account need two. */
export const defaultPrefix = 'warren';

/** Where the tables are, by name: a stack in another Region can hold no reference to them. */
export interface StoreReference {
  stateTableName: string;
  historyTableName: string;
  /** A Region that has both. */
  region: string;
}

/** The names of the tables of an installation. */
export function tableNames(prefix: string): Omit<StoreReference, 'region'> {
  return { stateTableName: `${prefix}-state`, historyTableName: `${prefix}-history` };
}

/** The name of a function; also of its role, its log group and its alarms. */
export function functionName(prefix: string, ...words: string[]): string {
  return [prefix, ...words].join('-');
}

/** An ARN in the scope's own account and partition. */
export function arnOf(scope: IConstruct, components: Omit<ArnComponents, 'partition'>): string {
  const stack = Stack.of(scope);
  return Arn.format({ ...components, partition: partitionOf(stack) }, stack);
}

/**
 * By its name where the Region has one: the CDK divides policies by what it can count, and only newer apps have the flag by which
 * it counts this (`@aws-cdk/core:enablePartitionLiterals`).
 */
function partitionOf({ region, partition }: Stack): string {
  return Token.isUnresolved(region) ? partition : (RegionInfo.get(region).partition ?? partition);
}
