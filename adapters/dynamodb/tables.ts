import {
  CreateTableCommand,
  type CreateTableCommandInput,
  type DynamoDBClient,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { expiryAttribute, keys } from './layout.ts';

const createdWithinS = 60;

/**
 * Creates the two tables, billed per request, and waits until they can be used: for tests and local set-ups. On AWS,
 * infrastructure code creates them by the same layout.
 */
export async function createTables(
  client: DynamoDBClient,
  names: { stateTable: string; historyTable: string },
): Promise<void> {
  for (const name of [names.stateTable, names.historyTable]) {
    await client.send(new CreateTableCommand(schemaOf(name)));
    await waitUntilTableExists(
      { client, maxWaitTime: createdWithinS, minDelay: 0.1, maxDelay: 1 },
      { TableName: name },
    );
  }
  await expireRows(client, names.historyTable);
}

function schemaOf(name: string): CreateTableCommandInput {
  return {
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [
      { AttributeName: keys.partition, KeyType: 'HASH' },
      { AttributeName: keys.sort, KeyType: 'RANGE' },
    ],
    AttributeDefinitions: Object.values(keys).map((name) => ({ AttributeName: name, AttributeType: 'S' })),
  };
}

async function expireRows(client: DynamoDBClient, table: string): Promise<void> {
  const specification = { AttributeName: expiryAttribute, Enabled: true };
  try {
    await client.send(new UpdateTimeToLiveCommand({ TableName: table, TimeToLiveSpecification: specification }));
  } catch (error) {
    // dynalite does not know it, and needs it no more than any table of a test does.
    if ((error as Error).name !== 'UnknownOperationException') throw error;
  }
}
