import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';

const client = new DynamoDBClient({});

/** The least that a function with a table can be. */
export const handler = async (): Promise<unknown> =>
  await client.send(new GetItemCommand({ TableName: 'none', Key: { id: { S: 'none' } } }));
