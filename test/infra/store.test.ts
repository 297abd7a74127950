import { describe, expect, test } from '@jest/globals';
import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { WarrenStore, type WarrenStoreProps } from '../../infra/store.ts';
import { createApp, createStack, propertiesOf } from './support.ts';

const table = 'AWS::DynamoDB::GlobalTable';

function templateWith(props?: WarrenStoreProps, stack = createStack()): Template {
  new WarrenStore(stack, 'Store', props);
  return Template.fromStack(stack);
}

describe('the store', () => {
  test('is two tables that are kept, protected and can be restored to any second', () => {
    const template = templateWith();
    template.resourceCountIs(table, 2);
    for (const name of ['warren-state', 'warren-history'])
      template.hasResource(table, {
        DeletionPolicy: 'Retain',
        Properties: {
          TableName: name,
          BillingMode: 'PAY_PER_REQUEST',
          KeySchema: [
            { AttributeName: 'pk', KeyType: 'HASH' },
            { AttributeName: 'sk', KeyType: 'RANGE' },
          ],
          Replicas: [
            {
              DeletionProtectionEnabled: true,
              PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
              Region: 'eu-west-1',
            },
          ],
        },
      });
  });

  test('lets rows of history expire, and never state', () => {
    const [state, history] = propertiesOf(templateWith(), table).sort((one) =>
      one.TableName === 'warren-state' ? -1 : 1,
    );
    expect(history?.TimeToLiveSpecification).toEqual({ AttributeName: 'expiresAtS', Enabled: true });
    expect(state).not.toHaveProperty('TimeToLiveSpecification');
  });

  test('of three Regions is strongly consistent for state, and eventually for history', () => {
    const template = templateWith({ replicaRegions: ['eu-west-2', 'eu-west-3'] });
    const Replicas = Match.arrayWith([
      Match.objectLike({ Region: 'eu-west-2', DeletionProtectionEnabled: true }),
      Match.objectLike({ Region: 'eu-west-3' }),
    ]);
    template.hasResourceProperties(table, {
      TableName: 'warren-state',
      MultiRegionConsistency: 'STRONG',
      Replicas,
      TimeToLiveSpecification: Match.absent(),
    });
    template.hasResourceProperties(table, {
      TableName: 'warren-history',
      MultiRegionConsistency: Match.absent(),
      Replicas,
    });
  });

  test('may have a witness in place of a replica, which history does without', () => {
    const template = templateWith({ replicaRegions: ['eu-west-2'], witnessRegion: 'eu-west-3' });
    template.hasResourceProperties(table, {
      TableName: 'warren-state',
      GlobalTableWitnesses: [{ Region: 'eu-west-3' }],
    });
    template.hasResourceProperties(table, { TableName: 'warren-history', GlobalTableWitnesses: Match.absent() });
  });

  test('can be made to go with its stack', () => {
    templateWith({ removalPolicy: RemovalPolicy.DESTROY }).allResourcesProperties(table, {
      Replicas: [Match.objectLike({ DeletionProtectionEnabled: false })],
    });
  });

  test('names the tables beside a function, or else those at home', () => {
    const store = new WarrenStore(createStack(), 'Store', { prefix: 'mq', replicaRegions: ['eu-west-2', 'eu-west-3'] });
    expect(store.reference('eu-west-3')).toEqual({
      stateTableName: 'mq-state',
      historyTableName: 'mq-history',
      region: 'eu-west-3',
    });
    expect(store.reference('us-east-1').region).toBe('eu-west-1');
    expect(store.reference().region).toBe('eu-west-1');
  });

  test.each<[WarrenStoreProps, string]>([
    [{}, 'in eu-west-1 alone: they survive the loss of every other Region, and not of this one'],
    [{ replicaRegions: ['eu-west-2', 'eu-west-3'] }, 'any one of eu-west-1, eu-west-2, eu-west-3'],
    [{ replicaRegions: ['eu-west-2'], witnessRegion: 'eu-central-1' }, 'any one of eu-west-1, eu-west-2, eu-central-1'],
  ])('of %j says which loss it survives', (props, words) => {
    const [output] = Object.values(templateWith(props).findOutputs('*')) as { Value: string }[];
    expect(output?.Value).toContain(words);
  });

  test.each<[string, WarrenStoreProps]>([
    ['two Regions', { replicaRegions: ['eu-west-2'] }],
    ['four Regions', { replicaRegions: ['eu-west-2', 'eu-west-3', 'eu-central-1'] }],
    ['three replicas and a witness', { replicaRegions: ['eu-west-2', 'eu-west-3'], witnessRegion: 'eu-central-1' }],
    ['a witness alone', { witnessRegion: 'eu-west-2' }],
    ['Regions of two sets', { replicaRegions: ['eu-west-2', 'us-east-1'] }],
    ['one Region twice', { replicaRegions: ['eu-west-2', 'eu-west-1'] }],
    ['a Region of no set', { replicaRegions: ['eu-north-1', 'eu-west-2'] }],
  ])('refuses %s', (_what, props) => {
    expect(() => templateWith(props)).toThrow(/store: got eu-west-1, .* expected three different Regions of one set/);
  });

  test('refuses the Region of a primary, and the same for a replica, not for a witness', () => {
    const primaryRegions = ['eu-west-1'];
    expect(() => templateWith({ primaryRegions })).toThrow(/controlRegion: got eu-west-1, the Region of a primary/);
    const stack = new Stack(createApp(), 'Test', { env: { region: 'eu-west-2' } });
    const replicaRegions = ['eu-west-1', 'eu-west-3'];
    expect(() => templateWith({ primaryRegions, replicaRegions }, stack)).toThrow(/replicaRegions\[0\]: got eu-west-1/);
    const other = new Stack(createApp(), 'Test', { env: { region: 'eu-west-2' } });
    const witnessed = { primaryRegions, replicaRegions: ['eu-west-3'], witnessRegion: 'eu-west-1' };
    expect(() => templateWith(witnessed, other)).not.toThrow();
  });
});
