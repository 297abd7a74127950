import { DescribeTimeToLiveCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { expiryAttribute } from '../../../adapters/dynamodb/layout.ts';
import { describeStoreContract } from '../../contracts/store.ts';
import {
  clientOf,
  type DynamodbServer,
  hasJava,
  javaVersionMin,
  newTables,
  startDynalite,
  startDynamodbLocal,
} from '../../support/aws/dynamodb.ts';
import { openStore, useCredentials } from './place.ts';

useCredentials();
describeOn('dynalite', startDynalite);

const java = hasJava();
if (java) describeOn('DynamoDB Local', startDynamodbLocal);
else if (process.env.CI === 'true')
  test(`DynamoDB Local has the Java that it needs: ${javaVersionMin} or later`, () => expect(java).toBe(true));
else test.skip(`the store on DynamoDB Local: skipped, this machine has no Java ${javaVersionMin} or later`, () => {});

function describeOn(name: string, start: () => Promise<DynamodbServer>): void {
  describe(name, () => {
    let server: DynamodbServer;
    beforeAll(async () => {
      server = await start();
    }, 60_000);
    afterAll(() => server?.close());

    test('the tables have their keys, and the history table its expiry', async () => {
      const names = await newTables(server.url, 'layout');
      const client = clientOf(server.url);
      const command = new DescribeTimeToLiveCommand({ TableName: names.historyTable });
      const { TimeToLiveDescription: found } = await client.send(command);
      client.destroy();
      // dynalite knows no expiry.
      if (name !== 'dynalite') expect(found).toEqual({ TimeToLiveStatus: 'ENABLED', AttributeName: expiryAttribute });
    });

    describeStoreContract(`the DynamoDB store on ${name}`, async () => {
      const tables = await newTables(server.url, 'contract');
      return { open: () => openStore({ ...tables, endpoint: server.url }), remove: () => {} };
    });
  });
}
