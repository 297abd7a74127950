import { ArnFormat, Aws } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import type { IConstruct } from 'constructs';
import { partitions } from '../adapters/dynamodb/layout.ts';
import { inParts } from './inParts.ts';
import { arnOf, type StoreReference } from './names.ts';
import type { SecretReference } from './references.ts';

/**
 * What the store's adapter calls on each table. On the history table the watch adds to rows of decisions and keeps operations; who
 * asks on behalf of people keeps only their acts. An act or an operation moves, and leaves its row, when its moment changes.
 */
export const tableActions = {
  state: ['GetItem', 'PutItem', 'Query'],
  history: {
    watch: ['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query'],
    read: ['GetItem', 'Query'],
    keepActs: ['PutItem', 'DeleteItem'],
  },
} as const;

/** Both tables, for a function that watches. */
export function watchStatements(scope: IConstruct, store: StoreReference): PolicyStatement[] {
  const { state, history } = tableArns(scope, store);
  return [
    allow('State', dynamodb(tableActions.state), [state]),
    allow('History', dynamodb(tableActions.history.watch), [history]),
  ];
}

/** Both tables, for a function that is asked: of history it writes what people did, and nothing else. */
export function askedStatements(scope: IConstruct, store: StoreReference): PolicyStatement[] {
  const { state, history } = tableArns(scope, store);
  const keep = allow('KeepActs', dynamodb(tableActions.history.keepActs), [history]);
  // By partition (developer guide, "Using IAM policy conditions for fine-grained access control").
  keep.addCondition('ForAllValues:StringLike', { 'dynamodb:LeadingKeys': [partitions.act('*'), partitions.acts('*')] });
  return [
    allow('State', dynamodb(tableActions.state), [state]),
    allow('ReadHistory', dynamodb(tableActions.history.read), [history]),
    keep,
  ];
}

function tableArns(scope: IConstruct, { region, stateTableName, historyTableName }: StoreReference) {
  const table = (resourceName: string) =>
    arnOf(scope, { service: 'dynamodb', region, resource: 'table', resourceName });
  return { state: table(stateTableName), history: table(historyTableName) };
}

const dynamodb = (actions: readonly string[]) => actions.map((action) => `dynamodb:${action}`);

/** Secrets and parameters by ARN. Others' keys, if they are encrypted with one, are named by whoever deploys. */
export function secretStatements(
  scope: IConstruct,
  references: readonly SecretReference[],
  decryptionKeyArns: readonly string[] = [],
): PolicyStatement[] {
  const of = (scheme: string) =>
    references.flatMap(({ reference }) =>
      reference.startsWith(`${scheme}:`) ? [reference.slice(scheme.length + 1)] : [],
    );
  const secrets = of('secretsmanager').flatMap((name) => secretArns(scope, name));
  const parameters = of('ssm').map((name) => parameterArn(scope, name));
  return [
    ...allowEach('Secrets', ['secretsmanager:GetSecretValue'], secrets),
    ...allowEach('Parameters', ['ssm:GetParameter'], parameters),
    ...decryptStatements(decryptionKeyArns, [...secrets, ...parameters]),
  ];
}

/** Only for the services that hold these (KMS developer guide, condition key `kms:ViaService`), not for the function itself. */
function decryptStatements(keyArns: readonly string[], held: string[]): PolicyStatement[] {
  if (held.length === 0) return [];
  const services = held
    .map((arn) => arn.split(':'))
    .map(
      ([, , service, region = '']) => `${service}.${region}.${RegionInfo.get(region).domainSuffix ?? Aws.URL_SUFFIX}`,
    );
  const statements = allowEach('Decrypt', ['kms:Decrypt'], keyArns);
  for (const statement of statements)
    statement.addCondition('StringEquals', { 'kms:ViaService': [...new Set(services)].sort() });
  return statements;
}

/**
 * AWS ends the ARN of a secret with a hyphen and six characters ("What's in a Secrets Manager secret", ARN), which a name has not,
 * and an ARN may lack. Where an ARN ends like a word it is not known which of the two it is: `…:warren-secret`.
 */
function secretArns(scope: IConstruct, name: string): string[] {
  const [withoutKey = name] = name.split('#');
  if (!withoutKey.startsWith('arn:')) return [`${namedSecretArn(scope, withoutKey)}-??????`];
  const [, end] = withoutKey.match(/-([A-Za-z0-9]{6})$/) ?? [];
  if (end === undefined) return [`${withoutKey}-??????`];
  return wordLike.test(end) ? [withoutKey, `${withoutKey}-??????`] : [withoutKey];
}

/** Six characters at random are hardly ever like this. */
const wordLike = /^([A-Z]?[a-z]*|[A-Z]*)\d*$/;

function namedSecretArn(scope: IConstruct, resourceName: string): string {
  const arnFormat = ArnFormat.COLON_RESOURCE_NAME;
  return arnOf(scope, { service: 'secretsmanager', resource: 'secret', resourceName, arnFormat });
}

function parameterArn(scope: IConstruct, name: string): string {
  if (name.startsWith('arn:')) return name;
  return arnOf(scope, { service: 'ssm', resource: 'parameter', resourceName: name.replace(/^\//, '') });
}

/** The topics that pairs are told by, and no other. */
export function topicStatements(topics: readonly string[]): PolicyStatement[] {
  return allowEach('Notify', ['sns:Publish'], topics);
}

/** @param sid empty where several statements are of one kind: within a policy a name is there once */
export function allow(sid: string, actions: string[], resources: string[]): PolicyStatement {
  return new PolicyStatement({ ...(sid === '' ? {} : { sid }), actions, resources: [...new Set(resources)] });
}

/** Of a statement's list. A policy is divided between statements, and several of this size fill one well. */
export const listCharactersMax = 1_500;

/** As many statements as it takes to name all resources, with numbers behind their names; none without resources. */
export function allowEach(sid: string, actions: string[], resources: readonly string[]): PolicyStatement[] {
  return inParts([...new Set(resources)], listCharactersMax).map((part, index) =>
    allow(index === 0 ? sid : `${sid}${index + 1}`, actions, part),
  );
}
