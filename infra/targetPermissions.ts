import { ArnFormat, Validations } from 'aws-cdk-lib';
import type { PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import { epochTagKey } from '../adapters/elbv2/epochTag.ts';
import { markerNameOf } from '../adapters/route53/marker.ts';
import type { Config } from '../core/model/config.ts';
import { type Elbv2TargetConfig, regionOf, steeredArn } from '../core/model/targets/elbv2.ts';
import { kindOf, type TargetConfig } from '../core/model/targets/index.ts';
import type { Route53TargetConfig } from '../core/model/targets/route53.ts';
import type { Route53HealthTargetConfig } from '../core/model/targets/route53Health.ts';
import { inParts } from './inParts.ts';
import { arnOf } from './names.ts';
import { allow, allowEach, listCharactersMax } from './permissions.ts';

/** To look where targets send traffic, or also to change it. */
export type Extent = 'read' | 'move';

/** What targets take, one by one. @throws Error for a kind whose permissions nobody has written down */
export function targetStatements(
  scope: IConstruct,
  { pairs }: Pick<Config, 'pairs'>,
  extent: Extent,
): PolicyStatement[] {
  const targets = pairs.flatMap((pair) => pair.targets);
  targets.forEach(requireKnown);
  return [
    ...route53Statements(
      scope,
      targets.flatMap(({ route53 }) => route53 ?? []),
      extent,
    ),
    ...switchStatements(
      scope,
      targets.flatMap((target) => target['route53-health'] ?? []),
      extent,
    ),
    ...elbv2Statements(
      targets.flatMap(({ elbv2 }) => elbv2 ?? []),
      extent,
    ),
  ];
}

/** HAProxy and DNS servers ask for a password or a key of their own, not for IAM. */
function requireKnown(target: TargetConfig): void {
  const kind = kindOf(target);
  if (!['haproxy', 'dns', 'route53', 'route53-health', 'elbv2'].includes(kind))
    throw new Error(`infra/targetPermissions.ts does not know what a target of the kind ${kind} needs`);
}

function route53Statements(scope: IConstruct, targets: Route53TargetConfig[], extent: Extent): PolicyStatement[] {
  if (targets.length === 0) return [];
  const zones = targets.map(({ zone }) => route53Arn(scope, 'hostedzone', zone));
  const read = allowEach('ReadRecords', ['route53:ListResourceRecordSets'], zones);
  if (extent === 'read') return read;
  const alike = Object.values(Object.groupBy(targets, ({ zone, type }) => `${zone} ${type}`));
  return [
    ...read,
    ...alike.flatMap((group = []) => recordStatements(scope, group)),
    allow('FollowChanges', ['route53:GetChange'], [route53Arn(scope, 'change', '*')]),
  ];
}

/**
 * Changes to records of one zone and one type, and to their markers. A batch deletes and creates and never upserts, so that one
 * made from what is no longer true is refused ("Using IAM policy conditions for fine-grained access control to manage resource
 * record sets"). Named together they allow no name a type that it had not before, and take a quarter of the room.
 */
function recordStatements(scope: IConstruct, targets: Route53TargetConfig[]): PolicyStatement[] {
  const [{ zone, type } = { zone: '', type: 'A' }] = targets;
  const pairsOfNames = targets.map((target) => [target.record, markerNameOf(target)].map(normalized));
  return inParts(pairsOfNames, listCharactersMax).map((names) => {
    const statement = allow('', ['route53:ChangeResourceRecordSets'], [route53Arn(scope, 'hostedzone', zone)]);
    statement.addCondition('ForAllValues:StringEquals', {
      'route53:ChangeResourceRecordSetsNormalizedRecordNames': [...new Set(names.flat())],
      'route53:ChangeResourceRecordSetsRecordTypes': [type, 'TXT'],
      'route53:ChangeResourceRecordSetsActions': ['CREATE', 'DELETE'],
    });
    return statement;
  });
}

const normalized = (name: string) => name.toLowerCase().replace(/\.$/, '');

function route53Arn(scope: IConstruct, resource: string, resourceName: string): string {
  return arnOf(scope, { service: 'route53', region: '', account: '', resource, resourceName });
}

/** The objects of the switches by their ARNs. S3 says that one is not there only to those who may list its bucket ("GetObject"). */
function switchStatements(scope: IConstruct, targets: Route53HealthTargetConfig[], extent: Extent): PolicyStatement[] {
  if (targets.length === 0) return [];
  const copies = targets.flatMap((target) => target.copies);
  const s3 = { service: 's3', region: '', account: '' };
  const objects = copies.map(({ bucket, key }) => arnOf(scope, { ...s3, resource: bucket, resourceName: key }));
  const buckets = copies.map(({ bucket }) =>
    arnOf(scope, { ...s3, resource: bucket, arnFormat: ArnFormat.NO_RESOURCE_NAME }),
  );
  const read = [
    ...allowEach('ReadSwitch', ['s3:GetObject'], objects),
    ...allowEach('SeeThatThereIsNone', ['s3:ListBucket'], buckets),
  ];
  return extent === 'read' ? read : [...read, ...allowEach('SetSwitch', ['s3:PutObject'], objects)];
}

/** Elastic Load Balancing lets nobody be kept to some things when they look, only when they change. */
function elbv2Statements(targets: Elbv2TargetConfig[], extent: Extent): PolicyStatement[] {
  if (targets.length === 0) return [];
  const look = ['DescribeListeners', 'DescribeRules', 'DescribeTags', 'DescribeTargetHealth'];
  const read = allow('ReadListeners', elbv2(look), ['*']);
  read.addCondition('StringEquals', { 'aws:RequestedRegion': [...new Set(targets.map(steeredArn).map(regionOf))] });
  if (extent === 'read') return [read];
  const listeners = targets.flatMap(({ listener }) => listener ?? []);
  const rules = targets.flatMap(({ rule }) => rule ?? []);
  const tags = allowEach('TagEpoch', elbv2(['AddTags']), [...listeners, ...rules]);
  for (const tag of tags) tag.addCondition('ForAllValues:StringEquals', { 'aws:TagKeys': [epochTagKey] });
  return [
    read,
    ...allowEach('MoveListeners', elbv2(['ModifyListener']), listeners),
    ...allowEach('MoveRules', elbv2(['ModifyRule']), rules),
    ...tags,
  ];
}

const elbv2 = (actions: string[]) => actions.map((action) => `elasticloadbalancing:${action}`);

/** Says why some of these have no narrower resource, and only where they are there. */
export function acknowledgeTargets(role: Role, { pairs }: Pick<Config, 'pairs'>, extent: Extent): void {
  const targets = pairs.flatMap((pair) => pair.targets);
  const acknowledge = (resource: string, reason: string) =>
    Validations.of(role).acknowledge({ id: `AwsSolutions-IAM5[Resource::${resource}]`, reason });
  if (extent === 'move' && targets.some(({ route53 }) => route53))
    for (const partition of ['aws', '<AWS::Partition>'])
      acknowledge(
        `arn:${partition}:route53:::change/*`,
        'Route 53 names a change when it is made, and says of it only whether it has spread.',
      );
  if (targets.some(({ elbv2 }) => elbv2))
    acknowledge('*', 'Descriptions of load balancers cannot be kept to some of them; they are kept to their Regions.');
}
