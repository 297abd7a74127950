import { ArnFormat } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import { inParts } from './inParts.ts';
import { arnOf, type StoreReference } from './names.ts';
import type { SecretReference } from './references.ts';

/** What the store's adapter calls on each table. The journal of operations moves a row when its place in time changes. */
export const tableActions = {
  state: ['GetItem', 'PutItem', 'UpdateItem', 'Query'],
  history: ['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query'],
} as const;

/** Both tables, each with the actions that are used on it. */
export function storeStatements(scope: IConstruct, store: StoreReference): PolicyStatement[] {
  const { region, stateTableName, historyTableName } = store;
  const table = (resourceName: string) =>
    arnOf(scope, { service: 'dynamodb', region, resource: 'table', resourceName });
  return [
    allow('State', dynamodb(tableActions.state), [table(stateTableName)]),
    allow('History', dynamodb(tableActions.history), [table(historyTableName)]),
  ];
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
  const secrets = of('secretsmanager').map((name) => secretArn(scope, name));
  const parameters = of('ssm').map((name) => parameterArn(scope, name));
  const isAny = secrets.length + parameters.length > 0;
  return [
    ...allowEach('Secrets', ['secretsmanager:GetSecretValue'], secrets),
    ...allowEach('Parameters', ['ssm:GetParameter'], parameters),
    ...allowEach('Decrypt', ['kms:Decrypt'], isAny ? decryptionKeyArns : []),
  ];
}

/** AWS ends the ARN of a secret with a hyphen and six characters ("What's in a Secrets Manager secret", ARN). */
function secretArn(scope: IConstruct, name: string): string {
  const [withoutKey = name] = name.split('#');
  const arn = withoutKey.startsWith('arn:')
    ? withoutKey
    : arnOf(scope, {
        service: 'secretsmanager',
        resource: 'secret',
        resourceName: withoutKey,
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      });
  return /-[A-Za-z0-9]{6}$/.test(arn) ? arn : `${arn}-??????`;
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
